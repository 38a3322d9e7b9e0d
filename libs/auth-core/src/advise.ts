import { fewRecoveryCodes, type AdviceCode, type Method } from '#contracts';

export interface AdviceInput {
  /** Those that are verified. `backedUp`: whether a passkey is kept by its provider besides (WebAuthn L3 §6.1.3). */
  readonly devices: readonly { readonly method: Method; readonly backedUp?: boolean | null }[];
  /** The set in force; null where there is none. One that is being shown at this moment counts as acknowledged. */
  readonly recoveryCodes: { readonly left: number; readonly acknowledged: boolean } | null;
  /** How many codes a new set has; 0 where the policy has none. */
  readonly setSize: number;
  /** The code of an authenticator app that was just accepted. */
  readonly totp: { readonly step: number; readonly period: number; readonly at: Date } | null;
  /** Whether that app has a seed of fewer bits than are safe. */
  readonly shortSeed?: boolean;
}

/** Advice to a user with two-factor authentication, the most urgent first. Pure, and never a reason to refuse. */
export function advise(input: AdviceInput): AdviceCode[] {
  const { devices, recoveryCodes, setSize, totp } = input;
  const [device] = devices;
  if (!device) return [];
  const found: AdviceCode[] = [];
  if (devices.length === 1 && device.method === 'webauthn' && device.backedUp !== true) found.push('passkey_only');
  if (devices.every(({ method }) => method === 'sms')) found.push('sms_only');
  if (setSize > 0 && !recoveryCodes) found.push('recovery_codes_missing');
  if (setSize > 0 && recoveryCodes) {
    // A set that is small from the start is not low before one is used.
    if (recoveryCodes.left <= Math.min(fewRecoveryCodes, setSize - 1)) found.push('recovery_codes_low');
    else if (!recoveryCodes.acknowledged) found.push('recovery_codes_not_acknowledged');
  }
  if (totp && drifts(totp.step, totp.period, totp.at)) found.push('clock_drift');
  if (input.shortSeed === true) found.push('short_seed');
  return found;
}

/**
 * Whether a code's step differs from the present one by more than reading and typing explain. A code of the step before
 * is normal early in a period; late in it, it took its user most of a period, or the phone is behind. A code of the
 * next step is early by what is left of the period: typing never explains that, our own clock may for some seconds.
 */
function drifts(step: number, period: number, at: Date): boolean {
  const seconds = at.getTime() / 1000;
  const current = Math.floor(seconds / period);
  const elapsed = seconds - current * period;
  if (step < current) return elapsed >= (period * 2) / 3;
  return step > current && period - elapsed > period / 3;
}
