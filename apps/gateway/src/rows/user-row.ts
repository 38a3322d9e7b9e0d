import { Injectable } from '@nestjs/common';
import {
  overrideEnds,
  Problem,
  profileSchema,
  resolvePolicy,
  type Policy,
  type PolicyOverride,
  type Profile,
} from '#contracts';
import { Database, Sealer, type EventContext } from '#persistence';
import type { Language } from '#words';
import { isClockRight } from '#process';
import { eventsOf, type Caller } from '../http/caller.js';
import { noSuch } from '../refusals/refusals.js';
import { selectUser, type UserRow } from './user-row.sql.js';

/** The policy, and the locale of whom it is applied to: words for a refusal need both. */
export interface PolicyInForce extends Policy {
  /** The user's, else the account's. */
  readonly locale: string | null;
}

interface Levels {
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly userLocale: string | null;
  readonly accountLocale: string | null;
}

/** What follows from the texts of two levels: of an account whose exemption ends, what is in force before and after. */
interface Resolved {
  /** In ms since 1970; infinite where nothing ends. */
  readonly ends: number;
  readonly until: PolicyInForce;
  readonly from: PolicyInForce;
}

const resolved = new Map<string, Resolved>();
const resolvedLimit = 1000;

/**
 * The policy in force, from the texts of the tenant's and the account's and the database's time. Same texts, locale and side
 * of the end of an exemption, same object.
 */
export function effectivePolicy(row: Levels & { readonly now: Date }): PolicyInForce {
  const { until, from, ends } = resolvedOf(row);
  return row.now.getTime() < ends ? until : from;
}

function resolvedOf(row: Levels): Resolved {
  const locale = row.userLocale ?? row.accountLocale;
  const key = `${row.tenantPolicy}\n${row.accountPolicy}\n${locale ?? ''}`;
  const known = resolved.get(key);
  if (known) return known;
  const [tenant, account] = [row.tenantPolicy, row.accountPolicy].map((text) => JSON.parse(text) as PolicyOverride) as [
    PolicyOverride,
    PolicyOverride,
  ];
  const ends = overrideEnds(tenant, account) ?? Infinity;
  const at = (time: number) => ({ ...resolvePolicy(tenant, account, new Date(time)).effective, locale });
  const until = at(-8.64e15);
  const made = { ends, until, from: ends === Infinity ? until : at(8.64e15) };
  if (resolved.size >= resolvedLimit) resolved.clear();
  resolved.set(key, made);
  return made;
}

/** @throws {Problem} `unavailable` where the process and the database disagree about the time; nothing is charged */
export function assertClock(now: Date): void {
  if (!isClockRight(now)) {
    throw new Problem('unavailable', {
      detail: 'The clock of this server is wrong. No attempt was used. Try again.',
    });
  }
}

/**
 * The policy in force for a check, whose times have to be right.
 * @throws {Problem} `unavailable`
 */
export function policyNow(row: Levels & { readonly now: Date }): PolicyInForce {
  assertClock(row.now);
  return effectivePolicy(row);
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
    const row = await this.database.one(selectUser, { tenantId: caller.tenantId, accountId, userId });
    if (!row) throw noSuch('user');
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
