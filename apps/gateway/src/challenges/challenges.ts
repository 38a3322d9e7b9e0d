import { Injectable } from '@nestjs/common';
import { deliveryStates, Problem } from '#contracts';
import { mayAnswer, purposes } from '#auth-core';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import { z } from 'zod';
import { SendCode, type SendAnswer } from '../codes/send-code.js';
import { eventsOf, isOwn, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { id, time } from '../http/schemas.js';
import { openAddress } from '../rows/device-row.js';
import { assertClock, effectivePolicy, UserContext } from '../rows/user-row.js';
import { challengeFacts } from '../verification/charge.js';
import {
  cancelChallenge,
  readForSend,
  selectChallenge,
  sendForChallenge,
  type ChallengeRow,
} from './challenges.sql.js';
import { refuseDisabled, refuseLocked, refuseMethod } from '../verification/refuse-code.js';

export const challengeAnswer = z
  .object({
    id: id('chl'),
    accountId: z.string(),
    userId: z.string(),
    status: z.enum(['pending', 'approved', 'canceled', 'expired', 'max_attempts_reached']),
    purpose: z.enum(purposes),
    application: z.string().nullable(),
    attemptsLeft: z.int(),
    createdAt: time,
    expiresAt: time,
    endedAt: time.nullable(),
    approvedBy: id('dev').nullable(),
    inForce: z.boolean().meta({
      description:
        'Whether the challenge is approved and what approved it is still valid. It becomes false when the device is removed, replaced or disabled, changes its number or uses a method that is no longer allowed, when the recovery codes are replaced, and after a reset. Then end the session that it opened',
    }),
    deliveries: z.array(
      z.object({
        id: id('dlv'),
        deviceId: id('dev'),
        channel: z.enum(['sms', 'email']),
        status: z.enum(deliveryStates),
        createdAt: time,
      }),
    ),
  })
  .meta({ id: 'Challenge' });
export type ChallengeAnswer = z.infer<typeof challengeAnswer>;

export const sendChallengeCodeBody = z.strictObject({ deviceId: id('dev') });

/** A challenge that exists: shown, canceled, or given a code. */
@Injectable()
export class Challenges {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly codes: SendCode,
  ) {}

  async get(caller: Caller, challengeId: string): Promise<ChallengeAnswer> {
    const row = await this.find(caller, challengeId);
    const over = row.status === 'pending' && row.expiresAt <= row.now;
    return {
      id: row.id,
      accountId: row.accountId,
      userId: row.userId,
      status: over ? 'expired' : row.status,
      purpose: row.purpose,
      application: row.application,
      attemptsLeft: row.maxChecks - row.checks,
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
      approvedBy: row.approvedBy,
      inForce: row.inForce,
      deliveries: row.deliveries.map((item) => ({ ...item, createdAt: new Date(item.createdAt).toISOString() })),
    };
  }

  async cancel(caller: Caller, challengeId: string): Promise<ChallengeAnswer> {
    const row = await this.find(caller, challengeId);
    const { accountId, userId } = row;
    const context = { ...eventsOf(caller), accountId, userId };
    const facts = challengeFacts(challengeId, row.purpose, row.application);
    const events = eventsParameter(context, [event('challenge.canceled', facts)]);
    const done = await this.database.one(cancelChallenge, { challengeId, tenantId: caller.tenantId, events });
    if (!done) {
      const over = row.status === 'expired' || (row.status === 'pending' && row.expiresAt <= row.now);
      throw refusal(effectivePolicy(row), over ? 'challenge_expired' : 'challenge_not_pending');
    }
    return this.get(caller, challengeId);
  }

  /** Sends or resends: while the code is alive, the same one. */
  async sendCode(caller: Caller, challengeId: string, deviceId: string): Promise<SendAnswer> {
    const row = await this.database.one(readForSend, { challengeId, tenantId: caller.tenantId, deviceId });
    if (!row || !isOwn(caller, row.application)) {
      throw new Problem('not_found', { detail: 'There is no such challenge.' });
    }
    assertClock(row.now);
    const policy = effectivePolicy(row);
    if (row.challengeStatus === 'expired' || (row.challengeStatus === 'pending' && row.challengeExpiresAt <= row.now)) {
      throw refusal(policy, 'challenge_expired');
    }
    if (row.challengeStatus !== 'pending') throw refusal(policy, 'challenge_not_pending');
    const address = openAddress(this.sealer, caller.tenantId, { deviceId, addressSealed: row.addressSealed });
    if (row.deviceId === null) throw new Problem('not_found', { detail: 'This challenge has no such device.' });
    if (row.status === 'unverified') throw refusal(policy, 'device_not_verified');
    if ((row.method !== 'sms' && row.method !== 'email') || address === null || row.addressMac === null) {
      throw refusal(policy, 'method_not_allowed', {
        detail: 'This device generates its own codes. No code can be sent to it.',
      });
    }
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    if (row.status === 'disabled') throw refuseDisabled(policy);
    // A code that could not be entered would only cost the user one of the day's messages.
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const last =
      row.codeId === null
        ? null
        : { id: row.codeId, sends: row.sends, lastSentAt: row.lastSentAt, expiresAt: row.codeExpiresAt };
    this.codes.assertMaySend(last, policy, row.now);
    const { method, addressMac, quotaKey, known, othersOnly, purpose } = row;
    const device = { deviceId, method, verified: true, address, addressMac, quotaKey, source: { known, othersOnly } };
    const detail = row.detailSealed && this.sealer.openText('detail', challengeId, row.detailSealed);
    const prepared = this.codes.prepare(row, device, policy, { challengeId, purpose, detail }, last, caller);
    const events = eventsParameter(this.users.events(caller, row), prepared.events);
    const sending = await this.database.one(sendForChallenge, { challengeId, send: prepared.parameter, events });
    if (!sending) throw refusal(policy, 'challenge_not_pending');
    const outcome = this.codes.outcome(prepared, sending);
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }

  private async find(caller: Caller, challengeId: string): Promise<ChallengeRow> {
    const row = await this.database.one(selectChallenge, { challengeId, tenantId: caller.tenantId });
    if (!row || !isOwn(caller, row.application)) {
      throw new Problem('not_found', { detail: 'There is no such challenge.' });
    }
    return row;
  }
}
