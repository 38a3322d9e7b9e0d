import { Injectable } from '@nestjs/common';
import { methods, newId, Problem, type Policy } from '#contracts';
import { newTotpSecret, systemRandom, totpDefaults, totpSecretText, totpUri } from '#auth-core';
import {
  appendEvents,
  Database,
  event,
  eventsParameter,
  noOutcomes,
  Sealer,
  statement,
  type NewEvent,
} from '#persistence';
import { toString as qrSvg } from 'qrcode';
import { z } from 'zod';
import { assertCountryAllowed, emailInput, phoneInput, requireAddress, toE164 } from '../codes/addresses.js';
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
import type { Caller } from '../http/caller.js';
import { line } from '../http/schemas.js';
import { refusal } from '../policy/refusal.js';
import { Proofs, useProof, type TakenProof } from '../proofs/proofs.js';
import { effectivePolicy, UserContext, type UserRow } from '../users/user-context.js';
import { deviceAnswer, deviceSeal, viewDevice, type DeviceAnswer } from './device-view.js';
import { FindDevices } from './find-devices.js';

export const enrollDeviceBody = z.strictObject({
  method: z.enum(methods),
  name: line(100),
  phone: phoneInput.optional().meta({ description: "SMS only; the user's own where left out" }),
  email: emailInput.optional().meta({ description: "E-mail only; the user's own where left out" }),
});
export type EnrollDevice = z.infer<typeof enrollDeviceBody>;

export const enrollDeviceAnswer = deviceAnswer.extend({
  totp: z
    .object({
      secret: z.string().meta({ description: 'Base 32, to be typed where no camera is at hand' }),
      uri: z.string().meta({ description: 'otpauth:// address' }),
      qrCode: z.string().meta({ description: 'The same as an SVG data URI' }),
    })
    .optional()
    .meta({ description: 'Shown this once' }),
  send: sendAnswer.optional().meta({ description: 'The first code, on its way' }),
});
export type EnrollDeviceAnswer = z.infer<typeof enrollDeviceAnswer>;

/** Time to verify a new device. */
const enrolmentSeconds = 900;

const newDevice = `
  d as (
    select * from jsonb_to_record($1::jsonb) as d(
      id text, tenant_id text, user_id text, method text, name text, secret text, algorithm text, digits int, period int,
      address text, address_mac text, quota_key text, seconds int)
  )`;

const insertDevice = (guard: string) => `
  device_row as (
    insert into device
      (id, tenant_id, user_id, method, name, status, secret_sealed, totp_algorithm, totp_digits, totp_period,
       address_sealed, address_mac, quota_key, enrolment_expires_at)
    select d.id, d.tenant_id, d.user_id, d.method, d.name, 'unverified', decode(d.secret, 'base64'), d.algorithm,
      d.digits, d.period, decode(d.address, 'base64'), decode(d.address_mac, 'base64'), decode(d.quota_key, 'base64'),
      now() + make_interval(secs => d.seconds)
    from d, ${guard}
    returning *
  )`;

const enrollTotp = statement(
  'device.enroll-totp',
  `with ${newDevice}, ${useProof('$2', '$3')}, ${insertDevice('proof')},
   guard as (select ${noOutcomes} from device_row), ${appendEvents('$4', 'guard')}
   select created_at as "createdAt", enrolment_expires_at as "enrolmentExpiresAt" from device_row`,
);

const enrollByMessage = statement(
  'device.enroll-by-message',
  `with ${newDevice}, ${useProof('$2', '$3')}, ${sendCodeParts('$5', 'proof')},
   accepted as (select 1 from sending where sent), ${insertDevice('accepted')},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents('$4', 'guard')}
   select ${sendingColumns}, device_row.created_at as "createdAt", device_row.enrolment_expires_at as "enrolmentExpiresAt"
   from sending left join device_row on true`,
);

interface Enrolled {
  readonly createdAt: Date;
  readonly enrolmentExpiresAt: Date;
}

