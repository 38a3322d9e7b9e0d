import { Injectable } from '@nestjs/common';
import { newId, type Problem } from '#contracts';
import { lockSchedule } from '#auth-core';
import { Batch, Database, event, eventsToWrite, Sealer, type EventContext } from '#persistence';
import { adviceFor } from '../advice/advice.js';
import { eventsOf, ownChallenge, type Caller } from '../http/caller.js';
import { Proofs } from '../proofs/proofs.js';
import { assertPending, noSuch, refusal, refuseCounted, refusedAs } from '../refusals/refusals.js';
import { policyNow, type PolicyInForce } from '../rows/user-row.js';
import { prepareBrowser } from '../trusted-browsers/remember-browser.js';
import { challengeFacts, lockoutEvents } from '../verification/charge.js';
import { CheckAnswer, type Check } from './check-answer.js';
import { chooseDevice } from './choose-device.js';
import type { VerifyChallengeAnswer, VerifyChallengeBody } from './verify-challenge.schema.js';
import {
  readDevices,
  readPasskeys,
  refuseDevice,
  type AnsweringDevice,
  type Charged,
  type DeviceCall,
  type DeviceRead,
  type PasskeyRead,
  type Refusal,
} from './verify-by-device.sql.js';

/** A check under way: by which device, under which policy, and whom its events are about. */
interface CheckUnderWay {
  readonly row: AnsweringDevice;
  readonly policy: PolicyInForce;
  readonly context: EventContext;
}

/** Checks a code or a passkey against a challenge. */
@Injectable()
export class VerifyByDevice {
  private readonly deviceReads: Batch<DeviceRead, DeviceCall>;
  private readonly passkeyReads: Batch<PasskeyRead, DeviceCall>;
  private readonly refusals: Batch<Charged, Refusal>;

  constructor(
    database: Database,
    private readonly sealer: Sealer,
    private readonly proofs: Proofs,
    private readonly answers: CheckAnswer,
  ) {
    this.deviceReads = new Batch(database, readDevices);
    this.passkeyReads = new Batch(database, readPasskeys);
    this.refusals = new Batch(database, refuseDevice);
  }

  async run(caller: Caller, challengeId: string, body: VerifyChallengeBody): Promise<VerifyChallengeAnswer> {
    const devices = await this.read(caller, challengeId, body);
    const challenge = ownChallenge(caller, devices[0]);
    const { accountId, userId, userRef } = challenge;
    const context = { ...eventsOf(caller), accountId, userId, userRef };
    const policy = policyNow(challenge);
    assertPending(policy, challenge);
    const row = chooseDevice(devices, body, policy);
    const underWay = { row, policy, context };
    const check = await this.answers.run(row, policy, body);
    const approved = await this.approve(underWay, check, body.rememberBrowser === true);
    if (!approved) throw await this.refuse(underWay, check);
    const facts = {
      verifiedDevices: devices.filter(({ deviceStatus }) => deviceStatus === 'verified'),
      codesInForce: row.codesInForce,
    };
    return { ...approved, advice: adviceFor(facts, policy, caller.language, { ...row, ...check }) };
  }

  /** @returns the user's devices, each with the challenge; one row without a device where there is none */
  private read(
    { tenantId }: Pick<Caller, 'tenantId'>,
    challengeId: string,
    { deviceId = null, webauthn }: { readonly deviceId?: string | undefined | null; readonly webauthn?: unknown },
  ): Promise<PasskeyRead[]> {
    const reads = webauthn ? this.passkeyReads : (this.deviceReads as Batch<PasskeyRead, DeviceCall>);
    return reads.ask({ challenge_id: challengeId, tenant_id: tenantId, device_id: deviceId });
  }

  /** @returns undefined where the answer was wrong, or was used up, or something changed, since it was looked at */
  private async approve({ row, policy, context }: CheckUnderWay, check: Check, rememberBrowser: boolean) {
    if (check.verdict.result !== 'match') return undefined;
    const { challengeId, deviceId } = row;
    const browser = rememberBrowser ? prepareBrowser(this.sealer, policy, row, deviceId) : null;
    // What it says has to open before anything is settled.
    const proof = this.proofs.prove(row, { deviceId, amr: check.amr });
    const approved = event('challenge.approved', { ...deviceFacts(row), amr: check.amr });
    const events = eventsToWrite(context, browser ? [approved, browser.event] : [approved]);
    const approval = { challenge_id: challengeId, device_id: deviceId, events };
    const done = await check.approve(approval, browser?.parameter ?? null);
    if (!done) return undefined;
    return { status: 'approved' as const, proof, ...(browser ? { trustedBrowser: browser.token } : {}) };
  }

  /**
   * Charges an answer that was wrong, or that somebody was first with. Where it was the challenge or the device that
   * changed, the charge finds that out.
   * @returns what to say of it
   */
  private async refuse(underWay: CheckUnderWay, { kind, verdict }: Check): Promise<Problem> {
    const { row, policy, context } = underWay;
    const { challengeId, deviceId, method } = row;
    const lockoutId = newId('lockout');
    const refused = refusedAs(verdict) === 'replayed' ? 'challenge.replayed' : 'challenge.rejected';
    const [charged] = await this.refusals.ask({
      challenge_id: challengeId,
      device_id: deviceId,
      schedule: lockSchedule(policy.lockout),
      lockout_id: lockoutId,
      events: eventsToWrite(context, [
        event(refused, deviceFacts(row), { job: 'examine-rejection' }),
        event('challenge.max_attempts_reached', endedFacts(row), { when: 'exhausted' }),
        ...lockoutEvents({ deviceId, method }, lockoutId),
      ]),
    });
    if (!charged) return this.explain(underWay);
    return refuseCounted(policy, kind, verdict, charged, row.now, row.maxChecks - charged.checks);
  }

  /** Why the charging statement found nothing to charge. Says neither right nor wrong. */
  private async explain({ row: { challengeId, deviceId, tenantId } }: CheckUnderWay): Promise<Problem> {
    const rows = await this.read({ tenantId }, challengeId, { deviceId });
    const [challenge] = rows;
    if (!challenge) return noSuch('challenge');
    const policy = policyNow(challenge);
    assertPending(policy, challenge);
    chooseDevice(rows, { deviceId }, policy);
    return refusal(policy, 'locked', { retryAfter: 1 });
  }
}

/** What the events that end a challenge tell. */
function endedFacts(row: AnsweringDevice) {
  return challengeFacts(row.challengeId, row.purpose, row.application);
}

function deviceFacts(row: AnsweringDevice) {
  return { ...endedFacts(row), deviceId: row.deviceId, method: row.method };
}
