import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import {
  applyPreset,
  patchOverride,
  policyContradictions,
  policyOverrideSchema,
  policySchema,
  Problem,
  resolvePolicy,
  weakerValues,
  type PolicyOverride,
  type PolicyPatch,
  type ResolvedPolicy,
} from '#contracts';
import { Database, event, eventsParameter } from '#persistence';
import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import { maskAddress } from '../codes/addresses.js';
import { eventsOf, type Caller } from '../http/caller.js';
import { noSuch } from '../refusals/refusals.js';
import { selectPolicies, findTimeZone, writeTenantPolicy, writeAccountPolicy, type PolicyRow } from './policies.sql.js';

export const policyAnswer = z
  .object({
    effective: policySchema.meta({ description: 'The policy in force' }),
    sources: z.record(z.string(), z.enum(['default', 'tenant', 'account'])).meta({ description: 'Who set each value' }),
    override: z
      .object(policyOverrideSchema.shape)
      .meta({ id: 'OwnPolicy', description: 'The values that this level sets itself' }),
    notApplied: z
      .array(
        z.object({
          value: z.string().meta({ description: 'As `section.value`' }),
          reason: z.enum(['exemption_ended']).meta({
            description: '`exemptions.override`, which answered for what is weaker than the tenant’s, has ended',
          }),
          since: z.string().meta({ description: 'The end that the exemption names' }),
        }),
      )
      .meta({ description: 'Values of `override` that are not in force' }),
  })
  .meta({ id: 'PolicyInForce' });
export type PolicyAnswer = z.infer<typeof policyAnswer>;

/** Policies of the tenant and, over it, of its accounts. */
@Injectable()
export class Policies {
  constructor(private readonly database: Database) {}

  /** @param accountId null for the tenant's own */
  async get(caller: Caller, accountId: string | null): Promise<PolicyAnswer> {
    const levels = await this.levels(caller, accountId);
    return answer(levels, accountId);
  }

  /** Replaces the override: what it leaves out is inherited again. */
  put(caller: Caller, accountId: string | null, asked: PolicyOverride): Promise<PolicyAnswer> {
    return this.change(caller, accountId, () => applyPreset(accountId, asked));
  }

  /** Lays values over the override: what it leaves out stays. */
  patch(caller: Caller, accountId: string | null, asked: PolicyPatch): Promise<PolicyAnswer> {
    const { preset } = asked;
    return this.change(caller, accountId, (override) =>
      patchOverride(
        preset === undefined ? override : patchOverride(override, applyPreset(accountId, { preset })),
        asked,
      ),
    );
  }

