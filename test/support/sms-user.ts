import { expect } from '@jest/globals';
import type { Call, TestPanel, TestTenant, TestUser } from './gateway-harness.js';

let numbers = 0;
/** A number that nobody has yet. */
export const freshPhone = () => `+316${String(15_000_000 + (numbers += 1))}`;

/**
 * A user with a phone that has shown its code.
 * @param call of whoever adds it: `panel.call`, or that of another tenant
 */
export async function smsUser(
  panel: TestPanel,
  call: Call,
  tenant?: TestTenant,
): Promise<TestUser & { readonly deviceId: string }> {
  const user = await panel.user(tenant);
  const asked = { method: 'sms', name: 'Phone', phone: freshPhone() };
  const { id } = (await call('POST', `${user.path}/devices`, asked)).body;
  expect((await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) })).status).toBe(200);
  return { ...user, deviceId: id };
}
