import { openConfirmed, shownText } from '../rows/confirmed.js';
import { Injectable } from '@nestjs/common';
import type { Policy } from '#contracts';
import { mayAnswer } from '#auth-core';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import type { SendAnswer } from '../codes/code.schema.js';
import { messageDevice } from '../codes/message-device.js';
import { SendCode, type MessageDevice } from '../codes/send-code.js';
import { eventsOf, ownChallenge, type Caller } from '../http/caller.js';
import {
  assertPending,
  assertUnlocked,
  isExpired,
  refusal,
  refuseDisabled,
  refuseEnded,
  refuseMethod,
} from '../refusals/refusals.js';
import { effectivePolicy, policyNow } from '../rows/user-row.js';
import { challengeFacts } from '../verification/charge.js';
import type { ChallengeAnswer } from './challenges.schema.js';
import {
  cancelChallenge,
  readForSend,
  selectChallenge,
  sendForChallenge,
  type ChallengeRow,
  type SendRead,
} from './challenges.sql.js';
import { noSuchDevice } from './choose-device.js';

/** A challenge that exists: shown, canceled, or given a code. */
@Injectable()
export class Challenges {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly codes: SendCode,
  ) {}

  async get(caller: Caller, challengeId: string): Promise<ChallengeAnswer> {
    const row = await this.find(caller, challengeId);
    return {
      id: row.id,
      accountId: row.accountId,
      userId: row.userId,
      status: isExpired(row) ? 'expired' : row.challengeStatus,
      purpose: row.purpose,
      application: row.application,
      attemptsLeft: row.maxChecks - row.checks,
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.challengeExpiresAt.toISOString(),
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
    if (!done) throw refuseEnded(effectivePolicy(row), row);
    return this.get(caller, challengeId);
  }

  /** Sends or resends: while the code is alive, the same one. */
  async sendCode(caller: Caller, challengeId: string, deviceId: string): Promise<SendAnswer> {
    const found = await this.database.one(readForSend, { challengeId, tenantId: caller.tenantId, deviceId });
    const row = ownChallenge(caller, found);
    const policy = policyNow(row);
    assertPending(policy, row);
    const device = this.deviceOf(row, policy);
    const { purpose } = row;
    const detail = shownText(openConfirmed(this.sealer, challengeId, row.detailSealed));
    const challenge = { challengeId, purpose, detail };
    const done = await this.codes.send({ caller, owner: row, policy, device, challenge, last: row }, (values) =>
      this.database.one(sendForChallenge, { challengeId, ...values }),
    );
    if (!done) throw refusal(policy, 'challenge_not_pending');
    return done.sent;
  }

  /** @throws {Problem} where the device is unknown, unproven, not allowed, locked, disabled, or gets no codes */
  private deviceOf(row: SendRead, policy: Policy): MessageDevice {
    const { deviceId, known, othersOnly } = row;
    if (deviceId === null) throw noSuchDevice();
    if (row.status === 'unverified') throw refusal(policy, 'device_not_verified');
    const device = messageDevice(this.sealer, { ...row, deviceId }, policy);
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    if (row.status === 'disabled') throw refuseDisabled(policy);
    // A code that could not be entered would only cost the user one of the day's messages.
    assertUnlocked(policy, row);
    return { ...device, verified: true, source: { known, othersOnly } };
  }

  private async find(caller: Caller, challengeId: string): Promise<ChallengeRow> {
    const { tenantId } = caller;
    return ownChallenge(caller, await this.database.one(selectChallenge, { challengeId, tenantId }));
  }
}
