import { invalidRequest, type Method, type Policy } from '#contracts';
import { codeDigits, verify, type Authenticator, type Verdict } from '#auth-core';
import { deviceSeal, type Sealer } from '#persistence';
import type { Pepper } from '../codes/pepper.js';

/** What both reads before a check bring of a device. */
export interface CheckedDevice {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly method: Method;
  readonly secretSealed: Buffer | null;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: 6 | 8;
  readonly period: number;
  readonly lastUsedStep: number | null;
  /** Of the code last sent for the challenge, or for the device's own enrolment. */
  readonly codeId: string | null;
  readonly codeExpiresAt: Date;
  readonly codeConsumed: boolean;
}

type DeviceAuthenticator = Exclude<Authenticator, { kind: 'recovery_codes' }>;

/** What a code is checked against, at login and at enrolment alike. */
export function authenticatorOf(sealer: Sealer, row: CheckedDevice, policy: Policy): DeviceAuthenticator {
  if (row.method !== 'totp') {
    const { codeId, codeExpiresAt, codeConsumed } = row;
    return {
      kind: 'sent_code',
      code: codeId === null ? null : { id: codeId, expiresAt: codeExpiresAt, consumed: codeConsumed },
    };
  }
  if (!row.secretSealed) throw new Error('An authenticator app without a seed.');
  const { algorithm, digits, period, lastUsedStep } = row;
  const secret = sealer.open('seed', deviceSeal(row.tenantId, row.deviceId), row.secretSealed);
  return { kind: 'totp', secret, algorithm, digits, period, lastUsedStep, window: policy.totp.window };
}

/**
 * Looks at a code.
 * @throws {Problem} `invalid_request` where it has another number of digits than the device's codes; nothing is charged
 */
export function verifyCode(authenticator: DeviceAuthenticator, code: string, now: Date, pepper: Pepper): Verdict {
  const digits = authenticator.kind === 'totp' ? authenticator.digits : codeDigits;
  if (code.length !== digits) throw invalidRequest('/code', `must be ${digits === 6 ? 'six' : 'eight'} digits`);
  const codeId = authenticator.kind === 'sent_code' ? authenticator.code?.id : undefined;
  return verify(authenticator, code, now, codeId === undefined ? pepper.key : pepper.ofCode(codeId));
}
