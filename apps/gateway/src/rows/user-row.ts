import { Injectable } from '@nestjs/common';
import { Problem, resolvePolicy, type Policy, type PolicyOverride } from '#contracts';
import { Database, Sealer, statement, type EventContext } from '#persistence';
import type { Language } from '#words';
import { isClockRight } from '#service';
import { z } from 'zod';
import { eventsOf, type Caller } from '../http/caller.js';

/** What the panel told of a user; sealed in the user's row. */
export const profileSchema = z.strictObject({
  displayName: z.string().nullable(),
  email: z.string().nullable(),
  /** E.164 with its `+`. */
  phone: z.string().nullable(),
  /** Those that the user had until lately, with the time (ISO 8601) until which notices go there too. */
  formerEmails: z.array(z.strictObject({ address: z.string(), until: z.string() })).optional(),
});
export type Profile = z.infer<typeof profileSchema>;

/** Columns of a user with its account and policy, for a query over `app_user u`, `account a` and `tenant t`. */
export const userColumns = `
  t.id as "tenantId", t.policy::text as "tenantPolicy",
  a.id as "accountRef", a.external_id as "accountId", a.locale as "accountLocale", a.policy::text as "accountPolicy",
  u.id as "userRef", u.external_id as "userId", u.kind, u.locale as "userLocale",
  u.profile_sealed as "profileSealed", u.event_key_sealed as "eventKeySealed",
  u.two_factor_since as "twoFactorSince", u.enrolled_at as "enrolledAt", u.created_at as "createdAt",
  clock_timestamp() as "now"`;

/** The names of `userColumns`, for a query around one with them. */
export const userColumnNames = [
  'tenantId',
  'tenantPolicy',
  'accountRef',
  'accountId',
  'accountLocale',
  'accountPolicy',
  'userRef',
  'userId',
  'kind',
  'userLocale',
  'profileSealed',
  'eventKeySealed',
  'twoFactorSince',
  'enrolledAt',
  'createdAt',
  'now',
] as const satisfies readonly (keyof UserRow)[];

export interface UserRow {
  readonly tenantId: string;
  readonly tenantPolicy: string;
  readonly accountRef: string;
  readonly accountId: string;
  readonly accountLocale: string | null;
  readonly accountPolicy: string;
  readonly userRef: string;
  readonly userId: string;
  readonly kind: 'person' | 'service';
  readonly userLocale: string | null;
  readonly profileSealed: Buffer;
  readonly eventKeySealed: Buffer;
  readonly twoFactorSince: Date | null;
  readonly enrolledAt: Date | null;
  readonly createdAt: Date;
  /** The database's time. */
  readonly now: Date;
}

/**
 * The user that a panel names: $1 its tenant, $2 and $3 its own ids of the account and the user. The account's tenant is
 * compared too, though the user's would do: without it no index leads to the account.
 */
export const namedUser = 't.id = $1 and a.tenant_id = $1 and a.external_id = $2 and u.external_id = $3';

const selectUser = statement(
  'user.find',
  `select ${userColumns}
   from app_user u join account a on a.id = u.account_id join tenant t on t.id = u.tenant_id
   where ${namedUser}`,
);

/** The policy, and the locale of whom it is applied to: words for a refusal need both. */
export interface PolicyInForce extends Policy {
  /** The user's, else the account's. */
  readonly locale: string | null;
}

const resolved = new Map<string, PolicyInForce>();
const resolvedLimit = 1000;

/** The policy in force, from the texts of the tenant's and the account's. Same texts and locale, same object. */
export function effectivePolicy(row: {
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly userLocale: string | null;
  readonly accountLocale: string | null;
}): PolicyInForce {
  const locale = row.userLocale ?? row.accountLocale;
  const key = `${row.tenantPolicy}\n${row.accountPolicy}\n${locale ?? ''}`;
  const known = resolved.get(key);
  if (known) return known;
  const levels = [row.tenantPolicy, row.accountPolicy].map((text) => JSON.parse(text) as PolicyOverride);
  const policy = { ...resolvePolicy(levels[0] ?? {}, levels[1]).effective, locale };
  if (resolved.size >= resolvedLimit) resolved.clear();
  resolved.set(key, policy);
  return policy;
}

/** @throws {Problem} `unavailable` where the process and the database disagree about the time; nothing is charged */
export function assertClock(now: Date): void {
  if (!isClockRight(now)) {
    throw new Problem('unavailable', {
      detail: 'The clock of this server is wrong. No attempt was used. Try again.',
    });
  }
}

/** Reads users, and opens what is sealed in them. */
@Injectable()
export class UserContext {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** @throws {Problem} `not_found` */
  async find(caller: Caller, accountId: string, userId: string): Promise<UserRow> {
    const row = await this.database.one<UserRow>(selectUser, [caller.tenantId, accountId, userId]);
    if (!row) throw new Problem('not_found', { detail: 'There is no such user.' });
    return row;
  }

  profile(row: Pick<UserRow, 'userRef' | 'profileSealed'>): Profile {
    return openProfile(this.sealer, row);
  }

  sealProfile(userRef: string, profile: Profile): Buffer {
    return this.sealer.seal('profile', userRef, JSON.stringify(profile));
  }

  /** Whom events are about, with the key for what is personal in them. */
  events(caller: Caller, row: Pick<UserRow, 'accountId' | 'userId' | 'userRef' | 'eventKeySealed'>): EventContext {
    const { accountId, userId, userRef } = row;
    const eventKey = this.sealer.open('event-key', userRef, row.eventKeySealed);
    return { ...eventsOf(caller), accountId, userId, userRef, eventKey };
  }
}

export function openProfile(sealer: Sealer, row: Pick<UserRow, 'userRef' | 'profileSealed'>): Profile {
  return profileSchema.parse(JSON.parse(sealer.openText('profile', row.userRef, row.profileSealed)));
}

/**
 * Locale of messages to a user.
 * @param asked language of the request, for a user and an account without one
 */
export function localeOf(row: Pick<UserRow, 'userLocale' | 'accountLocale'>, asked: Language): string {
  return row.userLocale ?? row.accountLocale ?? asked;
}
