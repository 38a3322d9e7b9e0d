import { noticeOfEvent, type JobPayload } from '#contracts';
import { sql, statement } from '#persistence';
import { takeJob } from './take-job.js';
import { ownerColumns, writeNotice, type NoticeParts, type Owner } from './write-notice.js';

// The device may be gone by now, and so may the user.
const readEvent = statement<EventRow, { eventId: string }>(
  'read-event-to-notify',
  ($) => sql`select e.type, e.time, e.data, d.id as "deviceId", d.name as "deviceName",
     d.verified_at = u.two_factor_since as "first", ${ownerColumns}
   from event e
   join app_user u on u.id = e.user_ref
   join account a on a.id = u.account_id
   join tenant t on t.id = u.tenant_id
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

/** Removals that stand for themselves. The others are part of something that has a notice of its own, or none. */
const toldRemovals = ['requested', 'replaced'];

/** Mails a user once that something about their second factor has changed. */
export async function notifyOwner(parts: NoticeParts, payload: JobPayload<'notify-owner'>): Promise<void> {
  const { database } = parts;
  await database.transaction(async () => {
    if (!(await takeJob(database, payload.eventId))) return;
    const row = await database.one(readEvent, { eventId: payload.eventId });
    const notice = row && noticeOfEvent(row.type);
    if (!notice) return;
    const { data, deviceId, deviceName } = row;
    if (notice === 'device_removed' && !toldRemovals.includes(data.reason ?? '')) return;
    const facts = {
      time: row.time.toISOString(),
      ...(deviceName !== null && { deviceName }),
      ...(data.method !== undefined && { method: data.method }),
      ...(data.left !== undefined && { left: String(data.left) }),
      ...(notice === 'device_added' && row.first && { first: 'yes' }),
    };
    await writeNotice(parts, row, { notice, deviceId, facts }, payload.requestId);
  });
}
