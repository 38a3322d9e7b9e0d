import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decide as decideBy,
  isRequired,
  purposes,
  recoveryCodeMayApprove,
  type Decision,
  type DecisionFacts,
  type Purpose,
} from './decide.js';

/** A user as the database has them; the facts are what the statement of the decision makes of that. */
interface DecisionInput {
  readonly purpose: Purpose;
  readonly kind: 'person' | 'service';
  readonly twoFactorOn: boolean;
  readonly enrolled: boolean;
  readonly required: 'none' | 'all';
  readonly graceUntil: Date | null;
  readonly devices: readonly {
    readonly status: 'verified' | 'disabled';
    readonly lockedUntil: Date | null;
    readonly allowed: boolean;
  }[];
  readonly recoveryCodesLeft: number;
  readonly browserTrusted: boolean;
  readonly exempt: boolean;
  readonly now: Date;
}

function factsOf(input: DecisionInput): DecisionFacts {
  const { purpose, devices, required, graceUntil, now } = input;
  const due = isRequired({ required, graceUntil }, now);
  const verified = devices.filter(({ status, allowed }) => status === 'verified' && allowed);
  const saved = input.recoveryCodesLeft > 0 && recoveryCodeMayApprove(purpose);
  return {
    service: input.kind === 'service',
    exempt: input.exempt,
    login: purpose === 'login',
    apiLogin: purpose === 'api_login',
    on: input.twoFactorOn,
    enrolled: input.enrolled,
    due,
    grace: required === 'all' && !due,
    trusted: input.browserTrusted,
    checkable: saved || verified.some(({ lockedUntil }) => lockedUntil === null || lockedUntil <= now),
    locked: verified.length > 0,
    allDisabled: devices.length > 0 && devices.every(({ status }) => status === 'disabled'),
  };
}

const decide = (input: DecisionInput): Decision => decideBy(factsOf(input));

const now = new Date('2030-01-01T12:00:00Z');
const later = new Date(now.getTime() + 60_000);
const earlier = new Date(now.getTime() - 60_000);

const free = { status: 'verified', lockedUntil: null, allowed: true } as const;
const locked = { status: 'verified', lockedUntil: later, allowed: true } as const;
const disabled = { status: 'disabled', lockedUntil: null, allowed: true } as const;
const forbidden = { ...free, allowed: false } as const;

const off: DecisionInput = {
  purpose: 'login',
  kind: 'person',
  twoFactorOn: false,
  enrolled: false,
  required: 'none',
  graceUntil: null,
  devices: [],
  recoveryCodesLeft: 0,
  browserTrusted: false,
  exempt: true,
  now,
};
const on: DecisionInput = { ...off, twoFactorOn: true, enrolled: true, devices: [free], recoveryCodesLeft: 10 };

