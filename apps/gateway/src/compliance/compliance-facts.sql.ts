import type { PolicyOverride } from '#contracts';
import { isoMicroseconds, sql, statement } from '#persistence';

/** More accounts with a policy of their own than this are counted, and not looked at. */
export const overridesAtMost = 1000;
/** Users that are named; the others are counted. */
export const usersNamed = 20;
/** Challenges that are named as approved twice. */
export const repeatedNamed = 20;
/** Days of events that are counted. */
export const daysCounted = 30;

const replayed = sql`
  select count(*)::int from event e, as_of
  where e.tenant_id = t.id and e.type = 'challenge.replayed' and e.time > as_of.since and e.time <= as_of.at`;

/** Each challenge is approved once: whoever could answer it twice could do so with one code. */
const approvedTwice = sql`
  select coalesce(json_agg(c.id order by c.id), '[]') from (
    select e.data ->> 'challengeId' as id from event e, as_of
    where e.tenant_id = t.id and e.type = 'challenge.approved' and e.time > as_of.since and e.time <= as_of.at
    group by 1 having count(*) > 1 order by 1 limit ${repeatedNamed}
  ) c`;

/** Who did it, and whether it had a key that allows it: the command of the operator has none. */
const readers = (type: string, columns: string) => sql`
  select coalesce(json_agg(json_build_object('apiKeyId', r.key, ${columns},
      'allowed', r.key = '' or k.id is not null and k.scopes && array['audit', 'audit:personal']
        and (not r.personal or 'audit:personal' = any (k.scopes))) order by r.key), '[]')
  from (
    select coalesce(e.data ->> 'apiKeyId', '') as key, count(*)::int as times,
      sum((e.data ->> 'reads')::int)::int as reads, sum((e.data ->> 'events')::int)::int as events,
      bool_or(coalesce((e.data ->> 'personal')::boolean, false)) as personal
    from event e, as_of
    where e.tenant_id = t.id and e.type = '${type}' and e.time > as_of.since and e.time <= as_of.at
    group by 1
  ) r left join api_key k on k.id = r.key and k.tenant_id = t.id`;

const without = (account: string, most: number) => sql`
  select coalesce(json_agg(w.external_id order by w.id), '[]') from (
    select u.id, u.external_id from app_user u
    where u.account_id = ${account} and u.second_factor = 'disabled' order by u.id limit ${most}
  ) w`;

// One after the other, so that each is counted in the index alone.
const counts = sql`
  select json_object_agg(f.name, (select count(*)::int from app_user u where u.tenant_id = t.id and u.second_factor = f.name))
  from (values ('enabled'), ('disabled'), ('service')) f(name)`;
const countedOf = (state: string) =>
  sql`(select count(*)::int from app_user u where u.account_id = a.id and u.second_factor = '${state}')`;

/** All that a report is made from, as of one moment: one statement sees one state of the database. */
export const readFacts = statement<FactsRow, { tenantId: string; asOf: string | null }>(
  'compliance.facts',
  ($) => sql`with newest as (
     select size, signed_at, note from audit_checkpoint where tenant_id = ${$.tenantId} order by size desc, signed_at desc limit 1
   ),
   as_of as (
     select at, at - interval '${daysCounted} days' as since from (
       select coalesce(${$.asOf}::timestamptz,
         greatest(date_trunc('hour', now()), (select signed_at from newest))) as at
     ) given
   ),
   own as (
     select a.id, a.external_id, a.policy from account a
     where a.tenant_id = ${$.tenantId} and a.policy <> '{}' order by a.id limit ${overridesAtMost} + 1
   )
   select t.policy as "tenantPolicy", ${isoMicroseconds('as_of.at')} as "asOf",
     (${counts}) as users,
     (select coalesce(json_agg(json_build_object('accountId', a.external_id, 'policy', a.policy,
        'disabled', ${countedOf('disabled')}, 'service', ${countedOf('service')}, 'without', (${without('a.id', 5)})) order by a.id), '[]')
      from own a) as accounts,
     (select coalesce(json_agg(json_build_object('accountId', w.account_id, 'userId', w.user_id) order by w.id), '[]') from (
        select u.id, (select external_id from account where id = u.account_id) as account_id, u.external_id as user_id
        from app_user u
        where u.tenant_id = t.id and u.second_factor = 'disabled' and u.account_id not in (select id from own) order by u.id limit ${usersNamed}
      ) w) as without,
     (${replayed}) as replayed,
     (${approvedTwice}) as repeated,
     (${readers('audit.read', "'reads', r.reads, 'events', r.events")}) as readers,
     (${readers('audit.exported', "'exports', r.times")}) as exporters,
     coalesce((select size from audit_log where tenant_id = t.id), 0)::int as sealed,
     (select size::int from newest) as signed, (select ${isoMicroseconds('signed_at')} from newest) as "signedAt",
     (select note from newest) as checkpoint,
     (select coalesce(json_agg(vkey order by vkey), '[]') from audit_key where tenant_id = t.id) as keys,
     seen.size::int as witnessed,
     (select coalesce(json_agg(witness order by witness), '[]') from audit_cosignature s
      where s.tenant_id = t.id and s.size = seen.size and s.signed_at = seen.signed_at) as witnesses
   from tenant t cross join as_of left join lateral (
     select size, signed_at from audit_witnessed where tenant_id = t.id order by size desc, signed_at desc limit 1
   ) seen on true
   where t.id = ${$.tenantId}`,
);

export interface FactsRow {
  readonly tenantPolicy: PolicyOverride;
  /** ISO 8601 with microseconds, as are all times here. */
  readonly asOf: string;
  readonly users: { readonly enabled: number; readonly disabled: number; readonly service: number };
  /** Those with a policy of their own. */
  readonly accounts: readonly AccountFacts[];
  /** The first users without a second factor in all other accounts. */
  readonly without: readonly { readonly accountId: string; readonly userId: string }[];
  readonly replayed: number;
  /** Challenges that were approved more than once, by id. */
  readonly repeated: readonly string[];
  readonly readers: readonly (Reader & { readonly reads: number; readonly events: number })[];
  readonly exporters: readonly (Reader & { readonly exports: number })[];
  readonly sealed: number;
  readonly signed: number | null;
  readonly signedAt: string | null;
  readonly checkpoint: string | null;
  /** Verifier keys that the log has had. */
  readonly keys: readonly string[];
  /** Entries of the newest checkpoint that enough witnesses have cosigned, and who they are. */
  readonly witnessed: number | null;
  readonly witnesses: readonly string[];
}

interface Reader {
  /** Empty for the operator's command. */
  readonly apiKeyId: string;
  /** Whether this key may read the log, and what is personal in it where that was opened. */
  readonly allowed: boolean;
}

export interface AccountFacts {
  readonly accountId: string;
  readonly policy: PolicyOverride;
  readonly disabled: number;
  readonly service: number;
  readonly without: readonly string[];
}
