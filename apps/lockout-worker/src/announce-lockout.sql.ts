import { joinOwnerAndTenant, sql, statement } from '#persistence';
import { ownerColumns, type Owner } from './write-notice.sql.js';

// Later the news would only puzzle its reader.
export const readLockout = statement<LockoutRow, { eventId: string }>(
  'read-lockout-to-announce',
  (
    $,
  ) => sql`select l.subject, l.device_id as "deviceId", l.locked_until as "lockedUntil", d.name as "deviceName", ${ownerColumns}
   from event e
   join lockout l on l.id = e.data ->> 'lockoutId'
   ${joinOwnerAndTenant('l.user_id')}
   left join device d on d.id = l.device_id
   where e.id = ${$.eventId} and e.type = 'lockout.started'
     and coalesce(l.ended_at, l.locked_until) > now() - interval '1 hour'`,
);

interface LockoutRow extends Owner {
  readonly subject: 'device' | 'recovery_codes';
  readonly deviceId: string | null;
  readonly lockedUntil: Date;
  readonly deviceName: string | null;
}
