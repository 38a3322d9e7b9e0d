import { describe, expect, test } from '@jest/globals';
import { totp, wrongTotp, type TestUser } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countEvents, inParallel, raceBehind, tally } from '../../support/parallel.js';
import { addApp, check, devicesOf, holdChallenge, panel, remove } from '../../support/opposed-calls.js';
import { statementsOf } from '../../support/statements-of.js';

const holdUser = ({ userId }: TestUser) => ({
  text: 'select from app_user where external_id = $1 for update',
  values: [userId],
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
