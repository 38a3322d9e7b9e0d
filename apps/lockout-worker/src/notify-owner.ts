import { noticeOfEvent, type JobPayload } from '#contracts';
import { takeJob } from './take-job.js';
import { writeNotice, type NoticeParts } from './write-notice.js';
import { readEvent } from './notify-owner.sql.js';

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
