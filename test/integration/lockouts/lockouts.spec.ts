import { describe, expect, test } from '@jest/globals';
import { call, panel } from '../../support/described-panel.js';
import { totp, wrongTotp } from '../../support/gateway-harness.js';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('lockouts', () => {
  test('double from 30 s to an hour, and disable at the end', async () => {
    const user = await panel.totpUser();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { lockout: { disableAt: 13 } });
    const wait = async (wrongBefore: number) => {
      await panel.sql('update device set wrong_codes = $2, locked_until = null where id = $1', [
        user.deviceId,
        wrongBefore,
      ]);
      const id = await panel.challenge(user);
      const { body } = await call('POST', `/v1/challenges/${id}/verify`, {
        deviceId: user.deviceId,
        code: wrongTotp(user.secret),
      });
      return body.lockedUntil === undefined ? 0 : Math.round((Date.parse(body.lockedUntil) - Date.now()) / 1000);
    };
    for (const [wrong, seconds] of [
      [3, 0],
      [4, 30],
      [5, 60],
      [6, 120],
      [9, 960],
      [10, 1920],
      [11, 3600],
    ] as const) {
      expect(Math.abs((await wait(wrong)) - seconds)).toBeLessThanOrEqual(2);
    }
    expect(await wait(12)).toBe(0);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body).toMatchObject({
      status: 'disabled',
      lockedUntil: null,
    });
    const { data } = (await call('GET', `${user.path}/lockouts`)).body;
    expect(data.map(({ wrongCodes }: { wrongCodes: number }) => wrongCodes)).toEqual([12, 11, 10, 7, 6, 5]);
  });

  test('are lifted by an administrator: counters start anew, a disabled device stays so', async () => {
    const user = await panel.totpUser();
    await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
    const id = await panel.challenge(user);
    await call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) });
    expect((await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) })).status).toBe(429);
    expect((await call('DELETE', `${user.path}/lockouts`)).status).toBe(204);
    expect((await call('DELETE', `${user.path}/lockouts`)).status).toBe(204);
    expect((await call('GET', `${user.path}/lockouts`)).body.data).toMatchObject([{ wrongCodes: 5, endedAt: time }]);
    expect(await call('POST', `/v1/challenges/${id}/verify`, { code: wrongTotp(user.secret) })).toMatchObject({
      body: { attemptsLeft: 3 },
    });
    expect(await call('POST', `/v1/challenges/${id}/verify`, { code: totp(user.secret) })).toMatchObject({
      status: 200,
    });
    const events = await panel.sql<{ data: unknown }>(
      `select data from event where type = 'lockout.ended' and user_id = $1`,
      [user.userId],
    );
    expect(events).toMatchObject([{ data: { reason: 'lifted', subject: 'device', deviceId: user.deviceId } }]);

    await panel.sql(`update device set status = 'disabled', wrong_codes = 50 where id = $1`, [user.deviceId]);
    await call('DELETE', `${user.path}/lockouts`);
    expect((await call('GET', `/v1/devices/${user.deviceId}`)).body.status).toBe('disabled');
  });
});
