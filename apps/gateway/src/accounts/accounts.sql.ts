import { appendEvents, noOutcomes, sql, statement } from '#persistence';

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
  ($) => sql`with account_row as (
     insert into account as a (id, tenant_id, external_id, name, locale) values (${$.id}, ${$.tenantId}, ${$.accountId}, ${$.name}, ${$.locale})
     on conflict (tenant_id, external_id) do update set
       name = case when ${$.changesName} then excluded.name else a.name end,
       locale = case when ${$.changesLocale} then excluded.locale else a.locale end,
       updated_at = now()
     returning a.*, (xmax = 0) as created
   ), guard as (select ${noOutcomes} from account_row where created), ${appendEvents($.events, 'guard')}
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
