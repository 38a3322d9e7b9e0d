import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { statementChannel } from '#persistence';
import {
  startPanel,
  totp,
  wrongTotp,
  type EnrolledTotp,
  type TestPanel,
  type TestUser,
} from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countersOf, countEvents, inParallel, raceBehind, tally } from '../../support/parallel.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

/** Another authenticator app of the user. */
async function addApp(user: EnrolledTotp): Promise<{ deviceId: string; secret: string }> {
  const proof = await panel.proof(user, 'add_device');
  const device = await panel.call(
    'POST',
    `${user.path}/devices`,
    { method: 'totp', name: 'Second' },
    { 'sallyport-proof': proof },
  );
  expect(device.status).toBe(201);
  const { secret } = device.body.totp;
  const verified = await panel.call('POST', `/v1/devices/${device.body.id}/verify`, { code: totp(secret, -1) });
  expect(verified.status).toBe(200);
  return { deviceId: device.body.id, secret };
}

const remove = (deviceId: string, proof: string) =>
  panel.call('DELETE', `/v1/devices/${deviceId}`, undefined, { 'sallyport-proof': proof });

const check = (challenge: string, body: object) => panel.call('POST', `/v1/challenges/${challenge}/verify`, body);

const holdUser = ({ userId }: TestUser) => ({
  text: 'select from app_user where external_id = $1 for update',
  values: [userId],
});
const holdPool = ({ userId }: TestUser) => ({
  text: 'select from recovery_pool p join app_user u on u.id = p.user_id where u.external_id = $1 for update of p',
  values: [userId],
});
const holdChallenge = (id: string) => ({ text: 'select from challenge where id = $1 for update', values: [id] });

/** Names of the statements that ran meanwhile. One that PostgreSQL gives up to end a deadlock is run again. */
async function statementsOf(work: () => Promise<void>): Promise<string[]> {
  const names: string[] = [];
  const listen = (name: unknown) => void names.push(String(name));
  statementChannel.subscribe(listen);
  try {
    await work();
  } finally {
    statementChannel.unsubscribe(listen);
  }
  // API keys are looked up anew every five seconds.
  return names.filter((name) => name !== '' && name !== 'authenticate-api-key');
}

async function devicesOf(user: TestUser) {
  const { body } = await panel.call('GET', `${user.path}/devices`);
  return body.data as { id: string; status: string; isDefault: boolean }[];
}

describe('recovery codes', () => {
  test('T30 the last recovery code in 100 parallel checks is accepted once', async () => {
    const user = await panel.totpUser();
    for (const code of user.recoveryCodes.slice(1)) {
      expect((await check(await panel.challenge(user), { recoveryCode: code })).status).toBe(200);
    }
    const challenges = await inParallel(100, () => panel.challenge(user), 16);
    const recoveryCode = user.recoveryCodes[0];
    const answers = await inParallel(100, (index) => check(challenges[index] ?? '', { recoveryCode }), 100);
    const counts = tally(answers);
    expect(counts['200']).toBe(1);
    expect(answers.find(({ status }) => status === 200)?.body.recoveryCodesLeft).toBe(0);
    expect(Object.keys(counts).toSorted()).toEqual(['200', '422 recovery_code_invalid']);
    expect(await countEvents(panel, user.userId, 'recovery_code.used')).toBe(10);
    expect((await panel.call('GET', `${user.path}/recovery-codes`)).body.left).toBe(0);
  });

  test('T30 two recovery codes at once are both accepted, and each answer counts what is left', async () => {
    const user = await panel.totpUser();
    const challenges = await inParallel(2, () => panel.challenge(user));
    const answers = await raceBehind(panel, holdPool(user), {
      waiting: 2,
      start: () => challenges.map((id, index) => check(id, { recoveryCode: user.recoveryCodes[index] })),
    });
    expect(tally(answers)).toEqual({ '200': 2 });
    expect(answers.map(({ body }) => body.recoveryCodesLeft).toSorted()).toEqual([8, 9]);
  });

  test('T30 a new set against the check of a code of the old one: the new one is whole', async () => {
    const user = await panel.totpUser();
    const spent = await check(await panel.challenge(user), { recoveryCode: user.recoveryCodes[0] });
    expect(spent.body.recoveryCodesLeft).toBe(9);
    const proof = await panel.proof(user, 'regenerate_recovery_codes');
    const challenge = await panel.challenge(user);
    const answers = await raceBehind(panel, holdPool(user), {
      waiting: 2,
      start: () => [
        panel.call('POST', `${user.path}/recovery-codes`, {}, { 'sallyport-proof': proof }),
        check(challenge, { recoveryCode: user.recoveryCodes[1] }),
      ],
    });
    expect(answers[0]?.status).toBe(201);
    expect((await panel.call('GET', `${user.path}/recovery-codes`)).body.left).toBe(10);
  });

  test('T30 two new sets at once leave one whole set', async () => {
    const user = await panel.totpUser();
    const purpose = 'regenerate_recovery_codes';
    const proofs = [await panel.proof(user, purpose), await panel.proof(user, purpose)];
    const answers = await raceBehind(panel, holdPool(user), {
      waiting: 2,
      start: () =>
        proofs.map((proof) => panel.call('POST', `${user.path}/recovery-codes`, {}, { 'sallyport-proof': proof })),
    });
    expect(tally(answers)).toEqual({ '201': 2 });
    expect((await panel.call('GET', `${user.path}/recovery-codes`)).body.left).toBe(10);
    const accepted: number[] = [];
    for (const codes of [...answers.map(({ body }) => body.recoveryCodes as string[]), user.recoveryCodes]) {
      let good = 0;
      for (const recoveryCode of codes) {
        if ((await check(await panel.challenge(user), { recoveryCode })).status === 200) good += 1;
        await panel.sql('update recovery_pool set wrong_codes = 0');
      }
      accepted.push(good);
    }
    expect(accepted.slice(0, 2).toSorted((a, b) => a - b)).toEqual([0, 10]);
    expect(accepted[2]).toBe(0);
  });
});

