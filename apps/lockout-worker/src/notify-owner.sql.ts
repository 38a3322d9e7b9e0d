import { joinOwnerAndTenant, sql, statement } from '#persistence';
import { ownerColumns, type Owner } from './write-notice.sql.js';

// The device may be gone by now, and so may the user.
export const readEvent = statement<EventRow, { eventId: string }>(
  'read-event-to-notify',
  ($) => sql`select e.type, e.time, e.data, d.id as "deviceId", d.name as "deviceName",
     d.verified_at = u.two_factor_since as "first", ${ownerColumns}
   from event e
   ${joinOwnerAndTenant('e.user_ref')}
   left join device d on d.id = e.data ->> 'deviceId' and d.user_id = u.id
   where e.id = ${$.eventId}`,
);

interface EventRow extends Owner {
  readonly type: string;
  readonly time: Date;
  readonly data: { readonly method?: string; readonly reason?: string; readonly left?: number };
  readonly deviceId: string | null;
  readonly deviceName: string | null;
  /** Whether the device is the one that switched two-factor authentication on. */
  readonly first: boolean | null;
}
