import { appendEvents, sql, statement } from '#persistence';

export interface AccountRow {
  readonly externalId: string;
  readonly name: string | null;
  readonly locale: string | null;
  readonly createdAt: Date | string;
}

export const upsertAccount = statement<
  AccountRow,
  {
    id: string;
    tenantId: string;
    accountId: string;
    name: string | null;
    locale: string | null;
    changesName: boolean;
    changesLocale: boolean;
    events: string;
  }
>(
  'account.upsert',
  // Locked before it is changed, so that what the event tells of it is what it was.
  ($) => sql`with seen as (
     select id, name, locale from account where tenant_id = ${$.tenantId} and external_id = ${$.accountId} for no key update
   ),
   account_row as (
     insert into account as a (id, tenant_id, external_id, name, locale)
     select ${$.id}, ${$.tenantId}, ${$.accountId}, ${$.name}, ${$.locale} from (select count(*) as n from seen) waited where n >= 0
     on conflict (tenant_id, external_id) do update set
       name = case when ${$.changesName} then excluded.name else a.name end,
       locale = case when ${$.changesLocale} then excluded.locale else a.locale end,
       updated_at = now()
     returning a.*, (xmax = 0) as created
   ),
   difference as (
     select r.created, s.locale as former_locale, r.locale, not r.created and ${$.changesName} and r.name is distinct from s.name as renamed,
       not r.created and ${$.changesLocale} and r.locale is distinct from s.locale as relocated
     from account_row r left join seen s on s.id = r.id
   ),
   guard as (
     select array_remove(array[case when created then 'created' end, case when renamed or relocated then 'changed' end], null) as outcomes,
       jsonb_build_object('account.changed', jsonb_build_object('changed',
           array_remove(array[case when renamed then 'name' end, case when relocated then 'locale' end], null))
         || case when relocated then jsonb_build_object('locale', locale, 'formerLocale', former_locale) else '{}' end) as patch
     from difference
   ), ${appendEvents($.events, 'guard')}
   select external_id as "externalId", name, locale, created_at as "createdAt" from account_row`,
);

export const listAccounts = statement<
  AccountRow & { readonly id: string },
  { tenantId: string; after: string; limit: number }
>(
  'account.list',
  ($) => sql`select id, external_id as "externalId", name, locale, created_at as "createdAt" from account
   where tenant_id = ${$.tenantId} and id > ${$.after} order by id limit ${$.limit}`,
);
