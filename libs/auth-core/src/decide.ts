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

/** What the decision depends on, each true or false at the moment of the call. */
export interface DecisionFacts {
  /** A user for the API only. */
  readonly service: boolean;
  /** Users for the API only need nobody to answer for them, or somebody still does. */
  readonly exempt: boolean;
  /** The purpose is `login`, or `api_login`; else a step-up. */
  readonly login: boolean;
  readonly apiLogin: boolean;
  /** The user's two-factor authentication is on. */
  readonly on: boolean;
  /** A device has been verified since the last reset. */
  readonly enrolled: boolean;
  /** The company requires two-factor authentication, and any grace period is over, or (`grace`) still lasts. */
  readonly due: boolean;
  readonly grace: boolean;
  /** The login comes from a browser that the user's devices made trusted, and the policy goes along with it. */
  readonly trusted: boolean;
  /** A device, of those that application and policy admit, can be checked now, or a recovery code. */
  readonly checkable: boolean;
  /** Some of those devices are verified, each of them locked. */
  readonly locked: boolean;
  /** There are devices, and wrong codes have disabled all of them. */
  readonly allDisabled: boolean;
}
type Fact = keyof DecisionFacts;

export type Decision =
  | { readonly decision: 'challenge'; readonly reason: 'two_factor_on' | 'required_by_policy' | 'step_up' }
  | {
      readonly decision: 'allow';
      readonly reason: 'two_factor_off' | 'trusted_browser' | 'service_user' | 'grace_period';
    }
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

export type DecisionRule = Decision & { readonly when: readonly Fact[]; readonly unless?: readonly Fact[] };

const otherwise: DecisionRule = { when: [], decision: 'deny', reason: 'no_usable_device' };

/**
 * The decision before login, as a table: the first rule that fits decides. The statement that reads the facts decides by it
 * too, so that what it writes down is what is answered.
 */
export const decisionRules: readonly DecisionRule[] = [
  { when: ['service', 'apiLogin', 'exempt'], decision: 'allow', reason: 'service_user' },
  { when: ['service', 'apiLogin'], decision: 'deny', reason: 'required_by_policy' },
  { when: ['service'], decision: 'deny', reason: 'service_user_interactive' },

  { when: ['apiLogin', 'on'], decision: 'deny', reason: 'two_factor_user' },
  { when: ['apiLogin', 'due'], decision: 'deny', reason: 'required_by_policy' },
  { when: ['apiLogin'], decision: 'allow', reason: 'two_factor_off' },

  { when: ['login', 'due'], unless: ['enrolled', 'on'], decision: 'enroll', reason: 'required_by_policy' },
  { when: ['login', 'on', 'trusted'], decision: 'allow', reason: 'trusted_browser' },
  { when: ['login', 'due', 'trusted'], decision: 'allow', reason: 'trusted_browser' },
  { when: ['login', 'grace'], unless: ['on', 'due'], decision: 'allow', reason: 'grace_period' },
  { when: ['login'], unless: ['on', 'due'], decision: 'allow', reason: 'two_factor_off' },

  { when: ['checkable', 'login', 'on'], decision: 'challenge', reason: 'two_factor_on' },
  { when: ['checkable', 'login'], decision: 'challenge', reason: 'required_by_policy' },
  { when: ['checkable'], decision: 'challenge', reason: 'step_up' },
  { when: ['locked'], decision: 'deny', reason: 'locked' },
  { when: ['allDisabled'], decision: 'deny', reason: 'all_devices_disabled' },
  otherwise,
];

/** The decision before login: whether a second factor is due, can be checked, or must be enrolled first. */
export function decide(facts: DecisionFacts): Decision {
  const fits = ({ when, unless = [] }: DecisionRule) =>
    when.every((fact) => facts[fact]) && unless.every((fact) => !facts[fact]);
  return decisionRules.find(fits) ?? otherwise;
}
