import { joinOwnerAndTenant, sql, statement } from '#persistence';
import { ownerColumns, type Owner } from './write-notice.sql.js';

/** Users of one account with wrong codes in ten minutes, from which on it looks like more than mistyping. */
const manyUsers = 3;

/** Wrong codes of one account in ten minutes, of whichever users. */
const manyRejections = 20;

const rejections = sql`type in ('challenge.rejected', 'challenge.replayed')`;

// Ten minutes that end 5 s after the rejection: of two that are committed in the other order than they happened, the
// later job sees both. Never more than 20 rows of the partial index are read, however long the attack and the table;
// a user whose rows stand behind these has had jobs of their own.
// The upsert is what makes it once an hour: of two jobs at the same time one gets the user. In the order of ids, so
// that two with the same users don't wait for each other.
export const claimPattern = statement<AffectedRow, { eventId: string }>(
  'claim-account-pattern',
  ($) => sql`with rejection as (
     select tenant_id, account_id, user_ref, time from event where id = ${$.eventId} and ${rejections}
   ),
   recent as (
     select found.user_ref
     from rejection r
     cross join lateral (
       select e.user_ref from event e
       where e.tenant_id = r.tenant_id and e.account_id = r.account_id and e.${rejections}
         and e.time > r.time + interval '5 seconds' - interval '10 minutes'
         and e.time <= r.time + interval '5 seconds'
       order by e.time desc
       limit ${manyRejections}
     ) found
   ),
   pattern as (
     select count(*) as rejections, count(distinct user_ref) as users from recent
     having count(*) >= ${manyRejections} or count(distinct user_ref) >= ${manyUsers}
   ),
   affected as (select user_ref from recent union select user_ref from rejection),
   claimed as (
     insert into account_pattern_notice (user_id, noticed_at)
     select u.id, now() from pattern cross join affected f join app_user u on u.id = f.user_ref order by u.id
     on conflict (user_id) do update set noticed_at = excluded.noticed_at
       where account_pattern_notice.noticed_at <= now() - interval '1 hour'
     returning user_id
   )
   select a.id as "accountId", p.rejections, p.users, ${ownerColumns}
   from claimed c
   cross join pattern p
   ${joinOwnerAndTenant('c.user_id')}`,
);

interface AffectedRow extends Owner {
  readonly accountId: string;
  readonly rejections: number;
  readonly users: number;
}
