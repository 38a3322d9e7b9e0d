import type { JobPayload } from '#contracts';
import type { Logger } from '#runtime';
import { takeJob } from './take-job.js';
import { writeNotice, type NoticeParts } from './write-notice.js';
import { claimPattern } from './examine-rejection.sql.js';

/**
 * Looks whether a wrong code is one of many on its account, and if so warns the operator and the users concerned, each
 * once an hour. It locks nobody: whoever guesses could otherwise lock a whole company out.
 */
export async function examineRejection(
  parts: NoticeParts & { readonly logger: Logger },
  payload: JobPayload<'examine-rejection'>,
): Promise<void> {
  const { database, logger } = parts;
  const told = await database.transaction(async () => {
    if (!(await takeJob(database, payload.eventId))) return undefined;
    const affected = await database.query(claimPattern, { eventId: payload.eventId });
    let mailed = 0;
    for (const user of affected) {
      const notice = { notice: 'account_pattern', deviceId: null, facts: {} } as const;
      if (await writeNotice(parts, user, notice, payload.requestId)) mailed += 1;
    }
    return { first: affected[0], mailed };
  });
  if (!told?.first) return;
  const { tenantId, accountId, rejections, users } = told.first;
  logger.warn(
    {
      event: 'account_pattern',
      tenantId,
      accountId,
      rejections,
      users,
      mailed: told.mailed,
      requestId: payload.requestId,
    },
    'account_pattern: many wrong codes on one account within ten minutes',
  );
}
