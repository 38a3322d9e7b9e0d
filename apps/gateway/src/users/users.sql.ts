import { appendEvents, noOutcomes, sql, statement, userTables } from '#persistence';
import { adviceColumns, type AdviceFacts } from '../advice/advice.js';
import { deviceColumns, zoneExpression } from '../devices/device-columns.sql.js';
import { lastingLockouts, type LockoutRow } from '../lockouts/lockouts.sql.js';
import { codesLeft } from '../recovery-codes/codes-left.js';
import type { DeviceRow } from '../rows/device-row.js';
import { namedUser, userColumns, type UserRow } from '../rows/user-row.sql.js';

export const selectForPut = statement<PutRow, { tenantId: string; accountId: string; userId: string }>(
  'user.put-read',
  ($) => sql`select a.id as "accountRef", u.id as "userRef", u.kind, u.profile_sealed as "profileSealed",
     u.event_key_sealed as "eventKeySealed", now() as "now",
     t.policy::text as "tenantPolicy", a.policy::text as "accountPolicy", a.locale as "accountLocale",
     u.locale as "userLocale"
   from account a join tenant t on t.id = a.tenant_id left join app_user u on u.account_id = a.id and u.external_id = ${$.userId}
   where a.tenant_id = ${$.tenantId} and a.external_id = ${$.accountId}`,
);

export const upsertUser = statement<
  { id: string },
  {
    id: string;
    tenantId: string;
    accountRef: string;
    userId: string;
    kind: string;
    locale: string | null;
    profileSealed: Buffer;
    eventKeySealed: Buffer;
    seenProfile: Buffer | null;
    seenLocale: string | null;
    events: string;
  }
>(
  'user.upsert',
  // One that was erased meanwhile does not come back, nor does its key.
  ($) => sql`with seen as (select id from app_user where id = ${$.id} for no key update),
   user_row as (
     insert into app_user as u
       (id, tenant_id, account_id, external_id, kind, locale, profile_sealed, event_key_sealed)
     select ${$.id}, ${$.tenantId}, ${$.accountRef}, ${$.userId}, ${$.kind}, ${$.locale}, ${$.profileSealed}, ${$.eventKeySealed}
     from (select count(*) as n from seen) held where held.n = 1 or ${$.seenProfile}::bytea is null
     on conflict (account_id, external_id) do update set
       locale = excluded.locale, profile_sealed = excluded.profile_sealed, updated_at = now()
     -- The profile is sealed for one row, and the event tells what it was: if another call created or changed the user meanwhile, this one
     -- starts again.
     where u.id = excluded.id and u.profile_sealed = ${$.seenProfile} and u.locale is not distinct from ${$.seenLocale}
     returning u.id
   ), guard as (select ${noOutcomes} from user_row), ${appendEvents($.events, 'guard')}
   select id from user_row`,
);

export const eraseUser = statement<{ id: string }, { userRef: string; events: string }>(
  'user.erase',
  // The order of all others: the user, but not so that a foreign key would wait, then devices, recovery codes,
  // challenges; and only then the user for good.
  ($) => sql`with locked_user as (select id from app_user where id = ${$.userRef} for no key update),
   held as (select d.id from locked_user join device d on d.user_id = locked_user.id order by d.id for update of d),
   held_pool as (select p.user_id from locked_user join recovery_pool p on p.user_id = locked_user.id for update of p),
   held_challenge as (select c.id from locked_user join challenge c on c.user_id = locked_user.id order by c.id for update of c),
   erased as (
     delete from app_user a
     using (select (select count(*) from held) + (select count(*) from held_pool)
       + (select count(*) from held_challenge) as n) waited
     where a.id = ${$.userRef} and waited.n >= 0
     returning a.id
   ),
   guard as (select ${noOutcomes} from erased), ${appendEvents($.events, 'guard')}
   select id from erased`,
);

