import { Injectable } from '@nestjs/common';
import { invalidRequest, Problem, type Policy } from '#contracts';
import { lockSchedule, verifyPasskeyRegistration, type NewPasskey, type Verdict } from '#auth-core';
import { Database, event, eventsParameter, Sealer, type NewEvent } from '#persistence';
import { adviceFor } from '../advice/advice.js';
import { AddressKeys } from '../codes/address-keys.js';
import { MakeRecoveryCodes, type RecoveryCodeSet } from '../codes/make-recovery-codes.js';
import { Pepper } from '../codes/pepper.js';
import { isOwn, serves, type Caller } from '../http/caller.js';
import { Proofs } from '../proofs/proofs.js';
import {
  assertPending,
  assertUnlocked,
  noSuch,
  refusal,
  refuseCounted,
  refuseDisabled,
  type AnswerKind,
} from '../refusals/refusals.js';
import { openAddress } from '../rows/device-row.js';
import { effectivePolicy, policyNow, UserContext, type PolicyInForce } from '../rows/user-row.js';
import { AddressGuesses } from '../verification/address-guesses.js';
import { authenticatorOf, verifyCode } from '../verification/authenticator.js';
import { amrOf, challengeFacts, chargeOf, lockoutEvents } from '../verification/charge.js';
import { relyingParty } from '../verification/passkey.js';
import { viewDevice } from './device-view.js';
import { shownCodes } from './enrolment.js';
import { assertFits, fitsValues, provedEvents, savesCodesFirst } from './proved-device.js';
import { ProvePhone } from './prove-phone.js';
import type { VerifyDeviceAnswer, VerifyDeviceBody } from './verify-device.schema.js';
import { chargeEnrolment, readEnrolment, type Charged, type EnrolmentRead } from './verify-device.sql.js';

/** An answer that has been looked at; what it is worth is decided by the statement that charges it. */
interface Check {
  readonly kind: AnswerKind;
  readonly verdict: Verdict;
  readonly passkey: NewPasskey | null;
  readonly amr: string[];
}

interface SentTo {
  readonly method: 'sms' | 'email';
  readonly address: string;
}

/** An enrolment whose answer is being charged. */
interface CheckUnderWay {
  readonly caller: Caller;
  readonly row: EnrolmentRead;
  readonly policy: PolicyInForce;
  readonly check: Check;
  /** What a first device brings. */
  readonly recovery: RecoveryCodeSet;
  /** Where the code went; null for devices that get none. */
  readonly sentTo: SentTo | null;
  /** Under which guesses for that address are counted. */
  readonly guessKey: Buffer | null;
}

/**
 * Proves a new device by a code. The user's first one switches two-factor authentication on, brings the recovery
 * codes, and ends the user's other enrolments.
 */
@Injectable()
export class VerifyDevice {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly proofs: Proofs,
    private readonly provePhone: ProvePhone,
    private readonly keys: AddressKeys,
    private readonly guesses: AddressGuesses,
    private readonly makeCodes: MakeRecoveryCodes,
  ) {}

  /** @param again whether it may look once more, where the rows have changed since it looked */
  async run(caller: Caller, deviceId: string, body: VerifyDeviceBody, again = true): Promise<VerifyDeviceAnswer> {
    const row = await this.read(caller, deviceId, body.challengeId);
    if (row.status === 'verified' && row.pendingId !== null && body.challengeId === undefined) {
      if (body.code === undefined) throw notAPasskey();
      const changed = await this.provePhone.run(caller, row, body.code);
      return { ...changed, advice: adviceFor(row, effectivePolicy(row), caller.language) };
    }
    const policy = assertVerifiable(row, body.challengeId);
    const check = await this.check(caller, row, policy, body);
    const bringsCodes = row.enrolledAt === null && !savesCodesFirst(row, policy);
    const recovery = this.makeCodes.run(row.userRef, bringsCodes ? policy.recoveryCodes.count : 0);
    const sentTo = this.sentTo(row);
    const guessKey = sentTo && this.keys.ofGuesses(row, sentTo.method, sentTo.address);
    const underWay = { caller, row, policy, check, recovery, sentTo, guessKey };
    const charged = await this.charge(underWay);
    // Nothing was charged, so nothing may be said of the code: look again at what has changed.
    if (!charged && guessKey) await this.guesses.assertOpen(guessKey, policy);
    if (!charged && again) return this.run(caller, deviceId, body, false);
    if (!charged) throw refusal(policy, 'locked', { retryAfter: 1 });
    if (!charged.ok) throw refuseCounted(policy, check.kind, check.verdict, charged, row.now);
    return this.answer(underWay, charged);
  }

  private async read(caller: Caller, deviceId: string, challengeId: string | undefined): Promise<EnrolmentRead> {
    const values = { deviceId, tenantId: caller.tenantId, challengeId: challengeId ?? null };
    const row = await this.database.one(readEnrolment, values);
    if (!row || !serves(caller, row.applications)) throw noSuch('device');
    // As if there were none.
    return row.challengeId !== null && !isOwn(caller, row.application) ? { ...row, challengeId: null } : row;
  }

  private async check(
    caller: Caller,
    row: EnrolmentRead,
    policy: Policy,
    { code, webauthn }: VerifyDeviceBody,
  ): Promise<Check> {
    if (row.method !== 'webauthn') {
      if (code === undefined) throw notAPasskey();
      const authenticator = authenticatorOf(this.sealer, row, policy);
      const verdict = verifyCode(authenticator, code, row.now, this.pepper);
      return { kind: authenticator.kind, verdict, passkey: null, amr: amrOf(row.method) };
    }
    if (webauthn === undefined) throw invalidRequest('/code', 'cannot be used: this device is a passkey');
    const party = relyingParty(policy, caller.application);
    const verdict = await this.pepper.underAny((key) => verifyPasskeyRegistration(party, key, row.deviceId, webauthn));
    const passkey = verdict.result === 'match' ? verdict.passkey : null;
    return { kind: 'new_passkey', verdict, passkey, amr: amrOf(row.method, passkey?.userVerified) };
  }

  /** @returns undefined where nothing could be charged: something has changed since it was read */
  private charge({
    caller,
    row,
    policy,
    check,
    recovery,
    sentTo,
    guessKey,
  }: CheckUnderWay): Promise<Charged | undefined> {
    const { lockoutId, match, step } = chargeOf(check.verdict);
    return this.database.one(chargeEnrolment, {
      deviceId: row.deviceId,
      userRef: row.userRef,
      right: match,
      step,
      codeId: row.codeId,
      schedule: lockSchedule(policy.lockout),
      lockoutId,
      tenantId: row.tenantId,
      codeMacs: recovery.macs,
      challengeId: row.challengeId,
      events: eventsParameter(this.users.events(caller, row), eventsOfCheck(row, check, recovery, lockoutId)),
      setId: row.enrolledAt === null ? recovery.setId : null,
      codesFirst: savesCodesFirst(row, policy),
      ...fitsValues(policy),
      passkey: check.passkey && passkeyParameter(check.passkey),
      methods: JSON.stringify(policy.methods.allowed),
      guessKey,
      answered: sentTo === null ? [] : this.keys.ofAnswered(row, policy, sentTo.method, sentTo.address),
    });
  }

  private answer({ caller, row, policy, check, recovery }: CheckUnderWay, charged: Charged): VerifyDeviceAnswer {
    const { passkey, verdict, amr } = check;
    const { deviceId, method } = row;
    const { verifiedAt, isDefault, first } = charged;
    const view = viewDevice(this.sealer, row, policy, { ...row, status: 'verified', verifiedAt, isDefault, passkey });
    const known = {
      verifiedDevices: [...row.verifiedDevices, { method, backedUp: passkey?.backedUp ?? null }],
      // Codes that this very answer shows, or that were saved before it, need no advice yet.
      codesInForce: first ? { left: policy.recoveryCodes.count, acknowledged: true } : row.codesInForce,
    };
    return {
      ...view,
      ...(first ? shownCodes(recovery) : {}),
      ...(charged.approved ? { proof: this.proofs.prove(row, { deviceId, amr }) } : {}),
      advice: adviceFor(known, policy, caller.language, { ...row, verdict }),
    };
  }

  private sentTo(row: EnrolmentRead): SentTo | null {
    const { method } = row;
    const address = openAddress(this.sealer, row.tenantId, row);
    return address !== null && (method === 'sms' || method === 'email') ? { method, address } : null;
  }
}

