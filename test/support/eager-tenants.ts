import { afterAll, beforeAll, expect } from '@jest/globals';
import { startPanel, type TestPanel, type TestTenant, type TestUser } from './gateway-harness.js';

/** Tenants whose people ask for many SMS, for the file that imports this. */

export let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
});
afterAll(() => panel.stop());

/** A tenant without delays between codes, so that only the quota refuses. */
export async function eagerTenant(phone: object = {}): Promise<TestTenant> {
  const tenant = await panel.tenant();
  const sending = { perPrefixPerHour: 10_000, perUserPerHour: 500 };
  const policy = {
    code: { resendAfterSeconds: 0, maxSends: 10 },
    sending,
    phone,
    proofRequired: { removeDevice: false },
  };
  expect((await tenant.call('PUT', '/v1/policy', policy)).status).toBe(200);
  return tenant;
}

export async function enrol(tenant: TestTenant, user: TestUser, phone: string) {
  return tenant.call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone });
}

/** A user with a verified phone, whose enrolment has used one SMS. */
export async function smsUser(tenant: TestTenant, phone: string): Promise<TestUser & { deviceId: string }> {
  const user = await panel.user(tenant);
  const device = await enrol(tenant, user, phone);
  expect(device.status).toBe(201);
  const deviceId: string = device.body.id;
  const code = await panel.sentCode(deviceId);
  expect((await tenant.call('POST', `/v1/devices/${deviceId}/verify`, { code })).status).toBe(200);
  return { ...user, deviceId };
}

export async function countDeliveries(tenant: TestTenant): Promise<number> {
  const [row] = await panel.sql<{ n: number }>('select count(*)::int as n from delivery where tenant_id = $1', [
    tenant.tenantId,
  ]);
  return row?.n ?? 0;
}

let nights = 0;

/** Lets the night pass, for all tenants. */
export async function nextDay(): Promise<void> {
  nights += 1;
  await panel.sql(
    `update send_window set starts_at = starts_at - make_interval(days => 10 * $1::int)
     where starts_at > now() - interval '2 days'`,
    [nights],
  );
  await panel.sql(`delete from send_pace`);
}

export async function userRef(user: TestUser): Promise<string> {
  const [row] = await panel.sql<{ id: string }>('select id from app_user where external_id = $1', [user.userId]);
  return row?.id ?? '';
}

export async function quotaOf(tenant: TestTenant, deviceId: string) {
  return (await tenant.call('GET', `/v1/devices/${deviceId}`)).body.quota;
}
