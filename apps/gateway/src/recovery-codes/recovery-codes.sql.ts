import { appendEvents, noOutcomes, statement } from '#persistence';
import { useProof } from '../proofs/proofs.js';
import { codesLeft } from './codes-left.js';

export const selectPool = statement(
  'recovery-codes.show',
  `select p.generated_at as "generatedAt", p.acknowledged_at as "acknowledgedAt",
     ${codesLeft('u.id')} as left
   from app_user u left join recovery_pool p on p.user_id = u.id where u.id = $1`,
);

export const replaceCodes = statement(
  'recovery-codes.replace',
  // Whoever was reset meanwhile gets none.
  `with u as (select id from app_user where id = $1 and enrolled_at is not null for no key update),
   ${useProof('$2', '$3', { purpose: 'regenerate_recovery_codes', user: '$1', gate: 'u', reach: 'null::text[]' })},
   -- The pool names the set in force, so two regenerations at once leave one whole set. Its counter and lock stay.
   pool as (
     insert into recovery_pool as p (user_id, set_id, codes_left) select u.id, $6, cardinality($4::bytea[]) from u, proof
     on conflict (user_id) do update set
       set_id = excluded.set_id, codes_left = excluded.codes_left, generated_at = clock_timestamp(), acknowledged_at = null,
       enrolment_device_id = null
     returning user_id
   ),
   old as (delete from recovery_code r using pool where r.user_id = pool.user_id),
   new as (insert into recovery_code (user_id, mac, set_id) select user_id, unnest($4::bytea[]), $6 from pool),
   guard as (select ${noOutcomes} from pool), ${appendEvents('$5', 'guard')}
   select user_id from pool`,
);

export const acknowledge = statement(
  'recovery-codes.acknowledge',
  `with done as (
     update recovery_pool set acknowledged_at = now() where user_id = $1 and acknowledged_at is null returning user_id
   ), guard as (select ${noOutcomes} from done), ${appendEvents('$2', 'guard')}
   select user_id from done`,
);