const table: [string, DecisionInput, string][] = [
  ['2FA off', off, 'allow two_factor_off'],
  ['2FA off, a device kept', { ...off, enrolled: true, devices: [free] }, 'allow two_factor_off'],
  ['2FA on', on, 'challenge two_factor_on'],
  ['required, nothing enrolled', { ...off, required: 'all' }, 'enroll required_by_policy'],
  ['required, within grace', { ...off, required: 'all', graceUntil: later }, 'allow grace_period'],
  ['required, grace over', { ...off, required: 'all', graceUntil: earlier }, 'enroll required_by_policy'],
  ['required, grace ends now', { ...off, required: 'all', graceUntil: now }, 'enroll required_by_policy'],
  ['required, enrolled, switched off', { ...on, twoFactorOn: false, required: 'all' }, 'challenge required_by_policy'],
  [
    'required, enrolled, no device left',
    { ...on, twoFactorOn: false, required: 'all', devices: [], recoveryCodesLeft: 0 },
    'deny no_usable_device',
  ],
  ['2FA on, within grace', { ...on, required: 'all', graceUntil: later }, 'challenge two_factor_on'],
  ['grace without a requirement', { ...off, graceUntil: later }, 'allow two_factor_off'],

  ['2FA on, trusted browser', { ...on, browserTrusted: true }, 'allow trusted_browser'],
  ['2FA on, trusted browser, all locked', { ...on, browserTrusted: true, devices: [locked] }, 'allow trusted_browser'],
  ['2FA off, trusted browser', { ...off, browserTrusted: true }, 'allow two_factor_off'],
  [
    'required, enrolled, switched off, trusted browser',
    { ...on, twoFactorOn: false, required: 'all', browserTrusted: true },
    'allow trusted_browser',
  ],
  [
    'required, nothing enrolled, trusted browser',
    { ...off, required: 'all', browserTrusted: true },
    'enroll required_by_policy',
  ],
  ['API login, trusted browser', { ...on, purpose: 'api_login', browserTrusted: true }, 'deny two_factor_user'],
  ['step-up, trusted browser', { ...on, purpose: 'disable', browserTrusted: true }, 'challenge step_up'],
  [
    'API login of a service user, with nobody to answer for it',
    { ...off, kind: 'service', purpose: 'api_login', exempt: false },
    'deny required_by_policy',
  ],
  ['service user, trusted browser', { ...off, kind: 'service', browserTrusted: true }, 'deny service_user_interactive'],

  ['2FA on, one of two locked', { ...on, devices: [locked, free] }, 'challenge two_factor_on'],
  ['2FA on, device locked, codes left', { ...on, devices: [locked] }, 'challenge two_factor_on'],
  ['2FA on, all locked, codes left', { ...on, devices: [locked], recoveryCodesLeft: 10 }, 'challenge two_factor_on'],
  ['2FA on, device locked, no codes', { ...on, devices: [locked], recoveryCodesLeft: 0 }, 'deny locked'],
  ['2FA on, lock just over', { ...on, devices: [{ ...free, lockedUntil: now }] }, 'challenge two_factor_on'],
  ['2FA on, all disabled, codes left', { ...on, devices: [disabled] }, 'challenge two_factor_on'],
  [
    '2FA on, all disabled, codes left',
    { ...on, devices: [disabled], recoveryCodesLeft: 10 },
    'challenge two_factor_on',
  ],
  [
    '2FA on, all disabled, no codes',
    { ...on, devices: [disabled, disabled], recoveryCodesLeft: 0 },
    'deny all_devices_disabled',
  ],
  ['2FA on, no device, no codes', { ...on, devices: [], recoveryCodesLeft: 0 }, 'deny no_usable_device'],
  ['2FA on, no device, codes left', { ...on, devices: [] }, 'challenge two_factor_on'],

  ['2FA on, no device is allowed, codes left', { ...on, devices: [forbidden] }, 'challenge two_factor_on'],
  [
    '2FA on, no device is allowed, no codes',
    { ...on, devices: [forbidden], recoveryCodesLeft: 0 },
    'deny no_usable_device',
  ],
  [
    '2FA on, no device is allowed, codes left',
    { ...on, devices: [forbidden], recoveryCodesLeft: 10 },
    'challenge two_factor_on',
  ],
  ['2FA on, one of two is allowed', { ...on, devices: [forbidden, free] }, 'challenge two_factor_on'],
  [
    '2FA on, one is not allowed, the other locked',
    { ...on, devices: [forbidden, locked], recoveryCodesLeft: 0 },
    'deny locked',
  ],
  [
    '2FA on, one is not allowed, the other disabled',
    { ...on, devices: [forbidden, disabled], recoveryCodesLeft: 0 },
    'deny no_usable_device',
  ],
  [
    'required, enrolled, switched off, no device is allowed',
    { ...on, twoFactorOn: false, required: 'all', devices: [forbidden], recoveryCodesLeft: 0 },
    'deny no_usable_device',
  ],
  ['step-up, no device is allowed', { ...on, purpose: 'remove_device', devices: [forbidden] }, 'deny no_usable_device'],

  ['service user at login', { ...off, kind: 'service' }, 'deny service_user_interactive'],
  [
    'service user at login where required',
    { ...off, kind: 'service', required: 'all' },
    'deny service_user_interactive',
  ],
  ['service user at the API', { ...off, kind: 'service', purpose: 'api_login', required: 'all' }, 'allow service_user'],
  ['person at the API, 2FA off', { ...off, purpose: 'api_login' }, 'allow two_factor_off'],
  ['person at the API, 2FA on', { ...on, purpose: 'api_login' }, 'deny two_factor_user'],
  ['person at the API, required', { ...off, purpose: 'api_login', required: 'all' }, 'deny required_by_policy'],
  [
    'person at the API, within grace',
    { ...off, purpose: 'api_login', required: 'all', graceUntil: later },
    'allow two_factor_off',
  ],

  ['step-up, 2FA on', { ...on, purpose: 'remove_device' }, 'challenge step_up'],
  ['step-up, 2FA off, a device kept', { ...off, purpose: 'transaction', devices: [free] }, 'challenge step_up'],
  ['step-up, nothing to check', { ...off, purpose: 'transaction' }, 'deny no_usable_device'],
  ['step-up that recovery codes may not approve', { ...on, purpose: 'transaction', devices: [locked] }, 'deny locked'],
  [
    'step-up that only recovery codes could approve, and may not',
    { ...on, purpose: 'regenerate_recovery_codes', devices: [] },
    'deny no_usable_device',
  ],
  [
    'a lock that is over',
    { ...on, devices: [{ ...locked, lockedUntil: earlier }], recoveryCodesLeft: 0 },
    'challenge two_factor_on',
  ],
  [
    'a lock that ends now',
    { ...on, devices: [{ ...locked, lockedUntil: now }], recoveryCodesLeft: 0 },
    'challenge two_factor_on',
  ],
  ['a lock that lasts', { ...on, devices: [locked], recoveryCodesLeft: 0 }, 'deny locked'],
  ['one of two locked', { ...on, devices: [locked, free], recoveryCodesLeft: 0 }, 'challenge two_factor_on'],
  ['step-up that recovery codes may approve', { ...on, purpose: 'disable', devices: [locked] }, 'challenge step_up'],
];

