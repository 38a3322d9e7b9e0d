import { sql, statement, userTables } from '#persistence';

/** Columns of a user with its account and policy, for a query over `app_user u`, `account a` and `tenant t`. */
export const userColumns = sql`
  t.id as "tenantId", t.policy::text as "tenantPolicy",
  a.id as "accountRef", a.external_id as "accountId", a.locale as "accountLocale", a.policy::text as "accountPolicy",
  u.id as "userRef", u.external_id as "userId", u.kind, u.locale as "userLocale",
  u.profile_sealed as "profileSealed", u.event_key_sealed as "eventKeySealed",
  u.two_factor_since as "twoFactorSince", u.enrolled_at as "enrolledAt", u.created_at as "createdAt",
  clock_timestamp() as "now"`;

/** The names of `userColumns`, for a query around one with them. */
export const userColumnNames = [
  'tenantId',
  'tenantPolicy',
  'accountRef',
  'accountId',
  'accountLocale',
  'accountPolicy',
  'userRef',
  'userId',
  'kind',
  'userLocale',
  'profileSealed',
  'eventKeySealed',
  'twoFactorSince',
  'enrolledAt',
  'createdAt',
  'now',
] as const satisfies readonly (keyof UserRow)[];

export interface UserRow {
  readonly tenantId: string;
  readonly tenantPolicy: string;
  readonly accountRef: string;
  readonly accountId: string;
  readonly accountLocale: string | null;
  readonly accountPolicy: string;
  readonly userRef: string;
  readonly userId: string;
  readonly kind: 'person' | 'service';
  readonly userLocale: string | null;
  readonly profileSealed: Buffer;
  readonly eventKeySealed: Buffer;
  readonly twoFactorSince: Date | null;
  readonly enrolledAt: Date | null;
  readonly createdAt: Date;
  /** The database's time. */
  readonly now: Date;
}

/**
 * Condition: the user that a panel names, by its own ids. The account's tenant is compared too, though the user's would do:
 * without it no index leads to the account.
 */
export const namedUser = (by: { tenantId: string; accountId: string; userId: string }) =>
  sql`t.id = ${by.tenantId} and a.tenant_id = ${by.tenantId} and a.external_id = ${by.accountId} and u.external_id = ${by.userId}`;

export const selectUser = statement<UserRow, { tenantId: string; accountId: string; userId: string }>(
  'user.find',
  ($) => sql`select ${userColumns}
   from ${userTables}
   where ${namedUser($)}`,
);
