import { describe, expect, test } from '@jest/globals';
import { newId } from '#contracts';
import { Deliverer } from '#delivery';
import { createLogger } from '#runtime';
import { counts, learnAll, learning, panel, past, table } from '../../support/learned-routes.js';
import { smsUser } from '../../support/sms-user.js';

describe('a code counts for its route', () => {
  /** Sent by one route, just now; then it is five minutes ago. */
  async function send(deviceId: string, name: string): Promise<string> {
    const [delivery] = await panel.sql<{ id: string }>(
      `select id from delivery where device_id = $1 and status = 'queued' order by id desc limit 1`,
      [deviceId],
    );
    const id = delivery?.id ?? '';
    const deliverer = new Deliverer({
      database: panel.database,
      sealer: panel.sealer,
      routes: table(undefined, name),
      logger: createLogger('test', { write: () => undefined }),
    });
    await deliverer.deliver(id);
    return id;
  }
  async function age(): Promise<void> {
    const deliveries = await panel.sql<{ id: string; created: Date }>('select id, created_at as created from delivery');
    for (const { id, created } of deliveries) {
      const older = newId('delivery', created.getTime() - 300_000);
      await panel.sql(
        `with old as (delete from delivery where id = $1 returning *),
         attempt as (select t.* from delivery_attempt t where t.delivery_id = $1),
         made as (
           insert into delivery (id, tenant_id, user_id, device_id, challenge_id, channel, kind, country, status, fence, provider, created_at, expires_at)
           select $2, tenant_id, user_id, device_id, challenge_id, channel, kind, country, status, fence, provider,
             created_at - interval '5 minutes', expires_at - interval '5 minutes' from old
         )
         insert into delivery_attempt (delivery_id, number, provider, started_at, outcome)
         select $2, number, provider, started_at - interval '5 minutes', outcome from attempt`,
        [id, older],
      );
    }
    await panel.sql(`update challenge set ended_at = ended_at - interval '5 minutes'`);
    await panel.sql(`update device set verified_at = verified_at - interval '5 minutes'`);
  }
  const enter = async (challengeId: string, deviceId: string, code: string) =>
    expect((await panel.call('POST', `/v1/challenges/${challengeId}/verify`, { deviceId, code })).status).toBe(200);

  test('where it verified a device, or approved a challenge of its device, and not where another way did', async () => {
    const phone = '+31612345701';
    const user = await panel.user();
    const { id: deviceId } = (await panel.call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone }))
      .body;
    // Enrolment.
    const enrolment = await panel.sentCode(deviceId);
    await send(deviceId, 'a');
    await panel.call('POST', `/v1/devices/${deviceId}/verify`, { code: enrolment });
    await age();
    // A login.
    await panel.passMinute();
    const login = await panel.challenge(user);
    const code = await panel.sentCode(deviceId);
    await send(deviceId, 'b');
    await enter(login, deviceId, code);
    await age();
    // A login whose code nobody entered: a recovery code did it.
    await panel.passMinute();
    const other = await panel.challenge(user);
    await send(deviceId, 'c');
    const [pool] = (await panel.call('POST', `${user.path}/recovery-codes`, {})).body.codes ?? [];
    await panel.sql(
      `update challenge set status = 'approved', approved_device_id = null, ended_at = now() where id = $1`,
      [other],
    );
    expect(pool).toBeUndefined();
    await age();

    await learnAll(learning(table()));
    expect(await counts()).toEqual({ a: [1, 1], b: [1, 1], c: [1, 0] });
  });

  test('of a code that was sent twice, the last message before the entry has it; only the first is judged', async () => {
    const { deviceId, ...user } = await smsUser(panel, panel.call);
    await panel.sql('delete from delivery');
    await panel.passMinute();
    const login = await panel.challenge(user);
    const code = await panel.sentCode(deviceId);
    await send(deviceId, 'a');
    await panel.passMinute();
    expect((await panel.call('POST', `/v1/challenges/${login}/codes`, { deviceId })).status).toBe(202);
    await send(deviceId, 'b');
    await enter(login, deviceId, code);
    await age();
    await learnAll(learning(table()));
    expect(await counts()).toEqual({ a: [1, 0], b: [0, 0], c: [0, 0] });
  });

  test('entered two minutes after it was sent, it is too late; a younger one is not asked about yet', async () => {
    await past({ route: 'a', count: 10, entered: 10, entrySeconds: 110, minutesAgo: 20 });
    await past({ route: 'b', count: 10, entered: 10, entrySeconds: 130, minutesAgo: 20 });
    await past({ route: 'c', count: 10, entered: 10, minutesAgo: 0.5 });
    await learnAll(learning(table()));
    expect(await counts()).toEqual({ a: [10, 10], b: [10, 0], c: [0, 0] });
  });
});