describe('the decision before login', () => {
  test.each(table)('%s', (_, input, expected) => {
    const { decision, reason } = decide(input);
    expect(`${decision} ${reason}`).toBe(expected);
  });

  it('lets recovery codes approve what the contract names', () => {
    const allowed: Purpose[] = ['login', 'add_device', 'change_phone', 'disable'];
    expect(purposes.filter(recoveryCodeMayApprove).toSorted()).toEqual(allowed.toSorted());
  });
});

describe('whatever the state', () => {
  const date = fc.constantFrom(null, earlier, now, later);
  const input: fc.Arbitrary<DecisionInput> = fc.record({
    purpose: fc.constantFrom(...purposes),
    kind: fc.constantFrom('person', 'service'),
    twoFactorOn: fc.boolean(),
    enrolled: fc.boolean(),
    required: fc.constantFrom('none', 'all'),
    graceUntil: date,
    devices: fc.array(
      fc.record({ status: fc.constantFrom('verified', 'disabled'), lockedUntil: date, allowed: fc.boolean() }),
      { maxLength: 3 },
    ),
    recoveryCodesLeft: fc.constantFrom(0, 1, 10),
    browserTrusted: fc.boolean(),
    exempt: fc.boolean(),
    now: fc.constant(now),
  });
  const always = (rule: (given: DecisionInput, decided: Decision) => boolean) =>
    fc.assert(
      fc.property(input, (given) => rule(given, decide(given))),
      { numRuns: 2000 },
    );

  it('2FA on lets no person in without a check, of a code or of a browser that one made trusted', () => {
    always(
      (given, { decision, reason }) =>
        !(given.twoFactorOn && given.kind === 'person' && decision === 'allow') ||
        (given.browserTrusted && given.purpose === 'login' && reason === 'trusted_browser'),
    );
  });

  it('only logins are ever allowed outright', () => {
    always(({ purpose }, { decision }) => decision !== 'allow' || purpose === 'login' || purpose === 'api_login');
  });

  it('only who never enrolled is asked to enrol', () => {
    always(
      ({ enrolled, twoFactorOn, kind, purpose }, { decision }) =>
        decision !== 'enroll' || (!enrolled && !twoFactorOn && kind === 'person' && purpose === 'login'),
    );
  });

  it('a challenge has something that can be checked now', () => {
    const open = (until: Date | null) => until === null || until <= now;
    always(({ devices, recoveryCodesLeft, purpose }, { decision }) => {
      const device = devices.some(
        ({ status, lockedUntil, allowed }) => status === 'verified' && allowed && open(lockedUntil),
      );
      const code = recoveryCodesLeft > 0 && recoveryCodeMayApprove(purpose);
      return decision !== 'challenge' || device || code;
    });
  });
});
