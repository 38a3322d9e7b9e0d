import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { pages } from '../../support/pages.js';
import { freshPhone } from '../../support/sms-user.js';

let panel: TestPanel;
let api: ApiDescription;
beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
});
afterAll(() => panel.stop());

describe('lists', () => {
  test('come in pages, each thing once', async () => {
    const tenant = await panel.tenant();
    const at = api.checked(tenant.call);
    const users: TestUser[] = [];
    for (let n = 0; n < 7; n += 1) users.push(await panel.user(tenant));
    const [first] = users;
    if (!first) throw new Error('No users.');
    for (let n = 0; n < 4; n += 1) await at('PUT', `/v1/accounts/${first.accountId}/users/more-${n}`, {});
    for (let n = 0; n < 4; n += 1) await at('POST', '/v1/api-keys', { name: `Key ${n}`, scopes: ['audit'] });
    await at('POST', `${first.path}/devices`, { method: 'sms', name: 'Phone', phone: freshPhone() });
    await panel.sql(
      `insert into delivery (id, tenant_id, user_id, device_id, channel, kind, expires_at)
       select 'dlv_' || lpad(n::text, 26, '0'), tenant_id, user_id, device_id, channel, kind, expires_at
       from delivery, generate_series(1, 4) n where tenant_id = $1`,
      [tenant.tenantId],
    );
    for (const [path, total] of [
      ['/v1/accounts', 7],
      [`/v1/accounts/${first.accountId}/users`, 5],
      ['/v1/api-keys', 5],
      ['/v1/deliveries', 5],
      [`/v1/deliveries?accountId=${first.accountId}`, 5],
    ] as const) {
      const whole = (await pages(at, path, 200)).flat();
      expect({ path, total: whole.length }).toEqual({ path, total });
      for (const limit of [1, 2, total - 1, total]) {
        const found = await pages(at, path, limit);
        expect(found.flat()).toEqual(whole);
        expect(found).toHaveLength(Math.ceil(total / limit));
      }
    }
  });
});
