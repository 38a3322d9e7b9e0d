import type { JobPayload } from '#contracts';
import { takeJob } from './take-job.js';
import { writeNotice, type NoticeParts } from './write-notice.js';
import { readLockout } from './announce-lockout.sql.js';

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
