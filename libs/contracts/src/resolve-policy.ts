import type { z } from 'zod';
import { defaultPolicy } from './default-policy.js';
import { sections, type Policy, type PolicyOverride, type PolicyPatch } from './policy.js';
import { overrideEnds, weakerValues, withoutValues } from './weaker-values.js';

type Values = Record<string, unknown>;

export type PolicySource = 'default' | 'tenant' | 'account';

export interface ResolvedPolicy {
  readonly effective: Policy;
  /** `section.value` (or the section itself where it is one value) → the level that set it. */
  readonly sources: Readonly<Record<string, PolicySource>>;
  /** Values of the account, as `section.value`, that are not in force: the exemption that answered for them has ended. */
  readonly notApplied: readonly string[];
}

/** The tenant's policy. */
export function resolvePolicy(tenant: PolicyOverride): ResolvedPolicy;
/**
 * The policy of an account: its values over the tenant's over the defaults. Lists are values: they replace, never merge.
 * @param at the database's time: what is weaker than the tenant's is in force until the exemption for it ends
 */
export function resolvePolicy(tenant: PolicyOverride, account: PolicyOverride, at: Date): ResolvedPolicy;
export function resolvePolicy(tenant: PolicyOverride, account: PolicyOverride = {}, at?: Date): ResolvedPolicy {
  const whole = layPolicies(tenant, account);
  const ends = overrideEnds(tenant, account);
  // Whatever is no time is later than nothing.
  if (ends === null || (at && at.getTime() < ends)) return { ...whole, notApplied: [] };
  const weaker = weakerValues(whole.effective, layPolicies(tenant, {}).effective);
  const { kept, dropped } = withoutValues(account, weaker);
  return { ...layPolicies(tenant, kept), notApplied: dropped };
}

function layPolicies(tenant: PolicyOverride, account: PolicyOverride): Omit<ResolvedPolicy, 'notApplied'> {
  const effective: Values = {};
  const sources: Record<string, PolicySource> = {};
  const levels: readonly [PolicySource, Values][] = [
    ['default', defaultPolicy],
    ['tenant', tenant],
    ['account', account],
  ];
  for (const [source, level] of levels) {
    for (const [section, value] of Object.entries(level)) {
      // The name of a preset is no value; what it stands for was written out when it was applied.
      if (value === undefined || section === 'preset') continue;
      if (value === null || typeof value !== 'object') {
        effective[section] = value;
        sources[section] = source;
        continue;
      }
      effective[section] = { ...(effective[section] as Values | undefined), ...value };
      for (const key of Object.keys(value)) sources[`${section}.${key}`] = source;
    }
  }
  return { effective: effective as Policy, sources };
}

/** Faults that only show when values of several levels meet: `[pointer, words]` each. */
export function policyContradictions(policy: Policy): [string, string][] {
  const faults: [string, string][] = [];
  if (policy.lockout.free > policy.lockout.disableAt) {
    faults.push(['/lockout/free', 'must not be above lockout.disableAt']);
  }
  if (policy.lockout.baseSeconds > policy.lockout.maxSeconds) {
    faults.push(['/lockout/baseSeconds', 'must not be above lockout.maxSeconds']);
  }
  const { retentionDays, retentionAtLeastDays } = policy.audit;
  if (retentionDays !== null && retentionDays < retentionAtLeastDays) {
    faults.push(['/audit/retentionDays', 'must not be below audit.retentionAtLeastDays']);
  }
  if (policy.methods.allowed.every((method) => policy.methods.notAlone.includes(method))) {
    faults.push(['/methods/notAlone', 'leaves no allowed method that may stand alone']);
  }
  return [...faults, ...unexplained(policy)];
}

/** Ways past the second factor that nobody answers for, where somebody has to. */
function unexplained({ twoFactor, trustedBrowser, exemptions }: Policy): [string, string][] {
  if (!exemptions.required) return [];
  const faults: [string, string][] = [];
  const { graceUntil } = twoFactor;
  const grace = exemptions.gracePeriod;
  if (twoFactor.required === 'all' && graceUntil !== null && grace === null) {
    faults.push(['/exemptions/gracePeriod', 'must name owner, reason and end of the grace period']);
  }
  if (graceUntil !== null && grace !== null && Date.parse(grace.until) < Date.parse(graceUntil)) {
    faults.push(['/exemptions/gracePeriod/until', 'must not be before twoFactor.graceUntil']);
  }
  if (trustedBrowser.allowed && exemptions.trustedBrowser === null) {
    faults.push(['/exemptions/trustedBrowser', 'must name owner, reason and end of the trust in browsers']);
  }
  return faults;
}

/** An override with a change laid over it, value by value. Lists are values: they replace, never merge. */
export function patchOverride(override: PolicyOverride, patch: PolicyPatch): PolicyOverride {
  const merged: Values = { ...override };
  for (const [section, change] of Object.entries(patch)) {
    if (change === undefined) continue;
    if (section === 'preset' || section === 'supportContact') {
      merged[section] = change;
      continue;
    }
    const { shape }: { readonly shape: Readonly<Record<string, z.ZodType>> } = sections[section as 'code'];
    const stays = ([key, value]: [string, unknown]) => {
      const schema = shape[key];
      return value !== null || (schema !== undefined && mayBeNull(schema));
    };
    const values = Object.entries({ ...(merged[section] as Values | undefined), ...(change as object | null) });
    const left = change === null ? [] : values.filter(stays);
    if (left.length === 0) delete merged[section];
    else merged[section] = Object.fromEntries(left);
  }
  return merged;
}

const mayBeNull = (value: z.ZodType): boolean => value.safeParse(null).success;
