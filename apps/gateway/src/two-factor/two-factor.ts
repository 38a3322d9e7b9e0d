import { Injectable } from '@nestjs/common';
import { Problem, type PersonalFields } from '#contracts';
import { isRequired, standAlone } from '#auth-core';
import { Database, event, eventsParameter, Sealer, type NewEvent } from '#persistence';
import { z } from 'zod';
import { SmsNotices, type NoticedPhone } from '../codes/sms-notice.js';
import type { Caller } from '../http/caller.js';
import { line, time } from '../http/schemas.js';
import { Proofs, proofValues, type TakenProof } from '../proofs/proofs.js';
import { noSuch, refusal } from '../refusals/refusals.js';
import { openAddress } from '../rows/device-row.js';
import { assertClock, effectivePolicy, UserContext } from '../rows/user-row.js';
import { challengeFacts } from '../verification/charge.js';
import { readUser, switchOn, withdraw, type ReadRow } from './two-factor.sql.js';

const actor = line(200)
  .optional()
  .meta({ description: 'The administrator who did it. Stored encrypted in the audit log' });

export const switchBody = z.strictObject({ enabled: z.boolean(), actor });
export type SwitchTwoFactor = z.infer<typeof switchBody>;

export const resetBody = z.strictObject({
  reason: line(500).meta({ description: 'The reason. Stored encrypted in the audit log' }),
  actor,
});
export type ResetTwoFactor = z.infer<typeof resetBody>;

export const twoFactorAnswer = z
  .object({ status: z.enum(['enabled', 'disabled']), since: time.nullable() })
  .meta({ id: 'TwoFactor' });
export type TwoFactorAnswer = z.infer<typeof twoFactorAnswer>;

interface Withdrawal {
  readonly reason: 'two_factor_disabled' | 'reset';
  readonly remove: boolean;
  readonly proof: TakenProof | null;
  readonly event: NewEvent;
}

/** How often a call begins again because the user's row changed under it. */
const attempts = 5;

