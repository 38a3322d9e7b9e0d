import { joinOwnerAndTenant, sql, statement, userTables } from '#persistence';
import type { DeviceRow } from '../rows/device-row.js';
import { namedUser, userColumns, type UserRow } from '../rows/user-row.sql.js';
import { deviceColumns, zoneExpression } from './device-columns.sql.js';
import { otherDevices, type OtherDevice } from './proved-device.js';

const from = sql`from device d ${joinOwnerAndTenant('d.user_id')}`;

export const selectDevice = statement<FoundDevice, { deviceId: string; tenantId: string }>(
  'device.find',
  (
    $,
  ) => sql`select ${userColumns}, ${deviceColumns(zoneExpression)}, c.id as "codeId", c.sends, c.last_sent_at as "lastSentAt",
     c.expires_at as "codeExpiresAt"
   ${from} left join code c on c.subject_id = coalesce(d.pending_id, d.id) and c.device_id = d.id
   where d.id = ${$.deviceId} and d.tenant_id = ${$.tenantId}`,
);

export const selectDevices = statement<UserRow & DeviceRow, { tenantId: string; accountId: string; userId: string }>(
  'device.list',
  ($) => sql`select ${userColumns}, ${deviceColumns(zoneExpression)}
   ${from} where ${namedUser($)} order by d.id`,
);

export const selectOwner = statement<DeviceOwner, { tenantId: string; accountId: string; userId: string }>(
  'device.owner',
  ($) => sql`select ${userColumns}, ${otherDevices("''")} as others
   from ${userTables}
   where ${namedUser($)}`,
);

/** A user who is to get a device, and the devices that are there. */
export interface DeviceOwner extends UserRow {
  readonly others: readonly OtherDevice[];
}

export interface FoundDevice extends UserRow, DeviceRow {
  /** The code last sent for its enrolment, or for the number that it is to get. */
  readonly codeId: string | null;
  readonly sends: number;
  readonly lastSentAt: Date;
  readonly codeExpiresAt: Date;
}
