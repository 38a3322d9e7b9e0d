import { Injectable } from '@nestjs/common';
import {
  applyPreset,
  policyContradictions,
  policyOverrideSchema,
  policySchema,
  Problem,
  resolvePolicy,
  type PolicyOverride,
  type ResolvedPolicy,
} from '#contracts';
import { appendEvents, Database, event, eventsParameter, noOutcomes, statement } from '#persistence';
import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';

export const policyAnswer = z
  .object({
    effective: policySchema.meta({ description: 'The policy in force' }),
    sources: z.record(z.string(), z.enum(['default', 'tenant', 'account'])).meta({ description: 'Who set each value' }),
    override: policyOverrideSchema.meta({ description: 'What this level sets of its own' }),
  })
  .meta({ id: 'PolicyInForce' });
export type PolicyAnswer = z.infer<typeof policyAnswer>;

interface PolicyRow {
  readonly tenant: PolicyOverride;
  readonly account: PolicyOverride | null;
}

const selectPolicies = statement(
  'policy.find',
  `select t.policy as tenant, a.policy as account
   from tenant t left join account a on a.tenant_id = t.id and a.external_id = $2
   where t.id = $1`,
);

/** PostgreSQL reads its own list of zones, or the system's: which names are in it differs from machine to machine. */
const findTimeZone = statement(
  'policy.time-zone',
  'select 1 as known from pg_timezone_names where lower(name) = lower($1) limit 1',
);

const writeTenantPolicy = statement(
  'policy.write-tenant',
  `with written as (update tenant set policy = $2 where id = $1 and policy is distinct from $2::jsonb returning id),
   guard as (select ${noOutcomes} from written), ${appendEvents('$3', 'guard')}
   select id from written`,
);

const writeAccountPolicy = statement(
  'policy.write-account',
  `with written as (
     update account set policy = $3 where tenant_id = $1 and external_id = $2 and policy is distinct from $3::jsonb
     returning id
   ), guard as (select ${noOutcomes} from written), ${appendEvents('$4', 'guard')}
   select id from written`,
);

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
  async put(caller: Caller, accountId: string | null, asked: PolicyOverride): Promise<PolicyAnswer> {
    const override = applyPreset(asked);
    const before = await this.levels(caller, accountId);
    const after = accountId === null ? { ...before, tenant: override } : { ...before, account: override };
    const resolved = resolve(after);
    const faults = [...policyContradictions(resolved.effective), ...(await this.unusable(override))];
    if (faults.length > 0) {
      const errors = faults.map(([pointer, detail]) => ({ pointer, detail }));
      throw new Problem('invalid_request', { detail: `${errors[0]?.pointer}: ${errors[0]?.detail}.`, errors });
    }
    const level = accountId === null ? 'tenant' : 'account';
    const changed = changedValues(resolve(before), resolved);
    const context = { tenantId: caller.tenantId, accountId, requestId: caller.requestId };
    const events = eventsParameter(context, [event('policy.changed', { level, changed })]);
    const text = JSON.stringify(override);
    if (accountId === null) await this.database.query(writeTenantPolicy, [caller.tenantId, text, events]);
    else await this.database.query(writeAccountPolicy, [caller.tenantId, accountId, text, events]);
    return answer(after, accountId);
  }

  /** Values that those who use them do not know: `[pointer, words]` each. */
  private async unusable({ phone = {} }: PolicyOverride): Promise<[string, string][]> {
    const { timeZone, defaultCountry } = phone;
    const faults: [string, string][] = [];
    if (timeZone !== undefined && !(await this.database.one(findTimeZone, [timeZone]))) {
      faults.push(['/phone/timeZone', 'is no time zone that the database knows; a city near by may have one']);
    }
    if (typeof defaultCountry === 'string' && !isSupportedCountry(defaultCountry)) {
      faults.push(['/phone/defaultCountry', 'is no country with phone numbers of its own']);
    }
    return faults;
  }

  private async levels(caller: Caller, accountId: string | null): Promise<PolicyRow> {
    const row = await this.database.one<PolicyRow>(selectPolicies, [caller.tenantId, accountId]);
    if (!row || (accountId !== null && row.account === null)) {
      throw new Problem('not_found', { detail: 'There is no such account.' });
    }
    return row;
  }
}

function resolve(row: PolicyRow): ResolvedPolicy {
  return resolvePolicy(row.tenant, row.account ?? {});
}

function answer(row: PolicyRow, accountId: string | null): PolicyAnswer {
  const { effective, sources } = resolve(row);
  return { effective, sources: { ...sources }, override: (accountId === null ? row.tenant : row.account) ?? {} };
}

/** Names of the values that differ, as `section.value`. */
function changedValues(before: ResolvedPolicy, after: ResolvedPolicy): string[] {
  return Object.keys(after.sources).filter((name) => {
    const [section = '', key] = name.split('.');
    const pick = (policy: ResolvedPolicy): unknown => {
      const value = (policy.effective as Record<string, unknown>)[section];
      return key === undefined ? value : (value as Record<string, unknown>)[key];
    };
    return JSON.stringify(pick(before)) !== JSON.stringify(pick(after));
  });
}
