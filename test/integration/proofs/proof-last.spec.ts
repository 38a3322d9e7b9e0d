import { describe, expect, test } from '@jest/globals';
import { call, panel } from '../../support/described-panel.js';
import type { Call, EnrolledTotp, TestUser } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';

/** Nobody is asked for a code before what could be refused without it. */

const setPolicy = async ({ accountId }: TestUser, policy: object) =>
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, policy)).status).toBe(200);
const add = (user: TestUser, body: object) => call('POST', `${user.path}/devices`, { name: 'Second', ...body });

let numbers = 0;
const phone = () => `+316${String(42_000_000 + (numbers += 1))}`;

interface Case {
  readonly what: string;
  readonly code: string;
  readonly policy?: object;
  readonly attempt: (user: EnrolledTotp) => ReturnType<Call>;
}

/** A phone of the user, verified beside the app. */
async function addPhone(user: EnrolledTotp): Promise<string> {
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const body = { method: 'sms', name: 'Phone', phone: phone() };
  const { id } = (await call('POST', `${user.path}/devices`, body, headers)).body;
  expect((await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) })).status).toBe(200);
  return id;
}

const cases: Case[] = [
  {
    what: 'a device without a name',
    code: 'invalid_request',
    attempt: (user) => add(user, { name: ' ', method: 'totp' }),
  },
  {
    what: 'a number that is none',
    code: 'phone_invalid',
    attempt: (user) => add(user, { method: 'sms', phone: '+31 1' }),
  },
  { what: 'a phone without a number', code: 'invalid_request', attempt: (user) => add(user, { method: 'sms' }) },
  { what: 'a mailbox without an address', code: 'invalid_request', attempt: (user) => add(user, { method: 'email' }) },
  {
    what: 'a number of a country that is not allowed',
    code: 'country_not_allowed',
    policy: { phone: { allowedCountries: ['BE'] } },
    attempt: (user) => add(user, { method: 'sms', phone: phone() }),
  },
  {
    what: 'a phone where no message is left',
    code: 'sms_quota_exceeded',
    policy: { phone: { smsPerDevicePerDay: 0 } },
    attempt: (user) => add(user, { method: 'sms', phone: phone() }),
  },
  {
    what: 'a number of a satellite',
    code: 'sms_blocked',
    attempt: (user) => add(user, { method: 'sms', phone: '+870773111632' }),
  },
  {
    what: 'a method that the policy does not allow',
    code: 'method_not_allowed',
    policy: { methods: { allowed: ['totp'] } },
    attempt: (user) => add(user, { method: 'email', email: 'name@panel.example' }),
  },
  {
    what: 'a second method where one excludes the other',
    code: 'method_conflict',
    policy: { methods: { exclusive: true } },
    attempt: (user) => add(user, { method: 'sms', phone: phone() }),
  },
  {
    what: 'to replace what is not there',
    code: 'invalid_request',
    attempt: (user) => add(user, { method: 'totp', replaces: 'dev_unknown' }),
  },
  {
    what: 'more enrolments than a user may begin',
    code: 'rate_limited',
    attempt: async (user) => {
      await panel.sql(`update send_window set sent = 200 where starts_at = date_trunc('hour', now())`);
      return add(user, { method: 'totp' });
    },
  },
  {
    what: 'to remove the last device',
    code: 'last_device',
    attempt: (user) => call('DELETE', `/v1/devices/${user.deviceId}`),
  },
  {
    what: 'to remove the last one that may stand alone',
    code: 'last_device',
    policy: { methods: { notAlone: ['sms'] } },
    attempt: async (user) => {
      await addPhone(user);
      return call('DELETE', `/v1/devices/${user.deviceId}`);
    },
  },
  {
    what: 'a new number that is none',
    code: 'phone_invalid',
    attempt: async (user) => call('PUT', `/v1/devices/${await addPhone(user)}/phone`, { phone: '+3112345' }),
  },
  {
    what: 'a new number where no message is left',
    code: 'sms_quota_exceeded',
    attempt: async (user) => {
      const id = await addPhone(user);
      await setPolicy(user, { phone: { smsPerDevicePerDay: 0 } });
      return call('PUT', `/v1/devices/${id}/phone`, { phone: phone() });
    },
  },
  {
    what: 'a new number of a satellite',
    code: 'sms_blocked',
    attempt: async (user) => call('PUT', `/v1/devices/${await addPhone(user)}/phone`, { phone: '+870773111632' }),
  },
  {
    what: 'to switch off what the company requires',
    code: 'two_factor_required',
    policy: { twoFactor: { required: 'all' } },
    attempt: (user) => call('PUT', `${user.path}/two-factor`, { enabled: false }),
  },
  {
    what: 'recovery codes where the policy has none',
    code: 'method_not_allowed',
    policy: { recoveryCodes: { count: 0 } },
    attempt: (user) => call('POST', `${user.path}/recovery-codes`),
  },
];

test.each(cases)('$what: $code, without a proof', async ({ code, policy, attempt }) => {
  const user = await panel.totpUser();
  if (policy) await setPolicy(user, policy);
  expect((await attempt(user)).body).toMatchObject({ code });
});

describe('what only lacks the proof', () => {
  test('is asked for it, and leaves nothing behind', async () => {
    const user = await panel.totpUser();
    const phoneId = await addPhone(user);
    const before = await readRows(panel);
    for (const attempt of [
      () => add(user, { method: 'totp' }),
      () => add(user, { method: 'webauthn' }),
      () => add(user, { method: 'sms', phone: '+31611111111' }),
      () => add(user, { method: 'email', email: 'name@panel.example' }),
      () => call('DELETE', `/v1/devices/${phoneId}`),
      () => call('PUT', `/v1/devices/${phoneId}/phone`, { phone: '+31622222222' }),
      () => call('POST', `${user.path}/recovery-codes`),
      () => call('PUT', `${user.path}/two-factor`, { enabled: false }),
    ]) {
      expect(await attempt()).toMatchObject({ status: 422, body: { code: 'proof_required' } });
    }
    expect(await readRows(panel)).toEqual(before);
  });

  test('where a number that was proved on the account would count at once, too', async () => {
    const first = await panel.totpUser();
    const id = await addPhone(first);
    const number = `+316${String(42_000_000 + numbers)}`;
    await setPolicy(first, { phone: { reuseVerifiedOnAccount: true } });
    const before = await readRows(panel);
    expect(await add(first, { method: 'sms', phone: number })).toMatchObject({ body: { code: 'proof_required' } });
    expect(await readRows(panel)).toEqual(before);
    expect((await call('GET', `/v1/devices/${id}`)).body).toMatchObject({ status: 'verified' });
  });
});