function eventsOfCheck(row: EnrolmentRead, { amr }: Check, { codes }: RecoveryCodeSet, lockoutId: string): NewEvent[] {
  const { deviceId, method, name, challengeId, purpose, application } = row;
  const facts = { deviceId, method };
  const replaced = row.others.find((other) => other.deviceId === row.replacesDeviceId) ?? null;
  const challenge = challengeFacts(challengeId ?? '', purpose, application);
  return [
    event('device.verified', facts, { when: 'verified', personal: { deviceName: name } }),
    ...provedEvents(codes.length, replaced),
    event('device.verification_failed', facts, { when: 'rejected' }),
    ...lockoutEvents(facts, lockoutId),
    event('challenge.approved', { ...challenge, ...facts, amr }, { when: 'approved' }),
  ];
}

function passkeyParameter({ publicKey, userVerified: _, ...passkey }: NewPasskey): string {
  return JSON.stringify({ ...passkey, publicKey: Buffer.from(publicKey).toString('base64') });
}

function notAPasskey(): Problem {
  return invalidRequest('/webauthn', 'cannot be used: this device uses codes');
}

/** @throws {Problem} where the device has been verified, is too late, locked or disabled, or the challenge is not its */
function assertVerifiable(row: EnrolmentRead, challengeId: string | undefined): PolicyInForce {
  const policy = policyNow(row);
  if (row.status === 'verified') throw refusal(policy, 'device_already_verified');
  if (row.status === 'disabled') throw refuseDisabled(policy);
  // Ended by the proof of the user's first device.
  const begun = row.approvalId === null && row.others.some((other) => other.status !== 'unverified');
  if (row.enrolledAt && (begun || row.deviceCreatedAt <= row.enrolledAt)) throw noSuch('device');
  assertFits(policy, row.others, row.method, row.replacesDeviceId);
  if (row.enrolmentExpiresAt <= row.now) throw refusal(policy, 'enrolment_expired');
  assertUnlocked(policy, row);
  if (savesCodesFirst(row, policy)) assertCodesSaved(row, policy);
  if (challengeId === undefined) return policy;
  if (row.challengeId === null) {
    throw new Problem('not_found', { detail: 'This user has no such challenge that an enrolment can approve.' });
  }
  assertPending(policy, row);
  return policy;
}

/** @throws {Problem} `recovery_codes_not_acknowledged` */
function assertCodesSaved(row: EnrolmentRead, policy: PolicyInForce): void {
  if (row.codesShown !== true) {
    throw refusal(policy, 'recovery_codes_not_acknowledged', {
      detail: 'The recovery codes of this enrolment are no longer valid. Add the device again.',
    });
  }
  if (row.acknowledgedAt === null) throw refusal(policy, 'recovery_codes_not_acknowledged');
}
