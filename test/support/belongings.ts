import { afterAll, beforeAll, expect } from '@jest/globals';
import { ApiDescription } from './api-description.js';
import {
  startPanel,
  totp,
  type Call,
  type EnrolledTotp,
  type TestPanel,
  type TestTenant,
  type TestUser,
} from './gateway-harness.js';
import type { Answer } from './system.js';

/** Two tenants, each with one thing of every kind, for the file that imports this. */

/** What one tenant has. */
interface Belongings {
  readonly user: EnrolledTotp;
  readonly phone: TestUser & { readonly deviceId: string };
  /** Unverified device of `user`. */
  readonly unverifiedId: string;
  readonly challengeId: string;
  readonly phoneChallengeId: string;
  readonly deliveryId: string;
  readonly apiKeyId: string;
  readonly webhookId: string;
  readonly blockId: string;
  readonly eventId: string;
  readonly trustedBrowserId: string;
  readonly trustedBrowser: string;
  readonly proof: string;
}

export let panel: TestPanel;
export let api: ApiDescription;
export let victim: TestTenant;
export let attacker: TestTenant;
export let theirs: Belongings;
export let own: Belongings;
export let call: Call;

beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
  [victim, attacker] = [await panel.tenant('Victim'), await panel.tenant('Attacker')];
  [theirs, own] = [await furnish(victim, '+31612345678'), await furnish(attacker, '+31687654321')];
  call = api.checked(attacker.call);
});
afterAll(() => panel.stop());

async function furnish(tenant: TestTenant, number: string): Promise<Belongings> {
  const user = await panel.totpUser(tenant);
  const proof = await panel.proof(user, 'add_device', tenant);
  const mail = { method: 'email', name: 'Mail', email: 'name@panel.example' };
  const added = await tenant.call('POST', `${user.path}/devices`, mail, { 'sallyport-proof': proof });
  const phone = await panel.user(tenant);
  const device = await tenant.call('POST', `${phone.path}/devices`, { method: 'sms', name: 'Phone', phone: number });
  const deviceId: string = device.body.id;
  await tenant.call('POST', `/v1/devices/${deviceId}/verify`, { code: await panel.sentCode(deviceId) });
  const { path: barred } = await panel.user(tenant);
  await tenant.call('POST', `${barred}/devices`, { method: 'sms', name: 'Premium', phone: '+31909123456' });
  const blocks = await tenant.call('GET', '/v1/send-blocks');
  const key = await tenant.call('POST', '/v1/api-keys', { name: 'spare', scopes: ['audit'] });
  const webhook = await tenant.call('POST', '/v1/webhooks', { url: 'https://receiver.example/' });
  const policy = { supportContact: tenant.tenantId, trustedBrowser: { allowed: true } };
  await tenant.call('PUT', `/v1/accounts/${user.accountId}/policy`, policy);
  const login = `/v1/challenges/${await panel.challenge(user, {}, tenant)}/verify`;
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const body = { deviceId: user.deviceId, code: totp(user.secret), rememberBrowser: true };
  const remembered = await tenant.call('POST', login, body);
  const browsers = await tenant.call('GET', `${user.path}/trusted-browsers`);
  // As the sealer would: one event in the tenant's chain.
  const [event] = await panel.sql<{ id: string }>(
    `insert into audit_entry (tenant_id, sequence, event_id, leaf_hash)
     select tenant_id, 1, id, '\\x00' from event where tenant_id = $1 order by id limit 1 returning event_id as id`,
    [tenant.tenantId],
  );
  return {
    user,
    phone: { ...phone, deviceId },
    unverifiedId: added.body.id,
    challengeId: await panel.challenge(user, {}, tenant),
    phoneChallengeId: await panel.challenge(phone, {}, tenant),
    deliveryId: device.body.send.deliveryId,
    apiKeyId: key.body.id,
    webhookId: webhook.body.id,
    blockId: blocks.body.data[0].id,
    eventId: event?.id ?? '',
    trustedBrowserId: browsers.body.data[0].id,
    trustedBrowser: remembered.body.trustedBrowser,
    proof: await panel.proof(user, 'remove_device', tenant),
  };
}

export interface Attempt {
  readonly path: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
  /** 404 where left out. */
  readonly answers?: (answer: Answer) => void;
}

export const empty = (answer: Answer) =>
  expect(answer).toMatchObject({ status: 200, body: { data: [], nextCursor: null } });
/** A list of one's own things, with none of theirs in it. */
export const onlyOwn = (answer: Answer) => {
  expect(answer.status).toBe(200);
  expect(answer.body.data.length).toBeGreaterThan(0);
  const text = JSON.stringify(answer.body);
  for (const id of [theirs.user.accountId, theirs.phone.userId, theirs.apiKeyId, theirs.eventId, victim.tenantId]) {
    expect(text).not.toContain(`"${id}"`);
  }
};
