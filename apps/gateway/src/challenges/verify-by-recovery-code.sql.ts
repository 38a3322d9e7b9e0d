import { appendEvents, sql, statement } from '#persistence';
import { adviceColumns, type AdviceFacts } from '../advice/advice.js';
import { chargeableChallenge, chargeChallenge } from '../verification/charge.js';
import { challengeColumns, ofChallenge, type ChallengeRow } from './challenge-row.sql.js';

export const readRecovery = statement<RecoveryRead, { challengeId: string; tenantId: string }>(
  'challenge.recover-read',
  ($) => sql`select ${challengeColumns}, ${adviceColumns('c.user_id')}, p.user_id is not null as "hasCodes",
     (select array_agg(r.mac) from recovery_code r
      where r.user_id = p.user_id and r.set_id = p.set_id and r.used_at is null) as macs
   from challenge c ${ofChallenge}
   left join recovery_pool p on p.user_id = c.user_id and p.enrolment_device_id is null
   where c.id = ${$.challengeId} and c.tenant_id = ${$.tenantId}`,
);

export const chargeByRecoveryCode = statement<
  RecoveryCharged,
  { challengeId: string; userRef: string; right: boolean; mac: Buffer | null; events: string }
>(
  'challenge.recover-charge',
  ($) => sql`with locked_pool as (
     select user_id, set_id, wrong_codes from recovery_pool
     where user_id = ${$.userRef} and enrolment_device_id is null
     for update
   ), ${chargeableChallenge($.challengeId, 'locked_pool')},
   live_code as (
     select r.mac from locked_pool, recovery_code r
     where ${$.right} and r.user_id = locked_pool.user_id and r.set_id = locked_pool.set_id and r.used_at is null
     for update of r
   ),
   spent_code as (
     update recovery_code set used_at = now()
     where user_id = ${$.userRef} and mac = ${$.mac} and mac in (select mac from live_code) and exists (select from locked_challenge)
     returning 1
   ),
   verdict as (
     select locked_pool.user_id, locked_challenge.id as challenge_id, locked_challenge.checks,
       locked_challenge.max_checks, locked_pool.wrong_codes + 1 as wrong,
       ${$.right} and exists (select from spent_code) as ok,
       (select count(*) from live_code) - (select count(*) from spent_code) as codes_left
     from locked_pool, locked_challenge
   ),
   outcome as (select *, clock_timestamp() as at from verdict),
   pool_row as (
     update recovery_pool p set
       wrong_codes = case when o.ok then 0 else o.wrong end,
       codes_left = case when o.ok then o.codes_left else p.codes_left end
     from outcome o where p.user_id = o.user_id
   ), ${chargeChallenge()},
   guard as (
     select array_remove(array[
         case when ok then 'approved' else 'rejected' end,
         case when not ok and checks >= max_checks then 'exhausted' end], null) as outcomes,
       jsonb_build_object('recovery_code.used', jsonb_build_object('left', codes_left)) as patch
     from outcome
   ), ${appendEvents($.events, 'guard')}
   select ok, checks, codes_left::int as "codesLeft" from outcome`,
);

export interface RecoveryRead extends ChallengeRow, AdviceFacts {
  readonly hasCodes: boolean;
  readonly macs: Buffer[] | null;
}

export interface RecoveryCharged {
  readonly ok: boolean;
  readonly checks: number;
  readonly codesLeft: number;
}
