import { resolvePolicy, weakerValues, type Exemption, type Policy, type PolicyOverride } from '#contracts';
import { daysCounted, overridesAtMost, usersNamed, type AccountFacts, type FactsRow } from './compliance-facts.sql.js';
import type { Control, Finding, ListedExemption } from './compliance-report.schema.js';
import { controlTitles, type ControlId, type Profile } from './profiles.js';

/** The tenant's policy, or that of an account with values of its own. */
export interface Level {
  /** Null for the tenant. */
  readonly accountId: string | null;
  readonly own: PolicyOverride;
  readonly policy: Policy;
  /** Values of its own that are not in force: who answered for them does so no longer. */
  readonly notApplied: readonly string[];
  readonly disabled: number;
  readonly service: number;
  readonly without: readonly { readonly accountId: string; readonly userId: string }[];
}

type Judged = Pick<Control, 'findings' | 'evidence'> & { readonly attention?: boolean };
/** What was read, and what was found in the tree. */
type Facts = FactsRow & { readonly verified: number | null };
type Judge = (profile: Profile, facts: Facts, levels: readonly Level[]) => Judged;

/** How old the newest checkpoint may be: a log that does not grow is signed once a day. */
const checkpointMs = 25 * 3_600_000;

const sum = (accounts: readonly AccountFacts[], part: 'disabled' | 'service') =>
  accounts.reduce((total, account) => total + account[part], 0);

export function levelsOf(facts: FactsRow): Level[] {
  const accounts = facts.accounts.slice(0, overridesAtMost);
  const tenant: Level = {
    accountId: null,
    own: facts.tenantPolicy,
    policy: resolvePolicy(facts.tenantPolicy).effective,
    notApplied: [],
    disabled: facts.users.disabled - sum(accounts, 'disabled'),
    service: facts.users.service - sum(accounts, 'service'),
    without: facts.without,
  };
  return [
    tenant,
    ...accounts.map(({ accountId, policy, disabled, service, without }) => {
      const { effective, notApplied } = resolvePolicy(facts.tenantPolicy, policy, new Date(facts.asOf));
      return {
        accountId,
        own: policy,
        policy: effective,
        notApplied,
        disabled,
        service,
        without: without.map((userId) => ({ accountId, userId })),
      };
    }),
  ];
}

const exemptionKinds = ['serviceUsers', 'gracePeriod', 'trustedBrowser', 'override'] as const;

export function exemptionsOf({ asOf }: FactsRow, levels: readonly Level[]): ListedExemption[] {
  return levels.flatMap(({ accountId, own }) =>
    exemptionKinds.flatMap((kind) => {
      const exemption = own.exemptions?.[kind];
      return exemption ? [{ kind, accountId, ...exemption, ended: !holds(exemption, asOf) }] : [];
    }),
  );
}

const holds = (exemption: Exemption | null | undefined, asOf: string) =>
  exemption ? Date.parse(asOf) < Date.parse(exemption.until) : false;

function find(
  rule: string,
  detail: string,
  { accountId = null, userId = null, setting = null }: Partial<Finding>,
): Finding {
  return { rule, accountId, userId, setting, detail };
}

/** Whether a second factor is required, and not asked for yet. */
function isInGrace({ twoFactor: { required, graceUntil } }: Policy, asOf: string): boolean {
  return required === 'all' && graceUntil !== null && Date.parse(asOf) < Date.parse(graceUntil);
}

/** Whether nothing is asked of people yet, and somebody answers for that. */
const isExcused = ({ policy }: Level, asOf: string) =>
  isInGrace(policy, asOf) && holds(policy.exemptions.gracePeriod, asOf);

/** Whether what is weaker in an account is answered for. */
const isAnswered = ({ accountId, policy }: Level, asOf: string) =>
  accountId !== null && holds(policy.exemptions.override, asOf);

