import { Injectable } from '@nestjs/common';
import { newId } from '#contracts';
import { newRecoveryCodes, recoveryCodeMac, systemRandom } from '#auth-core';
import { appendEvents, Database, event, eventsParameter, noOutcomes, statement } from '#persistence';
import { z } from 'zod';
import { Pepper } from '../codes/pepper.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { time } from '../http/schemas.js';
import { Proofs, useProof } from '../proofs/proofs.js';
import { effectivePolicy, UserContext } from '../rows/user-row.js';
import { codesLeft } from './codes-left.js';

export const recoveryCodesAnswer = z
  .object({
    recoveryCodesLeft: z.int(),
    left: z.int().meta({ deprecated: true, description: 'The same' }),
    generatedAt: time.nullable(),
    acknowledgedAt: time.nullable(),
  })
  .meta({ id: 'RecoveryCodes' });
export type RecoveryCodesAnswer = z.infer<typeof recoveryCodesAnswer>;

export const newRecoveryCodesAnswer = z
  .object({
    recoveryCodes: z.array(z.string()).meta({ description: 'Shown this once' }),
    recoveryCodesLeft: z.int(),
    left: z.int().meta({ deprecated: true, description: 'The same' }),
  })
  .meta({ id: 'NewRecoveryCodes' });
export type NewRecoveryCodesAnswer = z.infer<typeof newRecoveryCodesAnswer>;

const selectPool = statement(
  'recovery-codes.show',
  `select p.generated_at as "generatedAt", p.acknowledged_at as "acknowledgedAt",
     ${codesLeft('u.id')} as left
   from app_user u left join recovery_pool p on p.user_id = u.id where u.id = $1`,
);

const replaceCodes = statement(
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

const acknowledge = statement(
  'recovery-codes.acknowledge',
  `with done as (
     update recovery_pool set acknowledged_at = now() where user_id = $1 and acknowledged_at is null returning user_id
   ), guard as (select ${noOutcomes} from done), ${appendEvents('$2', 'guard')}
   select user_id from done`,
);

/** The saved way back in: ten codes of 80 bits, each good once. */
@Injectable()
export class RecoveryCodes {
  constructor(
    private readonly database: Database,
    private readonly users: UserContext,
    private readonly proofs: Proofs,
    private readonly pepper: Pepper,
  ) {}

  async show(caller: Caller, accountId: string, userId: string): Promise<RecoveryCodesAnswer> {
    const { userRef } = await this.users.find(caller, accountId, userId);
    return this.pool(userRef);
  }

  /** A new set; the old one dies with it. */
  async replace(caller: Caller, accountId: string, userId: string): Promise<NewRecoveryCodesAnswer> {
    const row = await this.users.find(caller, accountId, userId);
    const policy = effectivePolicy(row);
    if (policy.recoveryCodes.count === 0) {
      throw refusal(policy, 'method_not_allowed', { detail: 'The policy has no recovery codes.' });
    }
    const proof = await this.proofs.take(caller, 'regenerate_recovery_codes', row, policy);
    const recoveryCodes = newRecoveryCodes(policy.recoveryCodes.count, systemRandom);
    const macs = recoveryCodes.map((code) => recoveryCodeMac(this.pepper.key, row.userRef, code));
    const generated = event('recovery_codes.generated', { count: recoveryCodes.length });
    const events = eventsParameter(this.users.events(caller, row), [generated]);
    const values = [row.userRef, proof.id, proof.grounds, macs, events, newId('recoverySet')];
    if (!(await this.database.one(replaceCodes, values))) throw await this.proofs.refused(proof, policy, null);
    return { recoveryCodes, recoveryCodesLeft: recoveryCodes.length, left: recoveryCodes.length };
  }

  /** "I have saved them." Saying it twice changes nothing. */
  async acknowledge(caller: Caller, accountId: string, userId: string): Promise<RecoveryCodesAnswer> {
    const row = await this.users.find(caller, accountId, userId);
    const events = eventsParameter(this.users.events(caller, row), [event('recovery_codes.acknowledged', {})]);
    await this.database.query(acknowledge, [row.userRef, events]);
    return this.pool(row.userRef);
  }

  private async pool(userRef: string): Promise<RecoveryCodesAnswer> {
    const row = await this.database.one<{ left: number; generatedAt: Date | null; acknowledgedAt: Date | null }>(
      selectPool,
      [userRef],
    );
    return {
      recoveryCodesLeft: row?.left ?? 0,
      left: row?.left ?? 0,
      generatedAt: row?.generatedAt?.toISOString() ?? null,
      acknowledgedAt: row?.acknowledgedAt?.toISOString() ?? null,
    };
  }
}
