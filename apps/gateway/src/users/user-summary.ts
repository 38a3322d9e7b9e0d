import type { Profile } from '#contracts';
import { z } from 'zod';
import { time } from '../http/schemas.js';
import type { UserContext } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import type { ListRow } from './users.sql.js';

export const userSummary = z
  .object({
    id: z.string(),
    accountId: z.string(),
    kind: z.enum(['person', 'service']),
    displayName: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable().meta({ description: 'E.164' }),
    locale: z.string().nullable(),
    twoFactor: z.object({ status: z.enum(['enabled', 'disabled']), since: time.nullable() }),
    createdAt: time,
    profileUnreadable: z.literal(true).optional().meta({
      description: 'True if name and addresses are damaged, or encrypted with a missing key. Send them again',
    }),
  })
  .meta({ id: 'UserSummary' });
export type UserSummary = z.infer<typeof userSummary>;

/** What a list shows of a user. */
export function summaryOf(users: UserContext, row: ListRow & Pick<UserRow, 'accountId'>): UserSummary {
  const since = row.twoFactorSince?.toISOString() ?? null;
  const profile = profileIfReadable(users, row);
  const { displayName, email, phone } = profile ?? { displayName: null, email: null, phone: null };
  return {
    id: row.userId,
    accountId: row.accountId,
    kind: row.kind,
    displayName,
    email,
    phone,
    locale: row.userLocale,
    twoFactor: { status: since === null ? 'disabled' : 'enabled', since },
    createdAt: row.createdAt.toISOString(),
    ...(profile ? {} : { profileUnreadable: true }),
  };
}

/** One damaged row must not hide the others of a list. */
export function profileIfReadable(
  users: UserContext,
  row: Pick<UserRow, 'userRef' | 'profileSealed'>,
): Profile | undefined {
  try {
    return users.profile(row);
  } catch {
    return undefined;
  }
}
