import { defaultPolicy } from './default-policy.js';
import type { Policy, PolicyOverride } from './policy.js';

/** Which values of a policy are weaker than those of another, as `section.value`. */
export function weakerValues(policy: Policy, than: Policy): string[] {
  const more: readonly [string, number, number][] = [
    ['lockout.free', policy.lockout.free, than.lockout.free],
    ['lockout.disableAt', policy.lockout.disableAt, than.lockout.disableAt],
    ['lockout.baseSeconds', than.lockout.baseSeconds, policy.lockout.baseSeconds],
    ['lockout.maxSeconds', than.lockout.maxSeconds, policy.lockout.maxSeconds],
    ['challenge.maxChecks', policy.challenge.maxChecks, than.challenge.maxChecks],
    ['code.ttlSeconds', policy.code.ttlSeconds, than.code.ttlSeconds],
    ['totp.window', policy.totp.window, than.totp.window],
    // Of a policy that trusts no browser they mean nothing.
    ['trustedBrowser.days', policy.trustedBrowser.allowed ? policy.trustedBrowser.days : 0, than.trustedBrowser.days],
  ];
  const alone = ({ methods }: Policy) => methods.allowed.filter((method) => !methods.notAlone.includes(method));
  const optional = (value: boolean) => Number(!value);
  const flags: readonly [string, number, number][] = [
    ['twoFactor.required', optional(policy.twoFactor.required === 'all'), optional(than.twoFactor.required === 'all')],
    [
      'twoFactor.disableBy',
      optional(policy.twoFactor.disableBy === 'admin'),
      optional(than.twoFactor.disableBy === 'admin'),
    ],
    [
      'proofRequired.removeDevice',
      optional(policy.proofRequired.removeDevice),
      optional(than.proofRequired.removeDevice),
    ],
    ['proofRequired.disable', optional(policy.proofRequired.disable), optional(than.proofRequired.disable)],
    ['trustedBrowser.allowed', Number(policy.trustedBrowser.allowed), Number(than.trustedBrowser.allowed)],
    [
      'transaction.amountAndPayee',
      optional(policy.transaction.amountAndPayee === 'required'),
      optional(than.transaction.amountAndPayee === 'required'),
    ],
    ['exemptions.required', optional(policy.exemptions.required), optional(than.exemptions.required)],
  ];
  const fewer = <T>(these: readonly T[], those: readonly T[]) => these.some((one) => !those.includes(one));
  return [
    ...(fewer(policy.methods.allowed, than.methods.allowed) ? ['methods.allowed'] : []),
    ...(fewer(alone(policy), alone(than)) ? ['methods.notAlone'] : []),
    ...[...more, ...flags].filter(([, value, bound]) => value > bound).map(([name]) => name),
  ];
}

/**
 * What goes with a value that is not in force any more: the other of two that mean something together only, and a grace
 * period that nobody had to answer for.
 */
export const fallsWith: Readonly<Record<string, readonly string[]>> = {
  'methods.allowed': ['methods.notAlone'],
  'methods.notAlone': ['methods.allowed'],
  'twoFactor.required': ['twoFactor.graceUntil'],
  'exemptions.required': ['twoFactor.graceUntil'],
};

/**
 * When the values of an account that are weaker than the tenant's are in force no longer, in ms since 1970; null where
 * nobody has to answer for them, or nobody does. What is no time has ended.
 */
export function overrideEnds(tenant: PolicyOverride, account: PolicyOverride): number | null {
  const required = tenant.exemptions?.required ?? defaultPolicy.exemptions.required;
  const until = account.exemptions?.override?.until;
  if (!required || until === undefined) return null;
  const ends = Date.parse(until);
  return Number.isNaN(ends) ? -Infinity : ends;
}

/** An account's policy without some of its values, and which of them it had. */
export function withoutValues(
  account: PolicyOverride,
  names: readonly string[],
): { readonly kept: PolicyOverride; readonly dropped: string[] } {
  const kept = structuredClone(account) as Record<string, Record<string, unknown> | undefined>;
  const all = new Set(names.flatMap((name) => [name, ...(fallsWith[name] ?? [])]));
  const dropped = [...all].filter((name) => {
    const [section = '', key = ''] = name.split('.');
    const values = kept[section];
    return values !== undefined && Object.hasOwn(values, key) && delete values[key];
  });
  return { kept, dropped: dropped.toSorted() };
}
