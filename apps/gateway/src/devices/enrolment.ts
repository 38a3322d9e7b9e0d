import { event, type NewEvent, type Sealer } from '#persistence';
import type { SendAnswer } from '../codes/code.schema.js';
import type { RecoveryCodeSet } from '../codes/make-recovery-codes.js';
import type { Caller } from '../http/caller.js';
import type { TakenProof } from '../proofs/proofs.js';
import type { PolicyInForce } from '../rows/user-row.js';
import { viewDevice } from './device-view.js';
import type { DeviceAnswer } from './device.schema.js';
import type { EnrollDeviceBody } from './enroll-device.schema.js';
import type { Enrolled } from './enroll-device.sql.js';
import type { DeviceOwner } from './find-devices.sql.js';

/** Seconds in which a new device has to be verified. */
export const enrolmentSeconds = 900;

/** A device that is being added. */
export interface Enrolment {
  readonly caller: Caller;
  readonly owner: DeviceOwner;
  readonly policy: PolicyInForce;
  /** What allows it beside the user's other devices; null where none is needed. */
  readonly proof: TakenProof | null;
  readonly deviceId: string;
  readonly body: EnrollDeviceBody;
  /** Recovery codes that are shown before it is verified; none where they come with the verification. */
  readonly recovery: RecoveryCodeSet;
}

/** The columns that each new device has, as the statements read them from JSON. */
export function newDevice({ owner, proof, deviceId, body }: Enrolment) {
  return {
    id: deviceId,
    tenant_id: owner.tenantId,
    user_id: owner.userRef,
    method: body.method,
    name: body.name,
    seconds: enrolmentSeconds,
    applications: body.applications ?? null,
    replaces_device_id: body.replaces ?? null,
    approval_id: proof?.challengeId ?? null,
  };
}

/** @param when outcome that the event depends on */
export function started({ deviceId, body: { method, name } }: Enrolment, when?: string): NewEvent {
  const told = event('device.enrolment_started', { deviceId, method }, { personal: { deviceName: name } });
  return when === undefined ? told : { ...told, when };
}

/** The event of recovery codes that are shown with the enrolment, if there are any. */
export function generated({ recovery: { macs } }: Enrolment, when?: string): NewEvent[] {
  if (macs.length === 0) return [];
  return [event('recovery_codes.generated', { count: macs.length }, when === undefined ? {} : { when })];
}

export function shownCodes({ codes }: RecoveryCodeSet): { recoveryCodes?: string[] } {
  return codes.length > 0 ? { recoveryCodes: [...codes] } : {};
}

/** A device as it is while it waits to be verified. */
export function viewNew(
  sealer: Sealer,
  { owner, policy, deviceId, body }: Enrolment,
  { createdAt, enrolmentExpiresAt }: Enrolled,
  { addressSealed = null, send }: { readonly addressSealed?: Buffer | null; readonly send?: SendAnswer } = {},
): DeviceAnswer {
  return viewDevice(sealer, owner, policy, {
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
    deviceCreatedAt: createdAt,
    verifiedAt: null,
    enrolmentExpiresAt,
    applications: body.applications ?? null,
    pendingId: null,
    pendingSealed: null,
    pendingMac: null,
    pendingQuotaKey: null,
    pendingExpiresAt: null,
    passkey: null,
    provedMethods: owner.others.filter(({ status }) => status === 'verified').map((other) => other.method),
    quotaUsed: send?.quota?.used ?? 0,
    resetsAt: new Date(send?.quota?.resetsAt ?? owner.now),
  });
}