/** Two-factor authentication of a user: switched off and on, and reset by an administrator. */
@Injectable()
export class TwoFactor {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly proofs: Proofs,
    private readonly notices: SmsNotices,
  ) {}

  /** What is so already stays so, and takes no proof. */
  async switch(caller: Caller, accountId: string, userId: string, body: SwitchTwoFactor): Promise<TwoFactorAnswer> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const row = await this.read(caller, accountId, userId);
      const on = row.twoFactorSince !== null;
      if (on === body.enabled) return answer(row.twoFactorSince);
      if (!body.enabled) {
        if (await this.switchOff(caller, row, body.actor)) return answer(null);
        continue;
      }
      const policy = effectivePolicy(row);
      const events = eventsParameter(this.users.events(caller, row), [event('two_factor.enabled', {})]);
      const { methods } = policy;
      const values = { userRef: row.userRef, events, allowed: methods.allowed, alone: standAlone(methods) };
      const switched = await this.database.one(switchOn, values);
      if (switched) return answer(switched.since);
      // Nothing to switch on with; or another call was faster, which the next reading shows.
      const { twoFactorSince, devices } = await this.read(caller, accountId, userId);
      if (twoFactorSince === null) {
        if (devices.some(({ status }) => status === 'verified')) {
          throw refusal(policy, 'method_not_allowed', {
            detail: 'The policy allows none of the verified devices. Add another device first, then turn it on.',
            wordsFor: 'not_alone',
          });
        }
        throw refusal(policy, 'device_not_verified', {
          detail:
            'There is no verified device to switch it on with. Add one: verifying it switches two-factor authentication on.',
        });
      }
    }
    throw new Problem('unavailable');
  }

  /** Leaves the user as one who has never enrolled: where the company requires it, the next login enrols again. */
  async reset(caller: Caller, accountId: string, userId: string, body: ResetTwoFactor): Promise<TwoFactorAnswer> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const row = await this.read(caller, accountId, userId);
      const personal = { reason: body.reason, ...(body.actor === undefined ? {} : { actor: body.actor }) };
      const deviceIds = row.devices.map((device) => device.id);
      const reset = event('two_factor.reset', { deviceIds }, { personal });
      const done = await this.withdraw(caller, row, { reason: 'reset', remove: true, proof: null, event: reset });
      if (done) return answer(null);
    }
    throw new Problem('unavailable');
  }

  /**
   * Where only an administrator may do it, the key's scope `admin` stands for the administrator and no proof is asked
   * for: the device that would give one is the user's. Elsewhere an administrator has `reset`.
   * @returns whether it was done; else the user has changed, and the call begins again
   */
  private async switchOff(caller: Caller, row: ReadRow, by: string | undefined): Promise<boolean> {
    const policy = effectivePolicy(row);
    const admin = policy.twoFactor.disableBy === 'admin';
    if (admin && !caller.scopes.includes('admin')) {
      throw refusal(policy, 'insufficient_scope', {
        detail:
          'Only an administrator may switch two-factor authentication off here: this call needs an API key with the scope "admin".',
        wordsFor: 'disabled_by_admin',
      });
    }
    if (isRequired(policy.twoFactor, row.now)) {
      throw refusal(policy, 'two_factor_required', {
        detail: 'The company requires two-factor authentication. It cannot be turned off.',
      });
    }
    const proof =
      admin || !policy.proofRequired.disable ? null : await this.proofs.take(caller, 'disable', row, policy);
    const remove = policy.twoFactor.onDisable === 'remove';
    const personal: PersonalFields = by === undefined ? {} : { actor: by };
    const facts = { by: admin ? 'admin' : 'user', devices: remove ? 'removed' : 'kept' } as const;
    const disabled = event('two_factor.disabled', facts, { personal });
    return this.withdraw(caller, row, { reason: 'two_factor_disabled', remove, proof, event: disabled });
  }

  /** @throws {Problem} `proof_invalid` where the proof was used meanwhile, or allows it no more */
  private async withdraw(caller: Caller, row: ReadRow, { reason, remove, proof, event: told }: Withdrawal) {
    const challenges = row.challenges.map(({ id, purpose, application }) =>
      event('challenge.canceled', challengeFacts(id, purpose, application), { when: id }),
    );
    const devices = row.devices.map(({ id, method, name }) =>
      event('device.removed', { deviceId: id, method, reason }, { when: id, personal: { deviceName: name } }),
    );
    const lockouts = row.lockouts.map(({ id, subject, deviceId }) =>
      event(
        'lockout.ended',
        { lockoutId: id, subject, ...(deviceId === null ? {} : { deviceId }), reason: 'removed' },
        { when: id },
      ),
    );
    const browsers = event('trusted_browser.revoked', { reason }, { when: 'browsers' });
    const events = [...challenges, told, ...devices, ...lockouts, browsers];
    const result = await this.database.one(withdraw, {
      userRef: row.userRef,
      version: row.version,
      ...proofValues(proof),
      removes: remove,
      events: eventsParameter(this.users.events(caller, row), events),
      challengeIds: row.challenges.map(({ id }) => id),
      lockoutIds: row.lockouts.map(({ id }) => id),
      notices: this.notices.parameter(
        row,
        caller,
        effectivePolicy(row),
        'reset',
        reason === 'reset' ? this.phones(row) : [],
      ),
    });
    if (result?.current && !result.done) throw await this.proofs.refused(proof, effectivePolicy(row), null);
    return result?.done === true;
  }

  /** The numbers that the user's phones had until now. */
  private phones(row: ReadRow): NoticedPhone[] {
    return row.devices.flatMap(({ id: deviceId, phone }) => {
      if (phone === null) return [];
      const addressSealed = Buffer.from(phone, 'base64');
      const number = openAddress(this.sealer, row.tenantId, { deviceId, addressSealed });
      return number === null ? [] : [{ deviceId, number }];
    });
  }

  private async read(caller: Caller, accountId: string, userId: string): Promise<ReadRow> {
    const row = await this.database.one(readUser, { tenantId: caller.tenantId, accountId, userId });
    if (!row) throw noSuch('user');
    assertClock(row.now);
    return row;
  }
}

function answer(since: Date | null): TwoFactorAnswer {
  return { status: since === null ? 'disabled' : 'enabled', since: since?.toISOString() ?? null };
}
