import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { statementChannel } from '#persistence';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import { eagerTenant, panel, smsUser } from '../../support/eager-tenants.js';
import { countersOf, countEvents, inParallel, startOther, tally, type OtherGateway } from '../../support/parallel.js';

/** Many people at the same moment, in two gateways: their calls share statements and nothing else. */

const people = 40;
let other: OtherGateway;

/** The one at a place, counted round and round. */
function of<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('An empty list.');
  return found;
}

/** Calls of one gateway, of the other one, and so on. */
const call = (index: number, ...args: Parameters<OtherGateway['call']>) =>
  (index % 2 === 0 ? panel : other).call(...args);

const verify = (index: number, challenge: string | undefined, code: string) =>
  call(index, 'POST', `/v1/challenges/${challenge}/verify`, { code });

/** @returns what `work` gives, and how many calls of a statement went together */
async function together<T>(name: string, work: () => Promise<T>): Promise<{ result: T; statements: number }> {
  let statements = 0;
  const count = (each: unknown) => void (statements += Number(each === `${name}-together`));
  statementChannel.subscribe(count);
  const result = await work().finally(() => statementChannel.unsubscribe(count));
  return { result, statements };
}

describe('calls of two gateways at the same moment', () => {
  beforeAll(async () => {
    other = await startOther(panel, 16);
  });
  afterAll(() => other.stop());

  test('T01 of forty people who each enter one code twice, each is let in once', async () => {
    const users = await inParallel(people, () => panel.totpUser(), 8);
    const challenges = await inParallel(2 * people, (index) => panel.challenge(of(users, index)), 8);
    const { result, statements } = await together('challenge.totp-approve', () =>
      Promise.all(
        challenges.map((challenge, index) =>
          verify(index < people || index % 3 > 0 ? index : index + 1, challenge, totp(of(users, index).secret)),
        ),
      ),
    );
    expect(statements).toBeGreaterThan(0);
    expect(tally(result)).toEqual({ '200': people, '422 code_already_used': people });
    for (const [index, user] of users.entries()) {
      expect(tally([of(result, index), of(result, index + people)])).toEqual({ '200': 1, '422 code_already_used': 1 });
      expect(await countEvents(panel, user.userId, 'challenge.approved')).toBe(1);
      expect(await countEvents(panel, user.userId, 'challenge.replayed')).toBe(1);
      const approved = [result[index], result[index + people]].find((answer) => answer?.status === 200);
      expect(approved?.body.proof).toBeDefined();
    }
  });

  test('T02 of forty people who enter wrong codes twice, each is charged for their own', async () => {
    const users = await inParallel(people, () => panel.totpUser(), 8);
    const challenges = await inParallel(people, (index) => panel.challenge(of(users, index)), 8);
    const { result, statements } = await together('challenge.verify-charge', () =>
      Promise.all(
        [...challenges, ...challenges].map((challenge, index) =>
          verify(index, challenge, wrongTotp(of(users, index).secret)),
        ),
      ),
    );
    expect(statements).toBeGreaterThan(0);
    expect(tally(result)).toEqual({ '422 code_invalid': 2 * people });
    for (const [index, { deviceId, userId }] of users.entries()) {
      const left = [result[index], result[index + people]].map((answer) => answer?.body.attemptsLeft);
      expect(left.toSorted()).toEqual([3, 4]);
      expect(await countersOf(panel, deviceId)).toMatchObject({ wrongCodes: 2 });
      expect(await countEvents(panel, userId, 'challenge.rejected')).toBe(2);
    }
  });

  test('T17 of forty people who ask at once, each gets their own code, and those who have no SMS left get none', async () => {
    const tenant = await eagerTenant();
    const users = await inParallel(people, (index) => smsUser(tenant, `+316123405${String(10 + index)}`), 4);
    const spent = users.filter((_, index) => index % 4 === 0).map(({ deviceId }) => deviceId);
    const used = await panel.sql(
      `update send_window set sent = 15 where key in (select quota_key from device where id = any ($1)) returning sent`,
      [spent],
    );
    expect(used).toHaveLength(spent.length);
    const { result, statements } = await together('challenge.create-and-send', () =>
      Promise.all(users.map(({ accountId, userId }) => tenant.call('POST', '/v1/challenges', { accountId, userId }))),
    );
    expect(statements).toBeGreaterThan(0);
    expect(tally(result)).toEqual({ '201': people });
    for (const [index, { deviceId, userId }] of users.entries()) {
      const { id, send } = of(result, index).body.challenge;
      const [row] = await panel.sql<{ challenge: string }>(
        `select challenge_id as challenge from delivery where device_id = $1 and challenge_id is not null`,
        [deviceId],
      );
      if (spent.includes(deviceId)) {
        expect(send).toMatchObject({ code: 'sms_quota_exceeded' });
        expect(row).toBeUndefined();
        continue;
      }
      expect(send).toMatchObject({ deviceId, quota: { used: 2, limit: 15 } });
      expect(row?.challenge).toBe(id);
      expect(await countEvents(panel, userId, 'code.requested')).toBe(2);
      const code = await panel.sentCode(deviceId);
      expect((await tenant.call('POST', `/v1/challenges/${id}/verify`, { code })).status).toBe(200);
    }
  });
});
