import type { JobPayload } from '#contracts';
import { sql, statement } from '#persistence';
import { takeJob } from './take-job.js';
import { ownerColumns, writeNotice, type NoticeParts, type Owner } from './write-notice.js';

// Later the news would only puzzle its reader.
const readLockout = statement<LockoutRow, { eventId: string }>(
  'read-lockout-to-announce',
  (
    $,
  ) => sql`select l.subject, l.device_id as "deviceId", l.locked_until as "lockedUntil", d.name as "deviceName", ${ownerColumns}
   from event e
   join lockout l on l.id = e.data ->> 'lockoutId'
   join app_user u on u.id = l.user_id
   join account a on a.id = u.account_id
   join tenant t on t.id = u.tenant_id
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

/** Mails a user once that one of their devices, or their recovery codes, refuse codes for a time. */
export async function announceLockout(parts: NoticeParts, payload: JobPayload<'announce-lockout'>): Promise<void> {
  const { database } = parts;
  await database.transaction(async () => {
    if (!(await takeJob(database, payload.eventId))) return;
    const lockout = await database.one(readLockout, { eventId: payload.eventId });
    if (!lockout) return;
    const facts = {
      subject: lockout.subject,
      ...(lockout.deviceName !== null && { deviceName: lockout.deviceName }),
      lockedUntil: lockout.lockedUntil.toISOString(),
    };
    await writeNotice(parts, lockout, { notice: 'lockout', deviceId: lockout.deviceId, facts }, payload.requestId);
  });
}
