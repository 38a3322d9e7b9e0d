import { appendEvents, noOutcomes, statement } from '#persistence';

export interface AccountRow {
  readonly externalId: string;
  readonly name: string | null;
  readonly locale: string | null;
  readonly createdAt: Date | string;
}

export const upsertAccount = statement(
  'account.upsert',
  `with account_row as (
     insert into account as a (id, tenant_id, external_id, name, locale) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, external_id) do update set
       name = case when $6 then excluded.name else a.name end,
       locale = case when $7 then excluded.locale else a.locale end,
       updated_at = now()
     returning a.*, (xmax = 0) as created
   ), guard as (select ${noOutcomes} from account_row where created), ${appendEvents('$8', 'guard')}
   select external_id as "externalId", name, locale, created_at as "createdAt" from account_row`,
);

export const listAccounts = statement(
  'account.list',
  `select id, external_id as "externalId", name, locale, created_at as "createdAt" from account
   where tenant_id = $1 and id > $2 order by id limit $3`,
);
