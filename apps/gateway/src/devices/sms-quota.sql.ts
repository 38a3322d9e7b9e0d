import { appendEvents, joinOwnerAndTenant, sql, statement } from '#persistence';
import { dayIn, zoneExpression } from './device-columns.sql.js';

/**
 * The rows are locked in the order in which sending locks them: the unproven number's, then the user's own. An
 * unproven device is bound by both, so giving back one alone would give nothing back.
 */
export const restoreQuota = statement<
  { restored: number },
  { deviceId: string; events: string; paceKeys: readonly Buffer[] }
>(
  'device.restore-quota',
  ($) => sql`with wanted as (
     select k.key, k.n, ${dayIn(zoneExpression)} as day
     from device d ${joinOwnerAndTenant('d.user_id')}
     cross join lateral (
       values (d.address_mac, 1, d.status = 'unverified'), (d.quota_key, 2, true)) as k(key, n, counts)
     where d.id = ${$.deviceId} and k.counts
   ),
   held as (
     select q.key, q.starts_at, q.sent, w.n from wanted w join send_window q on q.key = w.key and q.starts_at = w.day
     where q.sent > 0 order by w.n for update of q
   ),
   -- Or the first of the new messages would have to wait.
   paced as (update send_pace set ready_at = now(), hour_sent = 0 where key = any (${$.paceKeys}::bytea[])),
   restored as (
     update send_window q set sent = 0 from held h where q.key = h.key and q.starts_at = h.starts_at
     returning h.n, h.sent
   ),
   guard as (
     select array[]::text[] as outcomes,
       jsonb_build_object('code.quota_restored', jsonb_build_object('used', coalesce(max(sent) filter (where n = 2), 0)))
         as patch
     from restored having count(*) > 0
   ), ${appendEvents($.events, 'guard')}
   select count(*)::int as restored from restored`,
);
