import type { Policy } from '#contracts';
import type { Sealer } from '#persistence';
import { refusal } from '../refusals/refusals.js';
import { openAddress, type DeviceRow } from '../rows/device-row.js';
import type { MessageDevice } from './send-code.js';

type AddressedDevice = Pick<DeviceRow, 'deviceId' | 'method' | 'addressSealed' | 'addressMac' | 'quotaKey'>;

/**
 * A device as codes are sent to it.
 * @throws {Problem} `method_not_allowed` where it gets none
 */
export function messageDevice(
  sealer: Sealer,
  row: AddressedDevice & { readonly tenantId: string },
  policy: Policy,
): Omit<MessageDevice, 'verified'> {
  const { deviceId, method, addressMac, quotaKey } = row;
  const address = openAddress(sealer, row.tenantId, row);
  if ((method !== 'sms' && method !== 'email') || address === null || addressMac === null) {
    throw refusal(policy, 'method_not_allowed', {
      detail: 'This device generates its own codes. No code can be sent to it.',
    });
  }
  return { deviceId, method, address, addressMac, quotaKey };
}