  /** @param make the override from the one there is; asked again where another call has changed it meanwhile */
  private async change(
    caller: Caller,
    accountId: string | null,
    make: (override: PolicyOverride) => PolicyOverride,
  ): Promise<PolicyAnswer> {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const before = await this.levels(caller, accountId);
      const former = (accountId === null ? before.tenant : before.account) ?? {};
      const override = make(former);
      const after = accountId === null ? { ...before, tenant: override } : { ...before, account: override };
      await this.assertUsable(accountId, override, after);
      if (isDeepStrictEqual(former, override) || (await this.write(caller, accountId, before, after))) {
        return answer(after, accountId);
      }
    }
    throw new Problem('unavailable');
  }

  /** @returns false where the override is no longer the one of `before` */
  private async write(caller: Caller, accountId: string | null, before: PolicyRow, after: PolicyRow): Promise<boolean> {
    const level = accountId === null ? 'tenant' : 'account';
    const context = { ...eventsOf(caller), accountId };
    const changes = changesBetween(resolve(before), resolve(after));
    const events = eventsParameter(context, [event('policy.changed', { level, ...changes })]);
    const texts = ({ tenant, account }: PolicyRow) => JSON.stringify(accountId === null ? tenant : account);
    const [text, former] = [texts(after), texts(before)];
    const rows =
      accountId === null
        ? await this.database.query(writeTenantPolicy, { tenantId: caller.tenantId, policy: text, events, former })
        : await this.database.query(writeAccountPolicy, {
            tenantId: caller.tenantId,
            accountId,
            policy: text,
            events,
            former,
          });
    return rows.length > 0;
  }

  /** @throws {Problem} `invalid_request` */
  private async assertUsable(accountId: string | null, override: PolicyOverride, after: PolicyRow): Promise<void> {
    const weak = accountId === null ? [] : unansweredWeakness(after);
    const faults = [...policyContradictions(resolve(after).effective), ...weak, ...(await this.unusable(override))];
    if (accountId !== null && override.audit) {
      faults.push(['/audit', 'is for the tenant only: its log has the events of all accounts']);
    }
    const errors = faults.map(([pointer, detail]) => ({ pointer, detail }));
    const [first] = errors;
    if (first) throw new Problem('invalid_request', { detail: `${first.pointer}: ${first.detail}.`, errors });
  }

  /** Values that those who use them do not know: `[pointer, words]` each. */
  private async unusable({ phone = {} }: PolicyOverride): Promise<[string, string][]> {
    const { timeZone, defaultCountry } = phone;
    const faults: [string, string][] = [];
    if (timeZone !== undefined && !(await this.database.one(findTimeZone, { timeZone }))) {
      faults.push(['/phone/timeZone', 'is no time zone that the database knows; a city near by may have one']);
    }
    if (typeof defaultCountry === 'string' && !isSupportedCountry(defaultCountry)) {
      faults.push(['/phone/defaultCountry', 'is no country with phone numbers of its own']);
    }
    return faults;
  }

  private async levels(caller: Caller, accountId: string | null): Promise<PolicyRow> {
    const row = await this.database.one(selectPolicies, { tenantId: caller.tenantId, accountId });
    if (!row || (accountId !== null && row.account === null)) {
      throw noSuch('account');
    }
    return row;
  }
}

/** The values of an account that are weaker than the tenant's, where somebody has to answer for that and nobody does. */
function unansweredWeakness(row: PolicyRow): [string, string][] {
  const tenant = resolvePolicy(row.tenant).effective;
  if (!tenant.exemptions.required || row.account?.exemptions?.override) return [];
  const weaker = weakerValues(resolve(row).effective, tenant);
  if (weaker.length === 0) return [];
  const words = `must name owner, reason and end: weaker than the policy of the tenant are ${weaker.join(', ')}`;
  return [['/exemptions/override', words]];
}

function resolve(row: PolicyRow): ResolvedPolicy {
  return resolvePolicy(row.tenant, row.account ?? {}, row.now);
}

function answer(row: PolicyRow, accountId: string | null): PolicyAnswer {
  const { effective, sources, notApplied } = resolve(row);
  const since = row.account?.exemptions?.override?.until ?? '';
  return {
    effective,
    sources: { ...sources },
    override: (accountId === null ? row.tenant : row.account) ?? {},
    notApplied: notApplied.map((value) => ({ value, reason: 'exemption_ended', since })),
  };
}

type Values = Record<string, unknown>;

/** What differs, as `section.value`, and what it was and is. */
function changesBetween(
  before: ResolvedPolicy,
  after: ResolvedPolicy,
): { changed: string[]; old: Values; new: Values } {
  const pick = ({ effective }: ResolvedPolicy, name: string): unknown => {
    const [section = '', key] = name.split('.');
    const value = (effective as Values)[section];
    return key === undefined ? value : (value as Values)[key];
  };
  const changed = Object.keys(after.sources).filter(
    (name) => !isDeepStrictEqual(pick(before, name), pick(after, name)),
  );
  const valuesOf = (policy: ResolvedPolicy) =>
    Object.fromEntries(changed.map((name) => [name, withoutAddresses(pick(policy, name))]));
  return { changed, old: valuesOf(before), new: valuesOf(after) };
}

/** Events hold no whole address and no whole number, and a support contact may be one. */
function withoutAddresses(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(/[^\s@<>]+@[^\s@<>]+/g, maskAddress).replace(/\+\d[\d ()/.-]{5,}\d/g, maskAddress);
}