const secondFactor: Judge = (_, facts, levels) => {
  const findings = levels.flatMap((level): Finding[] => {
    const { accountId, policy, disabled, without } = level;
    const optional =
      policy.twoFactor.required === 'all' || isAnswered(level, facts.asOf)
        ? []
        : [find('second_factor_optional', 'Nobody has to have one.', { accountId, setting: 'twoFactor.required' })];
    if (isExcused(level, facts.asOf)) return optional;
    const named = without.map((user) => find('user_without_second_factor', 'Two-factor authentication is off.', user));
    const rest = disabled - named.length;
    const more = find('more_users_without_second_factor', `${rest} more have none.`, { accountId });
    return [...optional, ...named, ...(rest > 0 ? [more] : [])];
  });
  const { users } = facts;
  return {
    findings,
    attention: users.disabled > 0,
    evidence: { ...users, list: '/v1/users?twoFactor=disabled', named: usersNamed },
  };
};

const exemptions: Judge = (_, { asOf, accounts }, levels) => {
  const [tenant] = levels as [Level];
  const findings = levels.flatMap((level): Finding[] => {
    const { accountId, own, policy, service } = level;
    const given = policy.exemptions;
    const weaker = accountId === null ? [] : weakerValues(policy, tenant.policy);
    const missing = (rule: string, is: boolean, exemption: Exemption | null, setting: string) =>
      is && !holds(exemption, asOf)
        ? [
            find(rule, exemption ? `Its exemption ended at ${exemption.until}.` : 'Nobody answers for it.', {
              accountId,
              setting,
            }),
          ]
        : [];
    const inherits = (section: 'twoFactor' | 'trustedBrowser') => accountId !== null && own[section] === undefined;
    return [
      ...missing('service_users_without_exemption', service > 0, given.serviceUsers, 'exemptions.serviceUsers'),
      ...missing(
        'grace_without_exemption',
        isInGrace(policy, asOf) && !inherits('twoFactor'),
        given.gracePeriod,
        'exemptions.gracePeriod',
      ),
      ...missing(
        'trust_without_exemption',
        policy.trustedBrowser.allowed && !inherits('trustedBrowser'),
        given.trustedBrowser,
        'exemptions.trustedBrowser',
      ),
      ...missing('override_without_exemption', weaker.length > 0, given.override, weaker.join(',')),
    ];
  });
  return {
    findings,
    attention: accounts.length > overridesAtMost,
    evidence: {
      policiesOfAccounts: levels.length - 1,
      notApplied: levels.flatMap(({ accountId, notApplied: values }) =>
        values.length > 0 ? [{ accountId, values }] : [],
      ),
    },
  };
};

/** Judges values that an account may have of its own, once where they are inherited. */
const perLevel =
  (
    section: 'lockout' | 'methods' | 'transaction',
    judge: (profile: Profile, policy: Policy) => [string, string, string][],
  ): Judge =>
  (profile, { asOf }, levels) => {
    const set = levels.filter(({ accountId, own }) => accountId === null || own[section] !== undefined);
    return {
      findings: set
        .filter((level) => !isAnswered(level, asOf))
        .flatMap(({ accountId, policy }) =>
          judge(profile, policy).map(([rule, setting, detail]) => find(rule, detail, { accountId, setting })),
        ),
      evidence: { inForce: set.map(({ accountId, policy }) => ({ accountId, ...policy[section] })) },
    };
  };

const lockout = perLevel('lockout', ({ lockout: bound }, { lockout: { free, baseSeconds, disableAt } }) => {
  const faults: [string, string, string][] = [];
  const { free: most = Infinity, baseSeconds: least = 0 } = bound;
  if (free > most) faults.push(['lockout_too_loose', 'lockout.free', `${free} wrong codes; at most ${most}.`]);
  if (baseSeconds < least) {
    faults.push(['lockout_too_short', 'lockout.baseSeconds', `${baseSeconds} seconds; at least ${least}.`]);
  }
  if (disableAt > bound.disableAt) {
    faults.push(['lockout_without_end', 'lockout.disableAt', `${disableAt} wrong codes; at most ${bound.disableAt}.`]);
  }
  return faults;
});

