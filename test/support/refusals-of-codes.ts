import { expect } from '@jest/globals';
import { totp, wrongTotp } from './gateway-harness.js';
import {
  type Refusal,
  call,
  challenge,
  enrollSms,
  panel,
  smsUser,
  soon,
  tenant,
  totpUser,
  userUnder,
  verify,
} from './refusing-gateway.js';

/** What is refused of codes, numbers and proofs, and what was asked too often. */

export const refusalsOfCodes: readonly Refusal[] = [
  {
    code: 'code_invalid',
    when: 'the code is wrong',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user), { code: wrongTotp(user.secret) });
    },
    words: 'This code is incorrect. Check it and try again.',
    shows: (body) => {
      expect(body.attemptsLeft).toBe(4);
      expect(body).not.toHaveProperty('lockedUntil');
    },
  },
  {
    code: 'code_invalid',
    when: 'it is the one that locks',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
      return verify(await challenge(user), { code: wrongTotp(user.secret) });
    },
    words: /incorrect/,
    shows: (body) => {
      expect(body.attemptsLeft).toBe(0);
      soon(body.lockedUntil, 30);
      expect(body.userMessage).toMatch(/^Too many wrong codes\. Try again in (30|29) seconds\.$/);
    },
  },
  {
    code: 'code_already_used',
    when: 'it is the one that locks',
    provoke: async () => {
      const user = await totpUser();
      const code = totp(user.secret);
      expect((await verify(await challenge(user), { code })).status).toBe(200);
      await panel.sql('update device set wrong_codes = 4 where id = $1', [user.deviceId]);
      return verify(await challenge(user), { code });
    },
    words: /used before/,
    shows: (body) => {
      soon(body.lockedUntil, 30);
      expect(body.userMessage).toMatch(/^Too many wrong codes/);
    },
  },
  {
    code: 'code_invalid',
    when: 'it is the one that disables',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql('update device set wrong_codes = 49 where id = $1', [user.deviceId]);
      return verify(await challenge(user), { code: wrongTotp(user.secret) });
    },
    words: /incorrect/,
    shows: (body) => {
      expect(body).not.toHaveProperty('lockedUntil');
      expect(body.userMessage).toMatch(/^This device was disabled/);
    },
  },
  {
    code: 'code_invalid',
    when: 'the phone shows what was right three steps ago',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user), { code: totp(user.secret, -3) });
    },
    words: /clock is set automatically/,
  },
  {
    code: 'code_invalid',
    when: 'the code is still to come: nothing may tell so',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user), { code: totp(user.secret, 3) });
    },
    words: 'This code is incorrect. Check it and try again.',
  },
  {
    code: 'code_invalid',
    when: 'an enrolment gets a wrong code',
    provoke: async () => {
      const { id, totp: shown } = (
        await call('POST', `${(await panel.user(tenant)).path}/devices`, { method: 'totp', name: 'App' })
      ).body;
      return call('POST', `/v1/devices/${id}/verify`, { code: wrongTotp(shown.secret) });
    },
    words: /incorrect/,
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'code_already_used',
    when: 'an app shows the code of the last login',
    provoke: async () => {
      const user = await totpUser();
      const code = totp(user.secret);
      expect((await verify(await challenge(user), { code })).status).toBe(200);
      return verify(await challenge(user), { code });
    },
    words: 'This code was used before. Wait until your app shows a new one.',
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'code_expired',
    when: 'a sent code is too old',
    provoke: async () => {
      const user = await smsUser();
      const id = await challenge(user);
      const code = await panel.sentCode(user.deviceId);
      await panel.sql('update code set expires_at = now() where subject_id = $1', [id]);
      return verify(id, { code });
    },
    words: /Request a new one/,
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'recovery_code_invalid',
    when: 'a recovery code is wrong',
    provoke: async () => verify(await challenge(await totpUser()), { recoveryCode: '0000-0000-0000-0000' }),
    words: /incorrect or was used before/,
    shows: (body) => expect(body.attemptsLeft).toBe(4),
  },
  {
    code: 'recovery_code_invalid',
    when: 'a recovery code was used',
    provoke: async () => {
      const user = await totpUser();
      const recoveryCode = user.recoveryCodes[0] ?? '';
      expect((await verify(await challenge(user), { recoveryCode })).body.recoveryCodesLeft).toBe(9);
      return verify(await challenge(user), { recoveryCode });
    },
    words: /used before/,
  },
  {
    code: 'phone_invalid',
    when: 'a number cannot be',
    provoke: async () => {
      const user = await panel.user(tenant);
      return call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: '06 12345678' });
    },
    words: /country code/,
  },
  {
    code: 'country_not_allowed',
    when: 'the policy leaves the country out',
    provoke: async () => {
      const user = await userUnder({ phone: { allowedCountries: ['NL', 'BE'] } });
      expect((await enrollSms(user)).status).toBe(201);
      return call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: '+44 7400 123456' });
    },
    words: /this country/,
  },
  {
    code: 'method_not_allowed',
    when: 'the policy leaves the method out',
    provoke: async () => enrollSms(await userUnder({ methods: { allowed: ['totp'] } })),
    words: /does not allow this method/,
  },
  {
    code: 'method_not_allowed',
    when: 'an app is to be sent a code',
    provoke: async () => {
      const user = await totpUser();
      return call('POST', `/v1/challenges/${await challenge(user)}/codes`, { deviceId: user.deviceId });
    },
    words: /generates its own codes/,
  },
  {
    code: 'method_not_allowed',
    when: 'a recovery code is to approve a transaction',
    provoke: async () => {
      const user = await totpUser();
      return verify(await challenge(user, { purpose: 'transaction' }), { recoveryCode: user.recoveryCodes[0] });
    },
    words: /one of your devices/,
  },
  {
    code: 'method_not_allowed',
    when: 'a service user is to have a device',
    provoke: async () => enrollSms(await userUnder({}, { kind: 'service' })),
    words: /service user/,
  },
  {
    code: 'proof_required',
    when: 'a device is added beside another without a proof',
    provoke: async () => enrollSms(await totpUser()),
    words: /"add_device" in the Sallyport-Proof header/,
  },
  {
    code: 'proof_invalid',
    when: 'the proof is none',
    provoke: async () =>
      call('POST', `${(await totpUser()).path}/recovery-codes`, undefined, { 'sallyport-proof': 'a.b.c' }),
    words: /is for something else/,
  },
  {
    code: 'idempotency_key_reused',
    when: 'the key comes with another body',
    provoke: async () => {
      const key = { 'idempotency-key': 'reused' };
      expect((await call('PUT', '/v1/accounts/reused', { name: 'One' }, key)).status).toBe(200);
      return call('PUT', '/v1/accounts/reused', { name: 'Two' }, key);
    },
  },
  {
    code: 'locked',
    when: 'the device is locked, and the code right',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql(`update device set wrong_codes = 7, locked_until = now() + interval '2 minutes' where id = $1`, [
        user.deviceId,
      ]);
      return verify(await challenge(user), { code: totp(user.secret) });
    },
    words: 'Too many wrong codes. Try again in 2 minutes.',
    shows: (body) => {
      soon(body.lockedUntil, 120);
      expect(body.retryAfter).toBeGreaterThan(100);
      expect(body).not.toHaveProperty('attemptsLeft');
    },
  },
  {
    code: 'locked',
    when: 'a code for a locked device is asked for',
    provoke: async () => {
      const user = await smsUser();
      const id = await challenge(user);
      await panel.sql(`update device set locked_until = now() + interval '20 seconds' where id = $1`, [user.deviceId]);
      return call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId });
    },
    words: /Try again in (20|19) seconds/,
    shows: (body) => soon(body.lockedUntil, 20),
  },
  {
    code: 'locked',
    when: 'the device is disabled',
    provoke: async () => {
      const user = await totpUser();
      await panel.sql(`update device set status = 'disabled' where id = $1`, [user.deviceId]);
      return verify(await challenge(user), { deviceId: user.deviceId, code: totp(user.secret) });
    },
    words: /Use another device or a recovery code/,
    shows: (body) => expect(body.retryAfter).toBe(86_400),
  },
  {
    code: 'resend_too_soon',
    when: 'a code was sent a moment ago',
    provoke: async () => {
      const user = await smsUser();
      return call('POST', `/v1/challenges/${await challenge(user)}/codes`, { deviceId: user.deviceId });
    },
    words: /Wait before you request another/,
    shows: (body) => {
      expect(body.retryAfter).toBeGreaterThan(25);
      expect(body.retryAfter).toBeLessThanOrEqual(30);
    },
  },
  {
    code: 'sms_quota_exceeded',
    when: "the day's messages are used up",
    provoke: async () => {
      const user = await smsUser({ phone: { smsPerDevicePerDay: 2 }, code: { resendAfterSeconds: 0 } });
      return call('POST', `/v1/challenges/${await challenge(user)}/codes`, { deviceId: user.deviceId });
    },
    words: /Use an authenticator app to sign in, or contact support/,
    shows: (body) => {
      expect(body.quota).toMatchObject({ limit: 2, used: 2, resetsAt: expect.stringMatching(/T00:00:00.000Z$/) });
      soon(body.quota.resetsAt, 86_400);
      expect(body.retryAfter).toBeLessThanOrEqual(86_400);
    },
  },
  {
    code: 'send_limit_reached',
    when: 'a challenge has sent all it may',
    provoke: async () => {
      const user = await smsUser({ code: { resendAfterSeconds: 0, maxSends: 2 } });
      const id = await challenge(user);
      const send = () => call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId });
      expect((await send()).status).toBe(202);
      return send();
    },
    words: /Start a new one/,
  },
  {
    code: 'rate_limited',
    when: 'a user has 500 open challenges',
    provoke: async () => {
      const user = await totpUser();
      const template = await challenge(user);
      await panel.sql(
        `insert into challenge (id, tenant_id, user_id, purpose, max_checks, expires_at)
         select 'chl_filler_' || n, tenant_id, user_id, purpose, max_checks, expires_at
         from challenge, generate_series(1, 499) n where id = $1`,
        [template],
      );
      return call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId, purpose: 'login' });
    },
    words: /too many open challenges/,
    shows: (body) => expect(body.retryAfter).toBe(600),
  },
];
