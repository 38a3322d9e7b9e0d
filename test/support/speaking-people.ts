import { beforeEach, expect } from '@jest/globals';
import { deliveryPayloadSchema, deliveryRow } from '#contracts';
import { call, panel } from './described-panel.js';
import type { TestUser } from './gateway-harness.js';

/** People of one gateway and what is said to them, for the file that imports this. */

export { call, panel };
beforeEach(() => call('PUT', '/v1/policy', {}));

export async function setLocale(user: TestUser, of: 'user' | 'account', locale: string | null): Promise<void> {
  const path = of === 'user' ? user.path : `/v1/accounts/${user.accountId}`;
  expect((await call('PUT', path, { locale })).status).toBe(200);
}

let numbers = 0;
export async function smsUser(more: object = {}): Promise<TestUser & { deviceId: string; recoveryCodes: string[] }> {
  const user = await panel.user(undefined, more);
  const phone = `+316${String(33_000_000 + (numbers += 1))}`;
  const added = await call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone });
  const verified = await call('POST', `/v1/devices/${added.body.id}/verify`, {
    code: await panel.sentCode(added.body.id),
  });
  expect(verified.status).toBe(200);
  return { ...user, deviceId: added.body.id, recoveryCodes: verified.body.recoveryCodes };
}

/** The newest message to a device, opened as a worker would. */
export async function message(deviceId: string) {
  const [row] = await panel.sql<{ id: string; payload_sealed: Buffer }>(
    'select id, payload_sealed from delivery where device_id = $1 order by created_at desc, id desc limit 1',
    [deviceId],
  );
  if (!row) throw new Error('Nothing was sent.');
  const text = panel.sealer.openText('delivery', deliveryRow(panel.tenantId, deviceId, row.id), row.payload_sealed);
  return deliveryPayloadSchema.parse(JSON.parse(text));
}
