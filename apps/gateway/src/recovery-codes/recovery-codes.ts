import { Injectable } from '@nestjs/common';
import { Database, event, eventsParameter } from '#persistence';
import { z } from 'zod';
import { MakeRecoveryCodes } from '../codes/make-recovery-codes.js';
import type { Caller } from '../http/caller.js';
import { time } from '../http/schemas.js';
import { Proofs, proofValues } from '../proofs/proofs.js';
import { refusal } from '../refusals/refusals.js';
import { effectivePolicy, UserContext } from '../rows/user-row.js';
import { acknowledge, replaceCodes, selectPool } from './recovery-codes.sql.js';

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
    recoveryCodes: z.array(z.string()).meta({ description: 'Shown only once' }),
    recoveryCodesLeft: z.int(),
    left: z.int().meta({ deprecated: true, description: 'The same' }),
  })
  .meta({ id: 'NewRecoveryCodes' });
export type NewRecoveryCodesAnswer = z.infer<typeof newRecoveryCodesAnswer>;

/** The way back in for users who have lost their devices: ten single-use codes of 80 bits. */
@Injectable()
export class RecoveryCodes {
  constructor(
    private readonly database: Database,
    private readonly users: UserContext,
    private readonly proofs: Proofs,
    private readonly makeCodes: MakeRecoveryCodes,
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
      throw refusal(policy, 'method_not_allowed', { detail: 'The policy does not allow recovery codes.' });
    }
    const proof = await this.proofs.take(caller, 'regenerate_recovery_codes', row, policy);
    const { setId, codes, macs } = this.makeCodes.run(row.userRef, policy.recoveryCodes.count);
    const generated = event('recovery_codes.generated', { count: codes.length });
    const events = eventsParameter(this.users.events(caller, row), [generated]);
    const values = {
      userRef: row.userRef,
      ...proofValues(proof),
      macs,
      events,
      setId,
    };
    if (!(await this.database.one(replaceCodes, values))) throw await this.proofs.refused(proof, policy, null);
    return { recoveryCodes: [...codes], recoveryCodesLeft: codes.length, left: codes.length };
  }

  /** "I have saved them." Saying it twice changes nothing. */
  async acknowledge(caller: Caller, accountId: string, userId: string): Promise<RecoveryCodesAnswer> {
    const row = await this.users.find(caller, accountId, userId);
    const events = eventsParameter(this.users.events(caller, row), [event('recovery_codes.acknowledged', {})]);
    await this.database.query(acknowledge, { userRef: row.userRef, events });
    return this.pool(row.userRef);
  }

  private async pool(userRef: string): Promise<RecoveryCodesAnswer> {
    const row = await this.database.one(selectPool, { userRef });
    return {
      recoveryCodesLeft: row?.left ?? 0,
      left: row?.left ?? 0,
      generatedAt: row?.generatedAt?.toISOString() ?? null,
      acknowledgedAt: row?.acknowledgedAt?.toISOString() ?? null,
    };
  }
}