const methods = perLevel('methods', ({ methods: { never, notAlone } }, { methods: { allowed, notAlone: beside } }) => [
  ...allowed
    .filter((method) => never.includes(method))
    .map((method): [string, string, string] => [
      'method_not_strong_enough',
      'methods.allowed',
      `${method} is allowed.`,
    ]),
  ...allowed
    .filter((method) => notAlone.includes(method) && !beside.includes(method))
    .map((method): [string, string, string] => ['method_alone', 'methods.notAlone', `${method} may stand alone.`]),
]);

const linking = perLevel('transaction', (_, { transaction }) =>
  transaction.amountAndPayee === 'required'
    ? []
    : [['payment_without_amount_and_payee', 'transaction.amountAndPayee', 'A payment need not name them.']],
);

const log: Judge = (_, { asOf, sealed, signed, signedAt, checkpoint, verified, witnessed, witnesses }) => {
  const findings: Finding[] = [];
  if (signed === null || signedAt === null) findings.push(find('log_not_signed', 'There is no checkpoint.', {}));
  else {
    if (Date.parse(asOf) - Date.parse(signedAt) > checkpointMs) {
      findings.push(find('log_not_signed', `The newest checkpoint is of ${signedAt}.`, {}));
    }
    if (verified === null) {
      findings.push(find('log_not_verified', `The log is not what its checkpoint of ${signed} entries says.`, {}));
    }
    if (witnessed === null) findings.push(find('log_not_witnessed', 'No checkpoint is witnessed.', {}));
  }
  return { findings, evidence: { sealed, signed, signedAt, verified, witnessed, witnesses, checkpoint } };
};

const retention: Judge = ({ retentionDays }, { tenantPolicy }) => {
  // Null: events are kept without end.
  const days = resolvePolicy(tenantPolicy).effective.audit.retentionDays;
  const short = days !== null && days < retentionDays;
  const found = find('retention_too_short', `${days} days; at least ${retentionDays}.`, {
    setting: 'audit.retentionDays',
  });
  return { findings: short ? [found] : [], evidence: { days, atLeast: retentionDays } };
};

const judges: Readonly<Record<ControlId, Judge>> = {
  'second-factor': secondFactor,
  exemptions,
  lockout,
  methods,
  replay: (_, { replayed, repeated }) => ({
    findings: repeated.map((id) =>
      find('challenge_approved_twice', `The challenge ${id} was approved more than once.`, {}),
    ),
    evidence: { refused: replayed, days: daysCounted },
  }),
  'dynamic-linking': (...given) => {
    const [payment, means] = [linking(...given), methods(...given)];
    return {
      findings: [...payment.findings, ...means.findings],
      evidence: { transaction: payment.evidence['inForce'], methods: means.evidence['inForce'] },
    };
  },
  log,
  'log-readers': (_, { readers, exporters }) => ({
    findings: [...readers, ...exporters]
      .filter(({ allowed }) => !allowed)
      .map(({ apiKeyId }) =>
        find('log_read_without_right', `${apiKeyId} is no API key that may read what it read.`, {}),
      ),
    evidence: { readers, exporters, days: daysCounted },
  }),
  retention,
};

export function controlsOf(profile: Profile, facts: Facts, levels: readonly Level[]): Control[] {
  return (Object.keys(controlTitles) as ControlId[]).map((id): Control => {
    const title = controlTitles[id];
    const clause = profile.clauses[id];
    if (clause === undefined) return { id, title, clause: null, status: 'not_applicable', findings: [], evidence: {} };
    const { findings, evidence, attention = false } = judges[id](profile, facts, levels);
    const status = findings.length > 0 ? 'not_met' : attention ? 'attention' : 'met';
    return { id, title, clause, status, findings, evidence };
  });
}
