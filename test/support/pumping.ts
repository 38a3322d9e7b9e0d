import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { startPanel, type TestPanel, type TestTenant, type TestUser } from './gateway-harness.js';

/** An attack and its neighbours, for each file that imports this: a tenant of its own for each test. */

/** All over the country's mobile numbers, the same ones each time. */
export const spread = (n: number) => `+316${String(10_000_000 + ((n * 7_919_933) % 40_000_000))}`;

export let panel: TestPanel;
export let tenant: TestTenant;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 16 });
}, 60_000);
afterAll(() => panel.stop());
beforeEach(async () => {
  tenant = await panel.tenant();
  await panel.sql('delete from send_window');
});

export async function person(accountId: string, userId: string): Promise<TestUser> {
  const path = `/v1/accounts/${accountId}/users/${userId}`;
  await tenant.call('PUT', `/v1/accounts/${accountId}`, {});
  await tenant.call('PUT', path, {});
  return { accountId, userId, path };
}

export const enrol = (user: TestUser, phone: string) =>
  tenant.call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone });

export async function enter(deviceId: string) {
  const code = await panel.sentCode(deviceId);
  return tenant.call('POST', `/v1/devices/${deviceId}/verify`, { code });
}

export async function rules(): Promise<Record<string, number>> {
  const rows = await panel.sql<{ rule: string; n: number }>(
    `select data ->> 'rule' as rule, count(*)::int as n from event where type = 'code.blocked' and tenant_id = $1
     group by 1 order by 1`,
    [tenant.tenantId],
  );
  return Object.fromEntries(rows.map(({ rule, n }) => [rule, n]));
}
