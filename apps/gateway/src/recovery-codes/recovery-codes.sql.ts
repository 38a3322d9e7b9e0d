import { appendEvents, noOutcomes, sql, statement } from '#persistence';
import { useProof } from '../proofs/proofs.js';
import { codesLeft } from './codes-left.js';

export const selectPool = statement<
  { left: number; generatedAt: Date | null; acknowledgedAt: Date | null },
  { userRef: string }
>(
  'recovery-codes.show',
  ($) => sql`select p.generated_at as "generatedAt", p.acknowledged_at as "acknowledgedAt",
     ${codesLeft('u.id')} as left
   from app_user u left join recovery_pool p on p.user_id = u.id where u.id = ${$.userRef}`,
);

export const replaceCodes = statement<
  { user_id: string },
  {
    userRef: string;
    proofId: string | null;
    grounds: string | null;
    macs: readonly Buffer[];
    events: string;
    setId: string;
  }
>(
  'recovery-codes.replace',
  // Whoever was reset meanwhile gets none.
  (
    $,
  ) => sql`with locked_user as (select id from app_user where id = ${$.userRef} and enrolled_at is not null for no key update),
   ${useProof($.proofId, $.grounds, { purpose: 'regenerate_recovery_codes', user: $.userRef, gate: 'locked_user', reach: 'null::text[]' })},
   -- The pool names the set in force, so two regenerations at once leave one whole set. Its counter and lock stay.
   pool as (
     insert into recovery_pool as p (user_id, set_id, codes_left) select locked_user.id, ${$.setId}, cardinality(${$.macs}::bytea[]) from locked_user, proof
     on conflict (user_id) do update set
       set_id = excluded.set_id, codes_left = excluded.codes_left, generated_at = clock_timestamp(), acknowledged_at = null,
       enrolment_device_id = null
     returning user_id
   ),
   old_codes as (delete from recovery_code r using pool where r.user_id = pool.user_id),
   new_codes as (insert into recovery_code (user_id, mac, set_id) select user_id, unnest(${$.macs}::bytea[]), ${$.setId} from pool),
   guard as (select ${noOutcomes} from pool), ${appendEvents($.events, 'guard')}
   select user_id from pool`,
);

export const acknowledge = statement<{ user_id: string }, { userRef: string; events: string }>(
  'recovery-codes.acknowledge',
  ($) => sql`with done as (
     update recovery_pool set acknowledged_at = now() where user_id = ${$.userRef} and acknowledged_at is null returning user_id
   ), guard as (select ${noOutcomes} from done), ${appendEvents($.events, 'guard')}
   select user_id from done`,
);