/** Adds a device: `unverified` until a code proves it. SMS and e-mail devices get their first code at once. */
@Injectable()
export class DeviceEnrolment {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly devices: FindDevices,
    private readonly codes: SendCode,
    private readonly proofs: Proofs,
  ) {}

  async run(caller: Caller, accountId: string, userId: string, body: EnrollDevice): Promise<EnrollDeviceAnswer> {
    const row = await this.users.find(caller, accountId, userId);
    const policy = effectivePolicy(row);
    if (row.kind === 'service') {
      throw refusal(policy, 'method_not_allowed', { detail: 'A service user has no second factor.' });
    }
    if (body.method === 'webauthn' || !policy.methods.allowed.includes(body.method)) {
      throw refusal(policy, 'method_not_allowed');
    }
    const beside = (await this.devices.ofUser(caller, accountId, userId)).some(
      (other) => other.status !== 'unverified',
    );
    const proof = beside ? await this.proofs.take(caller.proof, 'add_device', row, policy) : null;
    const deviceId = newId('device');
    if (body.method === 'totp') return this.totp(caller, row, policy, proof, deviceId, body);
    return this.byMessage(caller, row, policy, proof, deviceId, { ...body, method: body.method });
  }

  private async totp(
    caller: Caller,
    row: UserRow,
    policy: Policy,
    proof: TakenProof | null,
    deviceId: string,
    body: EnrollDevice,
  ): Promise<EnrollDeviceAnswer> {
    const secret = newTotpSecret(systemRandom);
    const { algorithm, digits, period } = totpDefaults;
    const device = {
      ...this.common(row, deviceId, body),
      secret: this.sealer.seal('seed', deviceSeal(row.tenantId, deviceId), secret).toString('base64'),
      algorithm,
      digits,
      period,
    };
    const events = eventsParameter(this.users.events(caller, row), [this.started(deviceId, body)]);
    const values = [JSON.stringify(device), proof?.id ?? null, proof?.expiresAt ?? null, events];
    const enrolled = await this.database.one<Enrolled>(enrollTotp, values);
    if (!enrolled) throw refusal(policy, 'proof_invalid');
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
    };
  }

  private async byMessage(
    caller: Caller,
    row: UserRow,
    policy: Policy,
    proof: TakenProof | null,
    deviceId: string,
    body: EnrollDevice & { method: 'sms' | 'email' },
  ): Promise<EnrollDeviceAnswer> {
    const address = this.address(row, policy, body);
    const macs = this.codes.addressMacs(row, body.method, address);
    const addressSealed = this.sealer.seal('address', deviceSeal(row.tenantId, deviceId), address);
    const device = {
      ...this.common(row, deviceId, body),
      address: addressSealed.toString('base64'),
      address_mac: macs.addressMac.toString('base64'),
      quota_key: macs.quotaKey?.toString('base64') ?? null,
    };
    const target: MessageDevice = { deviceId, method: body.method, verified: false, address, ...macs };
    const prepared = this.codes.prepare(row, target, policy, null, null, caller);
    const started = { ...this.started(deviceId, body), when: 'sent' };
    const events = eventsParameter(this.users.events(caller, row), [started, ...prepared.events]);
    const values = [JSON.stringify(device), proof?.id ?? null, proof?.expiresAt ?? null, events, prepared.parameter];
    const enrolled = await this.database.one<SendingRow & Enrolled>(enrollByMessage, values);
    if (!enrolled) throw refusal(policy, 'proof_invalid');
    const send = this.codes.outcome(prepared, enrolled);
    if (send instanceof Problem) throw send;
    return { ...this.view(row, policy, deviceId, body, enrolled, addressSealed, send), send };
  }

  private address(row: UserRow, policy: Policy, body: EnrollDevice): string {
    const profile = this.users.profile(row);
    if (body.method === 'email') return requireAddress(body.email ?? profile.email, 'email');
    const number = toE164(requireAddress(body.phone ?? profile.phone, 'phone'), policy);
    assertCountryAllowed(number, policy);
    return number;
  }

  private common(row: UserRow, deviceId: string, body: EnrollDevice) {
    const { method, name } = body;
    return { id: deviceId, tenant_id: row.tenantId, user_id: row.userRef, method, name, seconds: enrolmentSeconds };
  }

  private started(deviceId: string, body: EnrollDevice): NewEvent {
    const { method, name } = body;
    return event('device.enrolment_started', { deviceId, method }, { personal: { deviceName: name } });
  }

  private view(
    row: UserRow,
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
      quotaUsed: send?.quota?.used ?? 0,
      resetsAt: new Date(send?.quota?.resetsAt ?? row.now),
    });
  }
}
