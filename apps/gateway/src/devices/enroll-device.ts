import { Injectable } from '@nestjs/common';
import { invalidRequest, methods, newId, Problem, type Policy } from '#contracts';
import {
  newRecoveryCodes,
  newTotpSecret,
  passkeyCreationOptions,
  recoveryCodeMac,
  systemRandom,
  totpDefaults,
  totpSecretText,
  totpUri,
} from '#auth-core';
import { Database, event, eventsParameter, Finder, Sealer, type NewEvent } from '#persistence';
import { toString as qrSvg } from 'qrcode';
import { z } from 'zod';
import { assertCountryAllowed, emailInput, phoneInput, requireAddress, toE164 } from '../codes/addresses.js';
import { Pepper } from '../codes/pepper.js';
import { SendCode, sendAnswer, type MessageDevice, type SendAnswer } from '../codes/send-code.js';
import { SmsNotices } from '../codes/sms-notice.js';
import { serves, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { id, line } from '../http/schemas.js';
import { reaches } from '../proofs/authority.js';
import { Proofs, refuseLimited, type TakenProof } from '../proofs/proofs.js';
import { deviceSeal } from '../rows/device-row.js';
import { effectivePolicy, localeOf, UserContext } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { creationOptions, relyingParty } from '../verification/passkey.js';
import { deviceAnswer, viewDevice, type DeviceAnswer } from './device-view.js';
import { enrollByMessage, enrollProven, enrollWithoutSending, type Enrolled } from './enroll-device.sql.js';
import { FindDevices } from './find-devices.js';
import type { DeviceOwner } from './find-devices.sql.js';
import { assertFits, fitsValues, provedEvents, replacedOf } from './proved-device.js';

export const enrollDeviceBody = z.strictObject({
  method: z.enum(methods),
  name: line(100),
  phone: phoneInput.optional().meta({ description: "SMS only. Default: the user's phone number" }),
  email: emailInput.optional().meta({ description: "E-mail only. Default: the user's e-mail address" }),
  applications: z.array(line(64)).min(1).max(20).optional().meta({
    description:
      'The only applications whose challenges it can answer. Default: all, or those of the device that approved the proof',
  }),
  replaces: id('dev')
    .optional()
    .meta({ description: 'A verified device that is removed when the new one is verified' }),
});
export type EnrollDevice = z.infer<typeof enrollDeviceBody>;

export const enrollDeviceAnswer = deviceAnswer
  .extend({
    totp: z
      .object({
        secret: z.string().meta({ description: 'Base 32, for users who cannot scan the QR code' }),
        uri: z.string().meta({ description: 'otpauth:// address' }),
        qrCode: z.string().meta({ description: 'The `uri` as a QR code: an SVG data URI' }),
      })
      .optional()
      .meta({ description: 'Shown only once' }),
    webauthn: creationOptions.optional(),
    send: sendAnswer.optional().meta({ description: 'The first code, which is being sent' }),
    recoveryCodes: z.array(z.string()).optional().meta({
      description:
        'Shown only once: if they have to be saved before the first device is verified, or if it is verified immediately',
    }),
  })
  .meta({ id: 'EnrolledDevice' });
export type EnrollDeviceAnswer = z.infer<typeof enrollDeviceAnswer>;

/** Time to verify a new device. */
export const enrolmentSeconds = 900;

/** The codes that an enrolment shows before it is verified; none where they come with the verification. */
interface ShownCodes {
  readonly recoveryCodes: readonly string[];
  readonly macs: readonly Buffer[];
  readonly setId: string;
}

/** Whether recovery codes are shown and have to be saved before the user's first device counts. */
const savesFirst = (row: UserRow, { recoveryCodes }: Policy): boolean =>
  row.enrolledAt === null && recoveryCodes.acknowledgementRequired && recoveryCodes.count > 0;

/** Adds a device: `unverified` until a code proves it. SMS and e-mail devices get their first code at once. */
@Injectable()
export class DeviceEnrolment {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly pepper: Pepper,
    private readonly users: UserContext,
    private readonly devices: FindDevices,
    private readonly codes: SendCode,
    private readonly proofs: Proofs,
    private readonly notices: SmsNotices,
    private readonly finder: Finder,
  ) {}

  async run(caller: Caller, accountId: string, userId: string, body: EnrollDevice): Promise<EnrollDeviceAnswer> {
    const row = await this.devices.owner(caller, accountId, userId);
    const policy = effectivePolicy(row);
    if (row.kind === 'service') {
      throw refusal(policy, 'method_not_allowed', { detail: 'A service user cannot have a second factor.' });
    }
    const replaced = replacedOf(
      row.others.filter((other) => serves(caller, other.applications)),
      body.replaces,
    );
    assertFits(policy, row.others, body.method, body.replaces ?? null);
    assertOwn(caller, body.applications);
    // Before the first proof there is nothing to protect, not even where wrong codes have disabled an enrolment.
    const beside = row.enrolledAt !== null && row.others.some((other) => other.status !== 'unverified');
    const proof = beside
      ? await this.proofs.takeLast(caller, 'add_device', row, policy, () => this.begin(caller, row, policy, null, body))
      : null;
    const limits = row.others.find((other) => other.deviceId === proof?.deviceId)?.applications ?? null;
    const applications = body.applications ?? limits;
    if (!reaches(limits, applications) || (replaced && !reaches(limits, replaced.applications))) {
      throw refuseLimited(policy);
    }
    const asked = applications === null ? body : { ...body, applications: [...applications] };
    const enrolled = await this.begin(caller, row, policy, proof, asked);
    if (enrolled) return enrolled;
    // Another device has been verified since the user was read: now this one is no longer the first.
    if (savesFirst(row, policy)) return this.run(caller, accountId, userId, body);
    throw refusal(policy, 'proof_invalid');
  }

  /** @returns undefined where the user is no more as they were read, or the proof allows it no more */
  private begin(
    caller: Caller,
    row: DeviceOwner,
    policy: Policy,
    proof: TakenProof | null,
    body: EnrollDevice,
  ): Promise<EnrollDeviceAnswer | undefined> {
    const deviceId = newId('device');
    const codes = this.newCodes(row, savesFirst(row, policy) ? policy.recoveryCodes.count : 0);
    const { method } = body;
    if (method === 'totp') return this.totp(caller, row, policy, proof, deviceId, body, codes);
    if (method === 'webauthn') return this.passkey(caller, row, policy, proof, deviceId, body, codes);
    return this.byMessage(caller, row, policy, proof, deviceId, { ...body, method }, codes);
  }

  private async passkey(
    caller: Caller,
    row: DeviceOwner,
    policy: Policy,
    proof: TakenProof | null,
    deviceId: string,
    body: EnrollDevice,
    codes: ShownCodes,
  ): Promise<EnrollDeviceAnswer | undefined> {
    const enrolled = await this.insert(
      caller,
      row,
      policy,
      proof,
      this.common(row, deviceId, body, proof),
      body,
      codes,
    );
    if (!enrolled) return undefined;
    const { displayName, email } = this.users.profile(row);
    const name = email ?? displayName ?? row.userId;
    const party = relyingParty(policy, caller.application);
    const webauthn = passkeyCreationOptions(party, this.pepper.key, {
      deviceId,
      userRef: row.userRef,
      name,
      displayName: displayName ?? name,
      others: row.others.flatMap(({ passkey }) => passkey ?? []),
      seconds: enrolmentSeconds,
    });
    return {
      ...this.view(row, policy, deviceId, body, enrolled, null),
      webauthn: creationOptions.parse(webauthn),
      ...shown(codes.recoveryCodes),
    };
  }

  private async totp(
    caller: Caller,
    row: DeviceOwner,
    policy: Policy,
    proof: TakenProof | null,
    deviceId: string,
    body: EnrollDevice,
    codes: ShownCodes,
  ): Promise<EnrollDeviceAnswer | undefined> {
    const secret = newTotpSecret(systemRandom);
    const { algorithm, digits, period } = totpDefaults;
    const device = {
      ...this.common(row, deviceId, body, proof),
      secret: this.sealer.seal('seed', deviceSeal(row.tenantId, deviceId), secret).toString('base64'),
      algorithm,
      digits,
      period,
    };
    const enrolled = await this.insert(caller, row, policy, proof, device, body, codes);
    if (!enrolled) return undefined;
    const { displayName, email } = this.users.profile(row);
    const uri = totpUri({ secret, ...totpDefaults }, policy.totp.issuer, email ?? displayName ?? row.userId);
    const svg = await qrSvg(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
    return {
      ...this.view(row, policy, deviceId, body, enrolled, null),
      totp: {
        secret: totpSecretText(secret),
        uri,
        qrCode: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
      },
      ...shown(codes.recoveryCodes),
    };
  }

  /** Begins the enrolment of a device that makes its answers by itself. */
  private async insert(
    caller: Caller,
    row: UserRow,
    policy: Policy,
    proof: TakenProof | null,
    device: { readonly id: string },
    body: EnrollDevice,
    codes: ShownCodes,
  ): Promise<Enrolled | undefined> {
    const done = await this.database.one(enrollWithoutSending, {
      device: JSON.stringify(device),
      proofId: proof?.id ?? null,
      grounds: proof?.grounds ?? null,
      events: eventsParameter(this.users.events(caller, row), [this.started(device.id, body), ...generated(codes)]),
      codeMacs: codes.macs,
      setId: codes.setId,
      hourKey: this.finder.mac('send-window', row.tenantId, 'enrolments', row.userRef),
    });
    if (!done || done.createdAt !== null) return done;
    if (!done.allowed) return undefined;
    throw refusal(policy, 'rate_limited', {
      detail: 'This user has started too many enrolments. Finish one, or wait and try again.',
      retryAfter: 3600 - Math.floor((row.now.getTime() / 1000) % 3600),
    });
  }

  private async byMessage(
    caller: Caller,
    row: DeviceOwner,
    policy: Policy,
    proof: TakenProof | null,
    deviceId: string,
    body: EnrollDevice & { method: 'sms' | 'email' },
    codes: ShownCodes,
  ): Promise<EnrollDeviceAnswer | undefined> {
    const address = this.address(row, policy, body);
    const macs = this.codes.addressMacs(row, policy, body.method, address);
    const addressSealed = this.sealer.seal('address', deviceSeal(row.tenantId, deviceId), address);
    const device = {
      ...this.common(row, deviceId, body, proof),
      address: addressSealed.toString('base64'),
      address_mac: macs.addressMac.toString('base64'),
      quota_key: macs.quotaKey?.toString('base64') ?? null,
    };
    // Where recovery codes have to be saved first, nothing counts at once.
    if (body.method === 'sms' && policy.phone.reuseVerifiedOnAccount && codes.macs.length === 0) {
      const reused = await this.reuse(caller, row, policy, proof, body, device, address, addressSealed);
      if (reused) return reused;
    }
    const target: MessageDevice = { deviceId, method: body.method, verified: false, address, ...macs };
    const prepared = this.codes.prepare(row, target, policy, null, null, caller);
    const started = { ...this.started(deviceId, body), when: 'sent' };
    const list = [started, ...generated(codes, 'sent'), ...prepared.events];
    const enrolled = await this.database.one(enrollByMessage, {
      device: JSON.stringify(device),
      proofId: proof?.id ?? null,
      grounds: proof?.grounds ?? null,
      events: eventsParameter(this.users.events(caller, row), list),
      send: prepared.parameter,
      codeMacs: codes.macs,
      setId: codes.setId,
    });
    if (!enrolled) return undefined;
    const send = this.codes.outcome(prepared, enrolled);
    if (send instanceof Problem) throw send;
    const view = this.view(row, policy, deviceId, body, enrolled, addressSealed, send);
    return { ...view, send, ...shown(codes.recoveryCodes) };
  }

  /** A number that was proved on the same account: verified without a code, with all that a code would bring. */
  private async reuse(
    caller: Caller,
    row: DeviceOwner,
    policy: Policy,
    proof: TakenProof | null,
    body: EnrollDevice,
    device: { readonly id: string },
    number: string,
    addressSealed: Buffer,
  ): Promise<EnrollDeviceAnswer | undefined> {
    const codes = this.newCodes(row, row.enrolledAt === null ? policy.recoveryCodes.count : 0);
    const { method, name } = body;
    const facts = { deviceId: device.id, method };
    const done = await this.database.one(enrollProven, {
      device: JSON.stringify(device),
      proofId: proof?.id ?? null,
      grounds: proof?.grounds ?? null,
      events: eventsParameter(this.users.events(caller, row), [
        { ...this.started(device.id, body), when: 'verified' },
        event('device.verified', facts, { when: 'verified', personal: { deviceName: name } }),
        ...provedEvents(codes.macs.length, replacedOf(row.others, body.replaces)),
      ]),
      userRef: row.userRef,
      ...fitsValues(policy),
      codeMacs: codes.macs,
      setId: row.enrolledAt === null ? codes.setId : null,
      accountRef: row.accountRef,
      notices: this.notices.parameter(
        { ...row, locale: localeOf(row, caller.language) },
        caller,
        policy,
        'phone_reused',
        [{ deviceId: device.id, number }],
      ),
    });
    if (!done?.fitting) return undefined;
    if (done.createdAt === null) throw refusal(policy, 'proof_invalid');
    const { verifiedAt, isDefault, createdAt, enrolmentExpiresAt } = done;
    const view = this.view(row, policy, device.id, body, { createdAt, enrolmentExpiresAt }, addressSealed);
    return {
      ...view,
      status: 'verified',
      verifiedAt: verifiedAt.toISOString(),
      isDefault,
      enrolmentExpiresAt: null,
      ...shown(done.first === true ? codes.recoveryCodes : []),
    };
  }

  private newCodes(row: UserRow, count: number): ShownCodes {
    const recoveryCodes = newRecoveryCodes(count, systemRandom);
    const macs = recoveryCodes.map((code) => recoveryCodeMac(this.pepper.key, row.userRef, code));
    return { recoveryCodes, macs, setId: newId('recoverySet') };
  }

  private address(row: UserRow, policy: Policy, body: EnrollDevice): string {
    const profile = this.users.profile(row);
    if (body.method === 'email') return requireAddress(body.email ?? profile.email, 'email');
    const number = toE164(requireAddress(body.phone ?? profile.phone, 'phone'), policy);
    assertCountryAllowed(number, policy);
    return number;
  }

  private common(row: UserRow, deviceId: string, body: EnrollDevice, proof: TakenProof | null) {
    const { method, name } = body;
    return {
      id: deviceId,
      tenant_id: row.tenantId,
      user_id: row.userRef,
      method,
      name,
      seconds: enrolmentSeconds,
      applications: body.applications ?? null,
      replaces_device_id: body.replaces ?? null,
      approval_id: proof?.challengeId ?? null,
    };
  }

  private started(deviceId: string, body: EnrollDevice): NewEvent {
    const { method, name } = body;
    return event('device.enrolment_started', { deviceId, method }, { personal: { deviceName: name } });
  }

  private view(
    row: DeviceOwner,
    policy: Policy,
    deviceId: string,
    body: EnrollDevice,
    enrolled: Enrolled,
    addressSealed: Buffer | null,
    send?: SendAnswer,
  ): DeviceAnswer {
    return viewDevice(this.sealer, row, policy, {
      deviceId,
      method: body.method,
      name: body.name,
      status: 'unverified',
      isDefault: false,
      addressSealed,
      addressMac: null,
      quotaKey: null,
      wrongCodes: 0,
      lockedUntil: null,
      lastUsedAt: null,
      deviceCreatedAt: enrolled.createdAt,
      verifiedAt: null,
      enrolmentExpiresAt: enrolled.enrolmentExpiresAt,
      applications: body.applications ?? null,
      pendingId: null,
      pendingSealed: null,
      pendingMac: null,
      pendingQuotaKey: null,
      pendingExpiresAt: null,
      passkey: null,
      provedMethods: row.others.filter(({ status }) => status === 'verified').map((other) => other.method),
      quotaUsed: send?.quota?.used ?? 0,
      resetsAt: new Date(send?.quota?.resetsAt ?? row.now),
    });
  }
}

/**
 * A key that names its application speaks for no other one.
 * @throws {Problem} `invalid_request`
 */
function assertOwn({ application }: Caller, applications: readonly string[] | undefined): void {
  if (application === null || applications?.every((each) => each === application) !== false) return;
  throw invalidRequest('/applications', `must be ["${application}"] or left out: this API key names its application`);
}

const shown = (recoveryCodes: readonly string[]) =>
  recoveryCodes.length > 0 ? { recoveryCodes: [...recoveryCodes] } : {};

function generated({ macs }: ShownCodes, when?: string): NewEvent[] {
  if (macs.length === 0) return [];
  return [event('recovery_codes.generated', { count: macs.length }, when === undefined ? {} : { when })];
}
