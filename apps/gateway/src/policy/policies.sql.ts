import { type PolicyOverride } from '#contracts';
import { appendEvents, noOutcomes, sql, statement } from '#persistence';

export interface PolicyRow {
  readonly tenant: PolicyOverride;
  readonly account: PolicyOverride | null;
  /** The database's time. */
  readonly now: Date;
}

export const selectPolicies = statement<PolicyRow, { tenantId: string; accountId: string | null }>(
  'policy.find',
  ($) => sql`select t.policy as tenant, a.policy as account, now() as now
   from tenant t left join account a on a.tenant_id = t.id and a.external_id = ${$.accountId}
   where t.id = ${$.tenantId}`,
);

/** PostgreSQL reads its own list of zones, or the system's: which names are in it differs from machine to machine. */
export const findTimeZone = statement<{ known: number }, { timeZone: string }>(
  'policy.time-zone',
  ($) => sql`select 1 as known from pg_timezone_names where lower(name) = lower(${$.timeZone}) limit 1`,
);

/** Both write what was made from the policy that was read, and nothing where that is another one by now. */
export const writeTenantPolicy = statement<
  { id: string },
  { tenantId: string; policy: string; events: string; former: string }
>(
  'policy.write-tenant',
  (
    $,
  ) => sql`with written as (update tenant set policy = ${$.policy} where id = ${$.tenantId} and policy = ${$.former}::jsonb returning id),
   guard as (select ${noOutcomes} from written), ${appendEvents($.events, 'guard')}
   select id from written`,
);

export const writeAccountPolicy = statement<
  { id: string },
  { tenantId: string; accountId: string; policy: string; events: string; former: string }
>(
  'policy.write-account',
  ($) => sql`with written as (
     update account set policy = ${$.policy} where tenant_id = ${$.tenantId} and external_id = ${$.accountId} and policy = ${$.former}::jsonb
     returning id
   ), guard as (select ${noOutcomes} from written), ${appendEvents($.events, 'guard')}
   select id from written`,
);
