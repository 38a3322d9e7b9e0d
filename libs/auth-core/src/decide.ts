/** What a challenge can be asked for. */
export const purposes = [
  'login',
  'api_login',
  'add_device',
  'remove_device',
  'change_phone',
  'disable',
  'regenerate_recovery_codes',
  'transaction',
] as const;
export type Purpose = (typeof purposes)[number];

const recoverable: readonly Purpose[] = ['login', 'add_device', 'change_phone', 'disable'];

/** Whether a recovery code may approve a challenge for this purpose. */
export function recoveryCodeMayApprove(purpose: Purpose): boolean {
  return recoverable.includes(purpose);
}

export interface DecisionInput {
  readonly purpose: Purpose;
  readonly kind: 'person' | 'service';
  readonly twoFactorOn: boolean;
  /** Whether a device has been verified since the last reset. */
  readonly enrolled: boolean;
  readonly required: 'none' | 'all';
  readonly graceUntil: Date | null;
  /** Devices that the application admits, unverified ones left out. */
  readonly devices: readonly {
    readonly status: 'verified' | 'disabled';
    readonly lockedUntil: Date | null;
    /** Whether the policy lets it answer: `mayAnswer`. */
    readonly allowed: boolean;
  }[];
  /** None are left where the policy has none. */
  readonly recoveryCodesLeft: number;
  /** Whether the login comes from a browser that one of the user's verified devices made trusted. */
  readonly browserTrusted: boolean;
  readonly now: Date;
}

export type Decision =
  | { readonly decision: 'challenge'; readonly reason: 'two_factor_on' | 'required_by_policy' | 'step_up' }
  | { readonly decision: 'allow'; readonly reason: 'two_factor_off' | 'trusted_browser' | 'service_user' }
  | { readonly decision: 'allow'; readonly reason: 'grace_period'; readonly graceUntil: Date }
  | { readonly decision: 'enroll'; readonly reason: 'required_by_policy' }
  | {
      readonly decision: 'deny';
      readonly reason:
        | 'service_user_interactive'
        | 'two_factor_user'
        | 'required_by_policy'
        | 'locked'
        | 'all_devices_disabled'
        | 'no_usable_device';
    };

/** Whether two-factor authentication is required now: within the grace period nothing is yet. */
export function isRequired(
  { required, graceUntil }: { readonly required: 'none' | 'all'; readonly graceUntil: Date | string | null },
  now: Date,
): boolean {
  return required === 'all' && !(graceUntil !== null && now < new Date(graceUntil));
}

/** The decision before login: whether a second factor is due, can be checked, or must be enrolled first. */
export function decide(input: DecisionInput): Decision {
  const { purpose, kind, twoFactorOn, enrolled, required, graceUntil, now } = input;
  const due = isRequired({ required, graceUntil }, now);
  const grace = required === 'all' && !due ? graceUntil : null;

  if (kind === 'service') {
    return purpose === 'api_login'
      ? { decision: 'allow', reason: 'service_user' }
      : { decision: 'deny', reason: 'service_user_interactive' };
  }
  if (purpose === 'api_login') {
    if (twoFactorOn) return { decision: 'deny', reason: 'two_factor_user' };
    return due ? { decision: 'deny', reason: 'required_by_policy' } : { decision: 'allow', reason: 'two_factor_off' };
  }
  if (purpose !== 'login') return check(input, 'step_up');
  if (due && !enrolled && !twoFactorOn) return { decision: 'enroll', reason: 'required_by_policy' };
  if (twoFactorOn || due) {
    if (input.browserTrusted) return { decision: 'allow', reason: 'trusted_browser' };
    return check(input, twoFactorOn ? 'two_factor_on' : 'required_by_policy');
  }
  if (grace) return { decision: 'allow', reason: 'grace_period', graceUntil: grace };
  return { decision: 'allow', reason: 'two_factor_off' };
}

/** A challenge where anything can be checked now; otherwise a refusal that says why not. */
function check(input: DecisionInput, reason: 'two_factor_on' | 'required_by_policy' | 'step_up'): Decision {
  const { devices, recoveryCodesLeft, purpose, now } = input;
  const locked = (until: Date | null) => until !== null && now < until;
  const verified = devices.filter((device) => device.status === 'verified' && device.allowed);
  const saved = recoveryCodesLeft > 0 && recoveryCodeMayApprove(purpose);

  if (verified.some((device) => !locked(device.lockedUntil))) return { decision: 'challenge', reason };
  if (saved) return { decision: 'challenge', reason };
  if (verified.length > 0) return { decision: 'deny', reason: 'locked' };
  const disabled = devices.length > 0 && devices.every((device) => device.status === 'disabled');
  return { decision: 'deny', reason: disabled ? 'all_devices_disabled' : 'no_usable_device' };
}