describe('devices', () => {
  test('of the last two devices removed at once one remains', async () => {
    const user = await panel.totpUser();
    const second = await addApp(user);
    const proofs = [await panel.proof(user, 'remove_device'), await panel.proof(user, 'remove_device')];
    const answers = await raceBehind(panel, holdUser(user), {
      waiting: 2,
      start: () => [user.deviceId, second.deviceId].map((id, index) => remove(id, proofs[index] ?? '')),
    });
    expect(tally(answers)).toEqual({ '204': 1, '409 last_device': 1 });
    const left = await devicesOf(user);
    expect(left).toMatchObject([{ status: 'verified', isDefault: true }]);
  });

  test('a removal against checks of the device: it is approved before or unknown after', async () => {
    for (let round = 0; round < 10; round += 1) {
      const user = await panel.totpUser();
      const second = await addApp(user);
      const proof = await panel.proof(user, 'remove_device');
      const challenges = await inParallel(4, () => panel.challenge(user));
      await panel.sql('update device set last_used_step = null where id = $1', [second.deviceId]);
      const body = { deviceId: second.deviceId, code: totp(second.secret) };
      const [removed, ...checks] = await Promise.all([
        remove(second.deviceId, proof),
        ...challenges.map((id) => check(id, body)),
      ]);
      expect(removed?.status).toBe(204);
      for (const answer of checks) expect([200, 404, 422]).toContain(answer.status);
      expect(checks.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
      expect(await devicesOf(user)).toHaveLength(1);
      const late = await check(challenges[0] ?? '', body);
      expect([404, 409]).toContain(late.status);
    }
  });

  test('a check that was under way when its device was removed says that there is no such device', async () => {
    const user = await panel.totpUser();
    const second = await addApp(user);
    const proof = await panel.proof(user, 'remove_device');
    const challenge = await panel.challenge(user);
    const answers = await raceBehind(
      panel,
      { text: 'select from device where id = $1 for update', values: [second.deviceId] },
      { waiting: 1, start: () => [remove(second.deviceId, proof)] },
      { waiting: 2, start: () => [check(challenge, { deviceId: second.deviceId, code: wrongTotp(second.secret) })] },
    );
    expect(tally(answers)).toEqual({ '204': 1, '404 not_found': 1 });
    expect(await countEvents(panel, user.userId, 'challenge.rejected')).toBe(0);
  });

  test('a removal against the wrong code that locks the device: no deadlock', async () => {
    const user = await panel.totpUser();
    const second = await addApp(user);
    const proof = await panel.proof(user, 'remove_device');
    const challenge = await panel.challenge(user);
    await panel.sql('update device set wrong_codes = 4 where id = $1', [second.deviceId]);
    // The check holds the device and waits for the challenge; the removal holds the user and waits for the device.
    const names = await statementsOf(async () => {
      const answers = await raceBehind(
        panel,
        holdChallenge(challenge),
        { waiting: 1, start: () => [check(challenge, { deviceId: second.deviceId, code: wrongTotp(second.secret) })] },
        { waiting: 2, start: () => [remove(second.deviceId, proof)] },
      );
      expect(tally(answers)).toEqual({ '422 code_invalid': 1, '204': 1 });
    });
    expect(names.toSorted()).toEqual([
      'challenge.verify-charge',
      'challenge.verify-read',
      'device.find',
      'device.remove',
    ]);
  });

  test('a resend against the check of the same enrolment: no deadlock', async () => {
    const user = await panel.user();
    const phone = '+31612340401';
    const device = await panel.call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone });
    const { id } = device.body;
    const code = await panel.sentCode(id);
    await panel.passMinute();
    // The resend holds the device and waits for the quota; the check holds the user and waits for the device.
    const names = await statementsOf(async () => {
      const answers = await raceBehind(
        panel,
        { text: 'select from send_window for update', values: [] },
        { waiting: 1, start: () => [panel.call('POST', `/v1/devices/${id}/codes`)] },
        { waiting: 2, start: () => [panel.call('POST', `/v1/devices/${id}/verify`, { code })] },
      );
      expect(tally(answers)).toEqual({ '202': 1, '200': 1 });
    });
    expect(names.toSorted()).toEqual(['device.find', 'device.resend', 'device.verify-charge', 'device.verify-read']);
  });

  test('two enrolments of one user proved at once: one is the first, the other has gone', async () => {
    const user = await panel.user();
    const devices = await inParallel(2, () =>
      panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' }),
    );
    const answers = await raceBehind(panel, holdUser(user), {
      waiting: 2,
      start: () =>
        devices.map(({ body }) =>
          panel.call('POST', `/v1/devices/${body.id}/verify`, { code: totp(body.totp.secret) }),
        ),
    });
    expect(tally(answers)).toEqual({ '200': 1, '404 not_found': 1 });
    const first = answers.find(({ status }) => status === 200);
    expect(first?.body).toMatchObject({ status: 'verified', isDefault: true });
    expect(first?.body.recoveryCodes).toHaveLength(10);
    expect(await devicesOf(user)).toMatchObject([{ id: first?.body.id, isDefault: true }]);
    expect((await panel.call('GET', `${user.path}/recovery-codes`)).body.left).toBe(10);
    expect(await countEvents(panel, user.userId, 'two_factor.enabled')).toBe(1);
  });

  test('an enrolment begun while the first device is being proved is ended by it too', async () => {
    const user = await panel.user();
    const begin = () => panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    const prove = ({ body }: Answer) =>
      panel.call('POST', `/v1/devices/${body.id}/verify`, { code: totp(body.totp.secret) });
    const first = await begin();
    // The second is not there yet when the first one's statement begins, and is looked at before that one ends.
    const answers = await raceBehind(
      panel,
      { text: 'select from app_user where external_id = $1 for no key update', values: [user.userId] },
      { waiting: 1, start: () => [prove(first)] },
      { waiting: 2, start: () => [begin().then(prove)] },
    );
    expect(tally(answers)).toEqual({ '200': 1, '404 not_found': 1 });
    // Beside a verified device, another one takes a proof.
    expect((await devicesOf(user)).filter(({ status }) => status === 'verified')).toHaveLength(1);
    expect(await countEvents(panel, user.userId, 'two_factor.enabled')).toBe(1);
    expect(await countEvents(panel, user.userId, 'recovery_codes.generated')).toBe(1);
  });

  test('two devices made the default at once: one is', async () => {
    const user = await panel.totpUser();
    const second = await addApp(user);
    const third = await addApp(user);
    const answers = await raceBehind(panel, holdUser(user), {
      waiting: 2,
      start: () =>
        [second, third].map(({ deviceId }) => panel.call('PATCH', `/v1/devices/${deviceId}`, { isDefault: true })),
    });
    expect(tally(answers)).toEqual({ '200': 2 });
    expect((await devicesOf(user)).filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  test('erasing a user against the wrong code that locks: both end, nothing is left', async () => {
    const user = await panel.totpUser();
    const challenge = await panel.challenge(user);
    await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
    // The guess holds the device and comes to the user last, so the erasure must not begin with the user.
    const [guess, erased] = await raceBehind(
      panel,
      holdChallenge(challenge),
      { waiting: 1, start: () => [check(challenge, { code: wrongTotp(user.secret) })] },
      { waiting: 2, start: () => [panel.call('DELETE', user.path)] },
    );
    expect(erased?.status).toBe(204);
    expect([422, 404]).toContain(guess?.status);
    expect((await panel.call('GET', user.path)).status).toBe(404);
  });

  test('erasing a user against the removal of a device: both end', async () => {
    for (const order of ['removal first', 'erasure first']) {
      const user = await panel.totpUser();
      const second = await addApp(user);
      const proof = await panel.proof(user, 'remove_device');
      const starts = [() => [remove(second.deviceId, proof)], () => [panel.call('DELETE', user.path)]];
      const answers = await raceBehind(
        panel,
        { text: 'select from device where id = $1 for update', values: [second.deviceId] },
        ...(order === 'removal first' ? starts : starts.toReversed()).map((start, index) => ({
          waiting: index + 1,
          start,
        })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual(
        order === 'removal first' ? [204, 204] : [204, 404],
      );
      expect((await panel.call('GET', user.path)).status).toBe(404);
    }
  });

  test('erasing a user against a code on its way: both end', async () => {
    const user = await panel.user();
    const body = { method: 'sms', name: 'Phone', phone: '+31612340403' };
    const { id } = (await panel.call('POST', `${user.path}/devices`, body)).body;
    await panel.call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
    const challenge = await panel.challenge(user);
    await panel.passMinute();
    // The resend holds the challenge and comes to the user last, by the delivery's foreign key.
    const [sent, erased] = await raceBehind(
      panel,
      { text: 'select from send_window for update', values: [] },
      { waiting: 1, start: () => [panel.call('POST', `/v1/challenges/${challenge}/codes`, { deviceId: id })] },
      { waiting: 2, start: () => [panel.call('DELETE', user.path)] },
    );
    expect(erased?.status).toBe(204);
    expect([202, 404, 409]).toContain(sent?.status);
    expect(await panel.sql('select from delivery where device_id = $1', [id])).toEqual([]);
  });
});

describe('challenges', () => {
  test('a check against a cancel: one of them wins', async () => {
    const wins = { approved: 0, canceled: 0 };
    const user = await panel.totpUser();
    for (const order of ['check first', 'cancel first']) {
      const challenge = await panel.challenge(user);
      await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
      const checking = { start: () => [check(challenge, { code: totp(user.secret) })] };
      const canceling = { start: () => [panel.call('POST', `/v1/challenges/${challenge}/cancel`)] };
      const steps = order === 'check first' ? [checking, canceling] : [canceling, checking];
      const answers = await raceBehind(
        panel,
        holdChallenge(challenge),
        ...steps.map((step, index) => ({ ...step, waiting: index + 1 })),
      );
      expect(tally(answers)).toEqual({ '200': 1, '409 challenge_not_pending': 1 });
      const { status } = (await panel.call('GET', `/v1/challenges/${challenge}`)).body as {
        status: 'approved' | 'canceled';
      };
      wins[status] += 1;
      // A cancel that wins costs neither a step nor an attempt.
      const [device] = await panel.sql<{ step: number | null }>(
        'select last_used_step as step from device where id = $1',
        [user.deviceId],
      );
      expect(device?.step === null).toBe(status === 'canceled');
      expect((await countersOf(panel, user.deviceId)).wrongCodes).toBe(0);
    }
    expect(wins.approved + wins.canceled).toBe(2);
  });
});

describe('proofs', () => {
  const once = async (answers: Promise<Answer[]>, success: string) => {
    expect(tally(await answers)).toEqual({ [success]: 1, '422 proof_invalid': 19 });
  };

  test('T29 one proof in 20 parallel calls makes one set of recovery codes', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'regenerate_recovery_codes') };
    await once(
      inParallel(20, () => panel.call('POST', `${user.path}/recovery-codes`, {}, headers)),
      '201',
    );
    expect(await countEvents(panel, user.userId, 'recovery_codes.generated')).toBe(2);
  });

  test('T29 one proof in 20 parallel calls adds one device', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const body = { method: 'totp', name: 'Second' };
    await once(
      inParallel(20, () => panel.call('POST', `${user.path}/devices`, body, headers)),
      '201',
    );
    expect(await devicesOf(user)).toHaveLength(2);

    const phone = { method: 'sms', name: 'Phone', phone: '+31612340402' };
    const another = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    await once(
      inParallel(20, () => panel.call('POST', `${user.path}/devices`, phone, another)),
      '201',
    );
    const [sent] = await panel.sql(
      `select count(*)::int as n from delivery d join app_user u on u.id = d.user_id where u.external_id = $1`,
      [user.userId],
    );
    expect(sent).toEqual({ n: 1 });
  });

  test('T29 one proof removes one of several devices', async () => {
    const user = await panel.totpUser();
    const others = [await addApp(user), await addApp(user), await addApp(user)];
    const proof = await panel.proof(user, 'remove_device');
    const answers = await inParallel(20, (index) => remove(others[index % 3]?.deviceId ?? '', proof));
    const counts = tally(answers);
    expect(counts['204']).toBe(1);
    expect(await devicesOf(user)).toHaveLength(3);
    for (const { status } of answers) expect([204, 404, 422]).toContain(status);
  });
});
