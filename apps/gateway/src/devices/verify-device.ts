import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, Problem, type Policy } from '#contracts';
import {
  lockSchedule,
  newRecoveryCodes,
  recoveryCodeMac,
  systemRandom,
  verifyPasskeyRegistration,
  type NewPasskey,
} from '#auth-core';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import { z } from 'zod';
import { adviceAnswer, adviceFor } from '../advice/advice.js';
import { Pepper } from '../codes/pepper.js';
import { SendCode } from '../codes/send-code.js';
import { isOwn, serves, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { deviceCode, id } from '../http/schemas.js';
import { Proofs } from '../proofs/proofs.js';
import { openAddress } from '../rows/device-row.js';
import { assertClock, effectivePolicy, UserContext } from '../rows/user-row.js';
import { AddressGuesses } from '../verification/address-guesses.js';
import { authenticatorOf, verifyCode } from '../verification/authenticator.js';
import { amrOf, challengeFacts, chargeOf } from '../verification/charge.js';
import { registrationResponse, relyingParty } from '../verification/passkey.js';
import { refuseCounted, refuseDisabled, refuseLocked } from '../verification/refuse-code.js';
import { ChangePhone } from './change-phone.js';
import { deviceAnswer, viewDevice } from './device-view.js';
import { assertFits, fitsValues, provedEvents } from './proved-device.js';
import { chargeEnrolment, readEnrolment, type EnrolmentRead } from './verify-device.sql.js';

export const verifyDeviceBody = z
  .strictObject({
    code: deviceCode.optional(),
    webauthn: registrationResponse.optional(),
    challengeId: id('chl')
      .optional()
      .meta({ description: 'The challenge of an `enroll` decision, which this verification approves' }),
  })
  .superRefine(({ code, webauthn }, context) => {
    const fault = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (code === undefined && webauthn === undefined) fault('code', 'is required, unless there is webauthn');
    if (code !== undefined && webauthn !== undefined) fault('webauthn', 'cannot be combined with a code');
  });
export type VerifyDevice = z.infer<typeof verifyDeviceBody>;

export const verifyDeviceAnswer = deviceAnswer
  .extend({
    recoveryCodes: z.array(z.string()).optional().meta({ description: 'Shown only once, for the first device' }),
    proof: z.string().optional().meta({ description: 'The proof of the challenge that this approved' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'VerifiedDevice' });
export type VerifyDeviceAnswer = z.infer<typeof verifyDeviceAnswer>;

/**
 * Proves a new device by a code. The user's first one switches two-factor authentication on, brings the recovery
 * codes, and ends the user's other enrolments.
 */
@Injectable()
export class VerifyDevices {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly proofs: Proofs,
    private readonly phones: ChangePhone,
    private readonly codes: SendCode,
    private readonly guesses: AddressGuesses,
  ) {}

  /** @param again whether it may look once more, where the rows have changed since it looked */
  async run(caller: Caller, deviceId: string, body: VerifyDevice, again = true): Promise<VerifyDeviceAnswer> {
    const row = await this.read(caller, deviceId, body.challengeId);
    if (row.status === 'verified' && row.pendingId !== null && body.challengeId === undefined) {
      if (body.code === undefined) throw notAPasskey();
      const changed = await this.phones.prove(caller, row, body.code);
      return { ...changed, advice: adviceFor(row, effectivePolicy(row), caller.language) };
    }
    const policy = assertVerifiable(row, body.challengeId);
    const { kind, verdict, passkey } = await this.check(caller, row, policy, body);
    const charge = chargeOf(verdict);
    const sentTo = this.sentTo(row);
    const guessKey = sentTo && this.codes.guessKey(row, sentTo.method, sentTo.address);
    const amr = amrOf(row.method, passkey?.userVerified);
    const toSave = savesFirst(row, policy);
    const recoveryCodes =
      row.enrolledAt === null && !toSave ? newRecoveryCodes(policy.recoveryCodes.count, systemRandom) : [];
    const replaced = row.others.find((other) => other.deviceId === row.replacesDeviceId) ?? null;
    const facts = { deviceId, method: row.method };
    const events = [
      event('device.verified', facts, { when: 'verified', personal: { deviceName: row.name } }),
      ...provedEvents(recoveryCodes.length, replaced),
      event(
        'lockout.started',
        { lockoutId: charge.lockoutId, subject: 'device', deviceId },
        { when: 'locked', job: 'announce-lockout' },
      ),
      event('device.disabled', facts, { when: 'disabled' }),
      event(
        'challenge.approved',
        { ...challengeFacts(row.challengeId ?? '', row.purpose, row.application), ...facts, amr },
        { when: 'approved' },
      ),
    ];
    const charged = await this.database.one(chargeEnrolment, {
      deviceId,
      userRef: row.userRef,
      right: charge.match,
      step: charge.step,
      codeId: row.codeId,
      schedule: lockSchedule(policy.lockout),
      lockoutId: charge.lockoutId,
      tenantId: row.tenantId,
      codeMacs: recoveryCodes.map((code) => recoveryCodeMac(this.pepper.key, row.userRef, code)),
      challengeId: row.challengeId,
      events: eventsParameter(this.users.events(caller, row), events),
      setId: row.enrolledAt === null ? newId('recoverySet') : null,
      codesFirst: toSave,
      ...fitsValues(policy),
      passkey: passkey && passkeyParameter(passkey),
      methods: JSON.stringify(policy.methods.allowed),
      guessKey,
      answered: sentTo === null ? [] : this.codes.answeredKeys(row, policy, sentTo.method, sentTo.address),
    });
    // Nothing was charged, so nothing may be said of the code: look again at what has changed.
    if (!charged && guessKey) await this.guesses.assertOpen(guessKey, policy);
    if (!charged && again) return this.run(caller, deviceId, body, false);
    if (!charged) throw refusal(policy, 'locked', { retryAfter: 1 });
    if (!charged.ok) {
      const result = verdict.result === 'match' ? 'replayed' : verdict.result;
      throw refuseCounted(policy, kind, result, charged, row.now);
    }
    const { verifiedAt, isDefault } = charged;
    const view = viewDevice(this.sealer, row, policy, {
      ...row,
      status: 'verified',
      verifiedAt,
      isDefault,
      passkey,
    });
    const shown = charged.first && recoveryCodes.length > 0 ? { recoveryCodes } : {};
    const known = {
      verifiedDevices: [...row.verifiedDevices, { method: row.method, backedUp: passkey?.backedUp ?? null }],
      // Codes that this very answer shows, or that were saved before it, need no advice yet.
      codesInForce: charged.first ? { left: policy.recoveryCodes.count, acknowledged: true } : row.codesInForce,
    };
    const advice = adviceFor(known, policy, caller.language, { ...row, verdict });
    return { ...view, ...shown, ...(charged.approved ? { proof: this.proof(row, amr) } : {}), advice };
  }

  /** Looks at the answer; what it is worth is decided by the statement that charges it. */
  private async check(caller: Caller, row: EnrolmentRead, policy: Policy, { code, webauthn }: VerifyDevice) {
    if (row.method !== 'webauthn') {
      if (code === undefined) throw notAPasskey();
      const authenticator = authenticatorOf(this.sealer, row.tenantId, row, policy);
      const verdict = verifyCode(authenticator, code, row.now, this.pepper.key);
      return { kind: authenticator.kind, verdict, passkey: null };
    }
    if (webauthn === undefined) throw invalidRequest('/code', 'cannot be used: this device is a passkey');
    const party = relyingParty(policy, caller.application);
    const verdict = await verifyPasskeyRegistration(party, this.pepper.key, row.deviceId, webauthn);
    const passkey = verdict.result === 'match' ? verdict.passkey : null;
    return { kind: 'new_passkey', verdict, passkey } as const;
  }

  /** Where the code went, for a device that gets codes by message. */
  private sentTo(row: EnrolmentRead): { method: 'sms' | 'email'; address: string } | null {
    const { method } = row;
    const address = openAddress(this.sealer, row.tenantId, row);
    return address !== null && (method === 'sms' || method === 'email') ? { method, address } : null;
  }

  private async read(caller: Caller, deviceId: string, challengeId: string | undefined): Promise<EnrolmentRead> {
    const values = { deviceId, tenantId: caller.tenantId, challengeId: challengeId ?? null };
    const row = await this.database.one(readEnrolment, values);
    if (!row || !serves(caller, row.applications)) throw noSuchDevice();
    // As if there were none.
    return row.challengeId !== null && !isOwn(caller, row.application) ? { ...row, challengeId: null } : row;
  }

  private proof(row: EnrolmentRead, amr: string[]): string {
    const { tenantId, accountId, userId, purpose, application, deviceId } = row;
    const challengeId = row.challengeId ?? '';
    const detail = row.detailSealed && this.sealer.openText('detail', challengeId, row.detailSealed);
    const claims = { tenantId, accountId, userId, purpose, challengeId, application, deviceId, amr, detail };
    return this.proofs.sign(claims, row.now);
  }
}

/** Whether recovery codes have to be saved before this device counts: the order of some panels. */
function savesFirst(row: EnrolmentRead, policy: Policy): boolean {
  return row.enrolledAt === null && policy.recoveryCodes.acknowledgementRequired && policy.recoveryCodes.count > 0;
}

function passkeyParameter({ publicKey, userVerified: _, ...passkey }: NewPasskey): string {
  return JSON.stringify({ ...passkey, publicKey: Buffer.from(publicKey).toString('base64') });
}

function notAPasskey(): Problem {
  return invalidRequest('/webauthn', 'cannot be used: this device uses codes');
}

function noSuchDevice(): Problem {
  return new Problem('not_found', { detail: 'There is no such device.' });
}

/** @throws {Problem} where the device has been verified, is too late, locked or disabled, or the challenge is not its */
function assertVerifiable(row: EnrolmentRead, challengeId: string | undefined): Policy {
  assertClock(row.now);
  const policy = effectivePolicy(row);
  if (row.status === 'verified') throw refusal(policy, 'device_already_verified');
  if (row.status === 'disabled') throw refuseDisabled(policy);
  // Ended by the proof of the user's first device.
  const begun = row.approvalId === null && row.others.some((other) => other.status !== 'unverified');
  if (row.enrolledAt && (begun || row.deviceCreatedAt <= row.enrolledAt)) throw noSuchDevice();
  assertFits(policy, row.others, row.method, row.replacesDeviceId);
  if (row.enrolmentExpiresAt <= row.now) throw refusal(policy, 'enrolment_expired');
  if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
  if (savesFirst(row, policy) && row.codesShown !== true) {
    throw refusal(policy, 'recovery_codes_not_acknowledged', {
      detail: 'The recovery codes of this enrolment are no longer valid. Add the device again.',
    });
  }
  if (savesFirst(row, policy) && row.acknowledgedAt === null) throw refusal(policy, 'recovery_codes_not_acknowledged');
  if (challengeId !== undefined) {
    if (row.challengeId === null) {
      throw new Problem('not_found', { detail: 'This user has no such challenge that an enrolment can approve.' });
    }
    if (row.challengeStatus === 'pending' && row.challengeExpiresAt <= row.now)
      throw refusal(policy, 'challenge_expired');
    if (row.challengeStatus === 'expired') throw refusal(policy, 'challenge_expired');
    if (row.challengeStatus !== 'pending') throw refusal(policy, 'challenge_not_pending');
  }
  return policy;
}
