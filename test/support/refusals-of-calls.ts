import { expect } from '@jest/globals';
import { totp, wrongTotp } from './gateway-harness.js';
import {
  type Refusal,
  call,
  challenge,
  enrollSms,
  expectRefusal,
  freshPhone,
  holdRow,
  panel,
  smsUser,
  tenant,
  totpUser,
  untilWaiting,
  userUnder,
  verify,
} from './refusing-gateway.js';
import { makeWebhook, sealAll } from './webhooks-of-panel.js';

/** What is refused of calls, of devices and of what is over. */

export const refusalsOfCalls: readonly Refusal[] = [
  {
    code: 'invalid_request',
    when: 'fields are missing',
    provoke: () => call('POST', '/v1/challenges', {}),
    shows: (body) => {
      expect(body.errors.map((fault: { pointer: string }) => fault.pointer)).toEqual(['/accountId', '/userId']);
    },
  },
  {
    code: 'unauthenticated',
    when: 'there is no API key',
    provoke: () => call('GET', '/v1/accounts', undefined, { authorization: '' }),
    shows: (_, { headers }) => expect(headers.get('www-authenticate')).toBe('Bearer'),
  },
  {
    code: 'unauthenticated',
    when: 'the API key is unknown',
    provoke: () => call('GET', '/v1/accounts', undefined, { authorization: `Bearer sp_${'x'.repeat(43)}` }),
  },
  {
    code: 'unauthenticated',
    when: 'the API key is no key at all',
    provoke: () => call('GET', '/v1/accounts', undefined, { authorization: `Bearer ' or 1=1 --` }),
  },
  {
    code: 'insufficient_scope',
    when: 'the key may do other things',
    provoke: async () => {
      const key = await tenant.key(['accounts', 'devices', 'audit']);
      return call('POST', '/v1/challenges', {}, { authorization: `Bearer ${key}` });
    },
    shows: (body) => expect(body.detail).toContain('"challenges"'),
  },
  {
    code: 'receipt_refused',
    when: 'a receipt is not signed by its provider',
    provoke: () => call('POST', '/v1/providers/vonage/receipts', { 'client-ref': 'dlv_1', status: 'delivered' }),
    shows: ({ detail }) => expect(detail).toMatch(/signature/),
  },
  {
    code: 'not_found',
    when: 'receipts are of a provider that nobody configured',
    provoke: () => call('GET', '/v1/providers/pigeon/receipts'),
    shows: ({ detail }) => expect(detail).toMatch(/not configured/),
  },
  { code: 'not_found', when: 'there is no such object', provoke: () => call('GET', '/v1/devices/dev_unknown') },
  { code: 'not_found', when: 'there is no such call', provoke: () => call('POST', '/v1/nothing', {}) },
  {
    code: 'http_method_not_allowed',
    when: 'the address takes others',
    provoke: () => call('DELETE', '/v1/policy'),
    shows: (_, { headers }) => expect(headers.get('allow')).toBe('GET, HEAD, PATCH, PUT'),
  },
  {
    code: 'challenge_not_pending',
    when: 'the challenge was canceled',
    provoke: async () => {
      const user = await totpUser();
      const id = await challenge(user);
      expect((await call('POST', `/v1/challenges/${id}/cancel`)).body.status).toBe('canceled');
      expectRefusal(await call('POST', `/v1/challenges/${id}/cancel`), 'challenge_not_pending');
      return verify(id, { code: totp(user.secret) });
    },
    words: 'This challenge has ended. Start a new one.',
  },
  {
    code: 'challenge_not_pending',
    when: 'its checks are used up',
    provoke: async () => {
      const user = await totpUser();
      const id = await challenge(user);
      await panel.sql('update challenge set checks = 4 where id = $1', [id]);
      expect((await verify(id, { code: wrongTotp(user.secret) })).body.attemptsLeft).toBe(0);
      expect((await call('GET', `/v1/challenges/${id}`)).body.status).toBe('max_attempts_reached');
      return verify(id, { code: totp(user.secret) });
    },
    words: /ended/,
  },
  {
    code: 'device_not_verified',
    when: 'a code is to be sent to an unproven device',
    provoke: async () => {
      const user = await totpUser();
      const proof = await panel.proof(user, 'add_device', tenant);
      const body = { method: 'sms', name: 'Phone', phone: freshPhone() };
      const added = await call('POST', `${user.path}/devices`, body, { 'sallyport-proof': proof });
      const id = await challenge(user);
      expectRefusal(await verify(id, { deviceId: added.body.id, code: '123456' }), 'device_not_verified');
      expectRefusal(await call('PATCH', `/v1/devices/${added.body.id}`, { isDefault: true }), 'device_not_verified');
      return call('POST', `/v1/challenges/${id}/codes`, { deviceId: added.body.id });
    },
    words: /not been verified/,
  },
  {
    code: 'device_already_verified',
    when: 'a device is verified twice',
    provoke: async () => {
      const { deviceId, secret } = await totpUser();
      return call('POST', `/v1/devices/${deviceId}/verify`, { code: totp(secret) });
    },
    words: /already verified/,
  },
  {
    code: 'device_already_verified',
    when: 'a seed is imported twice for one user',
    provoke: async () => {
      const user = await panel.user(tenant);
      const body = { name: 'App', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' };
      expect((await call('POST', `${user.path}/devices/import`, body)).status).toBe(201);
      return call('POST', `${user.path}/devices/import`, body);
    },
  },
  {
    code: 'method_conflict',
    when: 'the policy allows one method, and another is in use',
    provoke: async () => {
      const user = await smsUser({ methods: { exclusive: true } });
      return call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    },
    words: /Name the device that the new one replaces/,
  },
  {
    code: 'method_not_allowed',
    when: 'the policy does not let the method stand alone',
    provoke: async () => enrollSms(await userUnder({ methods: { notAlone: ['sms'] } })),
    words: /as the only one. Add another method first/,
  },
  {
    code: 'recovery_codes_not_acknowledged',
    when: 'the first device is verified before its recovery codes were saved',
    provoke: async () => {
      const user = await userUnder({ recoveryCodes: { acknowledgementRequired: true } });
      const { id, totp: shown } = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
      return call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) });
    },
    words: /have been saved/,
  },
  {
    code: 'last_device',
    when: 'the last device is to go',
    provoke: async () => {
      const user = await totpUser();
      const proof = await panel.proof(user, 'remove_device', tenant);
      return call('DELETE', `/v1/devices/${user.deviceId}`, undefined, { 'sallyport-proof': proof });
    },
    words: /last device/,
  },
  {
    code: 'two_factor_required',
    when: 'it is to be switched off where the company requires it',
    provoke: async () => {
      const user = await totpUser();
      await call('PUT', `/v1/accounts/${user.accountId}/policy`, { twoFactor: { required: 'all' } });
      const headers = { 'sallyport-proof': await panel.proof(user, 'disable', tenant) };
      return call('PUT', `${user.path}/two-factor`, { enabled: false }, headers);
    },
    words: /company requires two-factor/,
  },
  {
    code: 'insufficient_scope',
    when: 'only an administrator may switch it off',
    provoke: async () => {
      const user = await totpUser();
      await call('PUT', `/v1/accounts/${user.accountId}/policy`, { twoFactor: { disableBy: 'admin' } });
      const headers = {
        'sallyport-proof': await panel.proof(user, 'disable', tenant),
        authorization: `Bearer ${await tenant.key(['accounts', 'devices', 'challenges', 'audit'])}`,
      };
      return call('PUT', `${user.path}/two-factor`, { enabled: false }, headers);
    },
    words: /Only an administrator.*"admin"/,
  },
  {
    code: 'device_not_verified',
    when: 'it is to be switched on without a device',
    provoke: async () => call('PUT', `${(await panel.user(tenant)).path}/two-factor`, { enabled: true }),
    words: /no verified device/,
  },
  {
    code: 'method_not_allowed',
    when: 'messages are given back to a device that gets none',
    provoke: async () => call('DELETE', `/v1/devices/${(await totpUser()).deviceId}/quota`),
    words: /does not use SMS/,
  },
  {
    code: 'idempotency_in_progress',
    when: 'a call with the same key is still running',
    provoke: async () => {
      const user = await totpUser();
      const key = { 'idempotency-key': 'in-progress' };
      const rename = () => call('PATCH', `/v1/devices/${user.deviceId}`, { name: 'Other' }, key);
      // The first call waits for this row, its key claimed.
      const { release } = await holdRow('app_user', 'external_id', user.userId);
      const first = rename();
      await untilWaiting();
      const second = await rename();
      await release();
      expect((await first).status).toBe(200);
      return second;
    },
    shows: (body) => expect(body.retryAfter).toBe(1),
  },
  {
    code: 'challenge_expired',
    when: 'the challenge is over',
    provoke: async () => {
      const user = await smsUser();
      const id = await challenge(user);
      await panel.sql('update challenge set expires_at = now() where id = $1', [id]);
      expect((await call('GET', `/v1/challenges/${id}`)).body.status).toBe('expired');
      expectRefusal(await call('POST', `/v1/challenges/${id}/cancel`), 'challenge_expired');
      expectRefusal(await call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId }), 'challenge_expired');
      return verify(id, { code: '123456' });
    },
    words: /expired. Start a new one/,
  },
  {
    code: 'enrolment_expired',
    when: 'the time to verify a device is over',
    provoke: async () => {
      const user = await panel.user(tenant);
      const { id, totp: shown } = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
      await panel.sql('update device set enrolment_expires_at = now() where id = $1', [id]);
      return call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) });
    },
    words: /Add the device again/,
  },
  {
    code: 'enrolment_expired',
    when: 'another code is asked for then',
    provoke: async () => {
      const { id } = (await enrollSms(await panel.user(tenant))).body;
      await panel.sql('update device set enrolment_expires_at = now() where id = $1', [id]);
      return call('POST', `/v1/devices/${id}/codes`);
    },
    words: /Add the device again/,
  },
  {
    code: 'webhook_limit_reached',
    when: 'there are as many webhooks as a tenant may have',
    provoke: async () => {
      const crowded = await panel.tenant();
      for (let made = 0; made < 50; made += 1) await makeWebhook(crowded);
      return crowded.call('POST', '/v1/webhooks', { url: 'https://receiver.example/' });
    },
  },
  {
    code: 'webhook_disabled',
    when: 'a test event is asked for one that is disabled',
    provoke: async () => {
      const { id } = await makeWebhook(tenant);
      await call('PATCH', `/v1/webhooks/${id}`, { status: 'disabled' });
      return call('POST', `/v1/webhooks/${id}/test`);
    },
  },
  {
    code: 'webhook_delivery_queued',
    when: 'what is sent already is to be sent once more',
    provoke: async () => {
      const { id } = await makeWebhook(tenant);
      await call('POST', `/v1/webhooks/${id}/test`);
      await sealAll(panel);
      const { data } = (await call('GET', `/v1/webhooks/${id}/deliveries`)).body;
      return call('POST', `/v1/webhooks/${id}/deliveries/${data[0].id}/redeliver`);
    },
  },
];
