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
import {
  appendEvents,
  Database,
  event,
  eventsParameter,
  Finder,
  noOutcomes,
  Sealer,
  statement,
  type NewEvent,
} from '#persistence';
import { toString as qrSvg } from 'qrcode';
import { z } from 'zod';
import { assertCountryAllowed, emailInput, phoneInput, requireAddress, toE164 } from '../codes/addresses.js';
import { Pepper } from '../codes/pepper.js';
import {
  SendCode,
  sendAnswer,
  sendCodeParts,
  sendingColumns,
  sendingOutcomes,
  type MessageDevice,
  type SendAnswer,
  type SendingRow,
} from '../codes/send-code.js';
import { smsNotices, SmsNotices } from '../codes/sms-notice.js';
import { serves, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { id, line } from '../http/schemas.js';
import { reaches } from '../proofs/authority.js';
import { Proofs, refuseLimited, useProof, type TakenProof } from '../proofs/proofs.js';
import { deviceSeal } from '../rows/device-row.js';
import { effectivePolicy, localeOf, UserContext, type UserRow } from '../rows/user-row.js';
import { creationOptions, relyingParty } from '../verification/passkey.js';
import { deviceAnswer, viewDevice, type DeviceAnswer } from './device-view.js';
import { FindDevices, type DeviceOwner } from './find-devices.js';
import {
  assertFits,
  fits,
  fitsValues,
  lockOwner,
  prepared,
  provedEvents,
  provedOutcomes,
  replacedOf,
  replacesDefault,
  settleProved,
  unprotected,
} from './proved-device.js';

export const enrollDeviceBody = z.strictObject({
  method: z.enum(methods),
  name: line(100),
  phone: phoneInput.optional().meta({ description: "SMS only; the user's own where left out" }),
  email: emailInput.optional().meta({ description: "E-mail only; the user's own where left out" }),
  applications: z.array(line(64)).min(1).max(20).optional().meta({
    description:
      'The only applications whose challenges it may answer; all where left out, or those of the device that gave the proof',
  }),
  replaces: id('dev').optional().meta({ description: 'Verified device that goes once the new one is verified' }),
});
export type EnrollDevice = z.infer<typeof enrollDeviceBody>;

export const enrollDeviceAnswer = deviceAnswer
  .extend({
    totp: z
      .object({
        secret: z.string().meta({ description: 'Base 32, to be typed where no camera is at hand' }),
        uri: z.string().meta({ description: 'otpauth:// address' }),
        qrCode: z.string().meta({ description: 'The same as an SVG data URI' }),
      })
      .optional()
      .meta({ description: 'Shown this once' }),
    webauthn: creationOptions.optional(),
    send: sendAnswer.optional().meta({ description: 'The first code, on its way' }),
    recoveryCodes: z.array(z.string()).optional().meta({
      description: 'Shown this once: where they are to be saved before the first device counts, or it counts at once',
    }),
  })
  .meta({ id: 'EnrolledDevice' });
export type EnrollDeviceAnswer = z.infer<typeof enrollDeviceAnswer>;

/** Devices without messages that one user may begin in an hour; those with are bounded by what is sent. */
const enrolmentsPerHour = 200;

/** Time to verify a new device. */
export const enrolmentSeconds = 900;

const newDevice = `
  d as (
    select * from jsonb_to_record($1::jsonb) as d(
      id text, tenant_id text, user_id text, method text, name text, secret text, algorithm text, digits int, period int,
      address text, address_mac text, quota_key text, seconds int, applications text[], replaces_device_id text,
      approval_id text)
  )`;

/** @param gate query without whose row the proof is left unused */
const useAddProof = (gate: string) =>
  useProof('$2', '$3', {
    purpose: 'add_device',
    user: '(select user_id from d)',
    gate,
    reach: '(select applications from d)',
  });

const insertDevice = (guard: string) => `
  device_row as (
    insert into device
      (id, tenant_id, user_id, method, name, status, secret_sealed, totp_algorithm, totp_digits, totp_period,
       address_sealed, address_mac, quota_key, enrolment_expires_at, applications, replaces_device_id, approval_id)
    select d.id, d.tenant_id, d.user_id, d.method, d.name, 'unverified', decode(d.secret, 'base64'), d.algorithm,
      d.digits, d.period, decode(d.address, 'base64'), decode(d.address_mac, 'base64'), decode(d.quota_key, 'base64'),
      now() + make_interval(secs => d.seconds), d.applications, d.replaces_device_id, d.approval_id
    from d, ${guard}
    returning *
  )`;

/**
 * Where the user's first device shows the recovery codes that are to be saved before it counts (`macs` is not empty):
 * only while there is no verified one, whose codes these would replace.
 */
const stillFirst = (macs: string) => `
  owner as (
    select u.id from d, app_user u
    where cardinality(${macs}::bytea[]) > 0 and u.id = d.user_id and u.enrolled_at is null for no key update of u
  ),
  still_first as (select 1 where cardinality(${macs}::bytea[]) = 0 or exists (select from owner))`;

/** Shown codes are bound to the enrolment that showed them. */
const showCodes = (macs: string, set: string) => `
  pool_row as (
    insert into recovery_pool (user_id, set_id, codes_left, enrolment_device_id)
    select user_id, ${set}, cardinality(${macs}::bytea[]), id from device_row where cardinality(${macs}::bytea[]) > 0
    on conflict (user_id) do update set
      set_id = excluded.set_id, codes_left = excluded.codes_left, generated_at = clock_timestamp(), acknowledged_at = null,
      enrolment_device_id = excluded.enrolment_device_id, wrong_codes = 0
  ),
  recovery_row as (
    insert into recovery_code (user_id, mac, set_id) select user_id, unnest(${macs}::bytea[]), ${set} from device_row
  )`;

const enrollWithoutSending = statement(
  'device.enroll',
  `with ${newDevice}, ${stillFirst('$5')}, ${useAddProof('still_first')},
   begun as (
     insert into send_window as q (key, starts_at, sent)
     select $7, date_trunc('hour', now()), 1 from proof, still_first
     on conflict (key, starts_at) do update set sent = q.sent + 1 where q.sent < ${enrolmentsPerHour}
     returning 1
   ),
   ${insertDevice('begun')}, ${showCodes('$5', '$6')},
   guard as (select ${noOutcomes} from device_row), ${appendEvents('$4', 'guard')}
   select r.created_at as "createdAt", r.enrolment_expires_at as "enrolmentExpiresAt",
     exists (select from proof, still_first) as allowed
   from (select 1) one left join device_row r on true`,
);

const enrollByMessage = statement(
  'device.enroll-by-message',
  `with ${newDevice}, ${stillFirst('$6')}, ${useAddProof('still_first')},
   ${sendCodeParts('$5', 'proof, still_first', 'unverified')},
   accepted as (select 1 from sending where sent), ${insertDevice('accepted')}, ${showCodes('$6', '$7')},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents('$4', 'guard')}
   select ${sendingColumns}, device_row.created_at as "createdAt", device_row.enrolment_expires_at as "enrolmentExpiresAt"
   from sending left join device_row on true`,
);

/** A number that a verified device of the same account has; never across accounts or tenants. */
const enrollProven = statement(
  'device.enroll-proven',
  `with ${newDevice}, ${lockOwner('$5')},
   fitting as (
     select d.*, u.enrolled_at is null as first, ${replacesDefault('d')} as replaces_default
     from d, u, seen
     where ${fits('d', '$6', '$7')} and ${prepared('$9')} and ($2::text is not null or ${unprotected('d')}) and exists (
       select from device x join app_user o on o.id = x.user_id
       where x.tenant_id = d.tenant_id and x.address_mac = decode(d.address_mac, 'base64') and x.method = d.method
         and x.status = 'verified' and o.account_id = $10)
   ), ${useAddProof('fitting')},
   outcome as (
     select true as ok, f.first, f.replaces_default, f.user_id, f.id as device_id, f.replaces_device_id,
       clock_timestamp() as at
     from fitting f, proof
   ),
   device_row as (
     insert into device
       (id, tenant_id, user_id, method, name, status, address_sealed, address_mac, quota_key, enrolment_expires_at,
        applications, replaces_device_id, verified_at, is_default, reused)
     select d.id, d.tenant_id, d.user_id, d.method, d.name, 'verified', decode(d.address, 'base64'),
       decode(d.address_mac, 'base64'), decode(d.quota_key, 'base64'), now() + make_interval(secs => d.seconds),
       d.applications, d.replaces_device_id, o.at, o.first or o.replaces_default,
       not exists (select from mine m where m.status = 'verified' and m.address_mac = decode(d.address_mac, 'base64'))
     from d, outcome o
     returning *
   ), ${settleProved('$8', '$9')}, ${smsNotices('$11', 'device_row')},
   guard as (
     select array_remove(array[${provedOutcomes('$8')}], null) as outcomes, '{}'::jsonb as patch from outcome
   ), ${appendEvents('$4', 'guard')}
   select exists (select from fitting) as fitting, o.first, r.created_at as "createdAt",
     r.enrolment_expires_at as "enrolmentExpiresAt", r.verified_at as "verifiedAt", r.is_default as "isDefault"
   from (select 1) n left join device_row r on true left join outcome o on true`,
);

interface Enrolled {
  readonly createdAt: Date;
  readonly enrolmentExpiresAt: Date;
}

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
      throw refusal(policy, 'method_not_allowed', { detail: 'A service user has no second factor.' });
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
    const done = await this.database.one<{ readonly allowed: boolean } & (Enrolled | { readonly createdAt: null })>(
      enrollWithoutSending,
      [
        JSON.stringify(device),
        proof?.id ?? null,
        proof?.grounds ?? null,
        eventsParameter(this.users.events(caller, row), [this.started(device.id, body), ...generated(codes)]),
        codes.macs,
        codes.setId,
        this.finder.mac('send-window', row.tenantId, 'enrolments', row.userRef),
      ],
    );
    if (!done || done.createdAt !== null) return done;
    if (!done.allowed) return undefined;
    throw refusal(policy, 'rate_limited', {
      detail: 'This user has begun too many enrolments. Finish one, or wait and try again.',
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
    const enrolled = await this.database.one<SendingRow & Enrolled>(enrollByMessage, [
      JSON.stringify(device),
      proof?.id ?? null,
      proof?.grounds ?? null,
      eventsParameter(this.users.events(caller, row), list),
      prepared.parameter,
      codes.macs,
      codes.setId,
    ]);
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
    const done = await this.database.one<{
      fitting: boolean;
      first: boolean | null;
      createdAt: Date | null;
      enrolmentExpiresAt: Date;
      verifiedAt: Date;
      isDefault: boolean;
    }>(enrollProven, [
      JSON.stringify(device),
      proof?.id ?? null,
      proof?.grounds ?? null,
      eventsParameter(this.users.events(caller, row), [
        { ...this.started(device.id, body), when: 'verified' },
        event('device.verified', facts, { when: 'verified', personal: { deviceName: name } }),
        ...provedEvents(codes.macs.length, replacedOf(row.others, body.replaces)),
      ]),
      row.userRef,
      ...fitsValues(policy),
      codes.macs,
      row.enrolledAt === null ? codes.setId : null,
      row.accountRef,
      this.notices.parameter({ ...row, locale: localeOf(row, caller.language) }, caller, policy, 'phone_reused', [
        { deviceId: device.id, number },
      ]),
    ]);
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