/** One row for each device, or one without. */
export const showUser = statement<ShowRow, { tenantId: string; accountId: string; userId: string }>(
  'user.show',
  ($) => sql`select ${userColumns}, ${deviceColumns(zoneExpression)},
     ${codesLeft('u.id')} as "recoveryCodesLeft", ${lastingLockouts('u.id')} as lockouts,
     ${adviceColumns('u.id')}
   from ${userTables}
   left join device d on d.user_id = u.id
   where ${namedUser($)} order by d.id`,
);

/** What protects a user: `service` is one that can have no second factor. */
export const secondFactors = ['enabled', 'disabled', 'service'] as const;
export type SecondFactor = (typeof secondFactors)[number];

const listColumns = sql`u.id as "userRef", u.external_id as "userId", u.kind, u.locale as "userLocale",
     u.profile_sealed as "profileSealed", u.two_factor_since as "twoFactorSince", u.created_at as "createdAt"`;

/** One row without a user where the account has none (left) in the list; no row where there is no such account. */
export const listUsers = statement<
  ListRow | { readonly userRef: null },
  { tenantId: string; accountId: string; after: string; limit: number }
>(
  'user.list',
  ($) => sql`select ${listColumns}
   from account a left join lateral (
     select * from app_user where account_id = a.id and id > ${$.after} order by id limit ${$.limit}
   ) u on true
   where a.tenant_id = ${$.tenantId} and a.external_id = ${$.accountId} order by u.id`,
);

/** By what protects them. Like `listUsers` it has one row without a user where the account has none (left). */
export const listUsersBySecondFactor = statement<
  ListRow | { readonly userRef: null },
  { tenantId: string; accountId: string; secondFactor: SecondFactor; after: string; limit: number }
>(
  'user.list-second-factor',
  ($) => sql`select ${listColumns}
   from account a left join lateral (
     select * from app_user where account_id = a.id and second_factor = ${$.secondFactor} and id > ${$.after} order by id limit ${$.limit}
   ) u on true
   where a.tenant_id = ${$.tenantId} and a.external_id = ${$.accountId} order by u.id`,
);

export const listTenantUsersBySecondFactor = statement<
  ListRow & { readonly accountId: string },
  { tenantId: string; secondFactor: SecondFactor; after: string; limit: number }
>(
  'user.list-tenant-second-factor',
  ($) => sql`select ${listColumns},
     (select external_id from account where id = u.account_id) as "accountId"
   from (
     select * from app_user where tenant_id = ${$.tenantId} and second_factor = ${$.secondFactor} and id > ${$.after} order by id limit ${$.limit}
   ) u
   order by u.id`,
);

interface CountRow {
  readonly secondFactor: SecondFactor | null;
  readonly users: number;
}

/** One row without a second factor where the account has no users; no row where there is no such account. */
export const countAccountUsers = statement<CountRow, { tenantId: string; accountId: string }>(
  'user.count-account',
  ($) => sql`select u.second_factor as "secondFactor", count(u.second_factor)::int as users
   from account a left join app_user u on u.account_id = a.id
   where a.tenant_id = ${$.tenantId} and a.external_id = ${$.accountId} group by 1`,
);

export const countTenantUsers = statement<CountRow, { tenantId: string }>(
  'user.count-tenant',
  // One after the other, so that each is counted in the index alone.
  ($) => sql`select f.name as "secondFactor",
     (select count(*)::int from app_user u where u.tenant_id = ${$.tenantId} and u.second_factor = f.name) as users
   from (values ${secondFactors.map((name) => `('${name}')`).join(', ')}) f(name)`,
);

export type ShowRow = UserRow &
  AdviceFacts &
  Omit<DeviceRow, 'deviceId'> & {
    readonly deviceId: string | null;
    readonly recoveryCodesLeft: number;
    readonly lockouts: LockoutRow[];
  };

export type ListRow = Pick<
  UserRow,
  'userRef' | 'userId' | 'kind' | 'userLocale' | 'profileSealed' | 'twoFactorSince' | 'createdAt'
>;

interface PutRow {
  readonly accountRef: string;
  readonly userRef: string | null;
  readonly kind: string;
  readonly profileSealed: Buffer;
  readonly eventKeySealed: Buffer;
  readonly now: Date;
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly accountLocale: string | null;
  readonly userLocale: string | null;
}
