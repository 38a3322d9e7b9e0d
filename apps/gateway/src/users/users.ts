import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, policySchema, Problem, type Profile } from '#contracts';
import { Database, event, eventsParameter, newEventKey, Sealer } from '#persistence';
import { z } from 'zod';
import { adviceAnswer, adviceFor } from '../advice/advice.js';
import { emailInput, phoneInput, toE164 } from '../codes/addresses.js';
import { viewDevice } from '../devices/device-view.js';
import { deviceAnswer } from '../devices/device.schema.js';
import { eventsOf, serves, type Caller } from '../http/caller.js';
import { line, locale } from '../http/schemas.js';
import { lockoutAnswer, viewLockout } from '../lockouts/lockouts.js';
import { noSuch } from '../refusals/refusals.js';
import type { DeviceRow } from '../rows/device-row.js';
import { effectivePolicy, UserContext } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { isSame, userChanged, userCreated } from './user-events.js';
import { profileIfReadable, summaryOf, userSummary } from './user-summary.js';
import { eraseUser, selectForPut, showUser, upsertUser, type ShowRow } from './users.sql.js';

export const putUserBody = z.strictObject({
  displayName: line(200).nullable().optional(),
  email: emailInput.nullable().optional(),
  phone: phoneInput.nullable().optional(),
  locale: locale.nullable().optional(),
  kind: z.enum(['person', 'service']).optional().meta({ description: 'Default: `person`. It cannot be changed later' }),
});
export type PutUser = z.infer<typeof putUserBody>;

export const userAnswer = userSummary
  .extend({
    devices: z.array(deviceAnswer),
    recoveryCodesLeft: z.int(),
    lockouts: z.array(lockoutAnswer).meta({ description: 'Lockouts that have not ended' }),
    policy: policySchema.meta({ description: 'The policy in force for this user' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'User' });
export type UserAnswer = z.infer<typeof userAnswer>;

/** How long notices go to an address that the user had before, too, and to how many of them. */
const formerEmailMs = 72 * 3_600_000;
const formerEmailsKept = 5;

/**
 * The addresses to tell besides `email`. The oldest ones stay: by changing it again and again nobody gets rid of the
 * address that is the owner's.
 */
function emailsToTell(old: Profile | undefined, email: string | null, now: Date): Profile['formerEmails'] {
  const until = new Date(now.getTime() + formerEmailMs).toISOString();
  const all = [...(old?.formerEmails ?? []), ...(old?.email ? [{ address: old.email, until }] : [])];
  return all
    .filter((one, index) => all.findIndex(({ address }) => address === one.address) === index)
    .filter((one) => one.address !== email && now < new Date(one.until))
    .slice(0, formerEmailsKept);
}

/** How often a call begins again because the user changed under it: as many may change one user at once. */
const attempts = 20;

/** Login identities of an account. What an upsert leaves out stays as it is; null clears it. */
@Injectable()
export class Users {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
  ) {}

  put(caller: Caller, accountId: string, userId: string, body: PutUser): Promise<UserAnswer> {
    return this.write(caller, accountId, userId, body, true);
  }

  /** @throws {Problem} `not_found` where `put` would make the user */
  patch(caller: Caller, accountId: string, userId: string, body: PutUser): Promise<UserAnswer> {
    return this.write(caller, accountId, userId, body, false);
  }

  async get(caller: Caller, accountId: string, userId: string): Promise<UserAnswer> {
    const rows = await this.database.query(showUser, { tenantId: caller.tenantId, accountId, userId });
    const [user] = rows;
    if (!user) throw noSuch('user');
    const all = rows.filter((row): row is ShowRow & DeviceRow => row.deviceId !== null);
    const devices = all.filter((row) => serves(caller, row.applications));
    const hidden = new Set(all.filter((row) => !devices.includes(row)).map(({ deviceId }) => deviceId));
    const inForce = effectivePolicy(user);
    const { locale: _, ...policy } = inForce;
    return {
      ...summaryOf(this.users, user),
      devices: devices.map((row) => viewDevice(this.sealer, row, policy, row)),
      recoveryCodesLeft: user.recoveryCodesLeft,
      lockouts: user.lockouts.filter(({ deviceId }) => deviceId === null || !hidden.has(deviceId)).map(viewLockout),
      policy,
      advice: adviceFor(user, inForce, caller.language),
    };
  }

  /** Removes the user and with it the key of all that is personal in its events; the audit log stays whole. */
  async erase(caller: Caller, accountId: string, userId: string): Promise<void> {
    const row = await this.users.find(caller, accountId, userId);
    const context = { ...this.users.events(caller, row), eventKey: null };
    await this.database.query(eraseUser, {
      userRef: row.userRef,
      events: eventsParameter(context, [event('user.erased', {})]),
    });
  }

  private async write(
    caller: Caller,
    accountId: string,
    userId: string,
    body: PutUser,
    creates: boolean,
  ): Promise<UserAnswer> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const done = await this.upsert(caller, accountId, userId, body, creates);
      if (done) return this.get(caller, accountId, userId);
    }
    throw new Problem('unavailable');
  }

  private async upsert(
    caller: Caller,
    accountId: string,
    userId: string,
    body: PutUser,
    creates: boolean,
  ): Promise<boolean> {
    const found = await this.database.one(selectForPut, { tenantId: caller.tenantId, accountId, userId });
    if (!found) throw noSuch('account');
    if (found.userRef === null && !creates) throw noSuch('user');
    const { accountRef } = found;
    if (found.userRef !== null && body.kind !== undefined && body.kind !== found.kind) {
      throw invalidRequest('/kind', `cannot change: this user is a ${found.kind}`);
    }
    const old = found.userRef === null ? undefined : this.profileToChange({ ...found, userRef: found.userRef }, body);
    const phone = typeof body.phone === 'string' ? toE164(body.phone, effectivePolicy(found)) : body.phone;
    const given = { ...body, phone };
    const pick = (name: 'displayName' | 'email' | 'phone'): string | null =>
      given[name] === undefined ? (old?.[name] ?? null) : given[name];
    const email = pick('email');
    const formerEmails = emailsToTell(old, email, found.now);
    const profile: Profile = { displayName: pick('displayName'), email, phone: pick('phone'), formerEmails };
    const locale = body.locale === undefined ? found.userLocale : body.locale;
    const userRef = found.userRef ?? newId('user');
    const eventKey =
      found.userRef === null ? newEventKey() : this.sealer.open('event-key', userRef, found.eventKeySealed);
    const context = { ...eventsOf(caller), accountId, userId, userRef, eventKey };
    const kind = body.kind ?? 'person';
    const events =
      found.userRef === null
        ? [userCreated(kind, profile)]
        : userChanged({ profile: old, locale: found.userLocale }, { profile, locale });
    const row = await this.database.one(upsertUser, {
      id: userRef,
      tenantId: caller.tenantId,
      accountRef,
      userId,
      kind,
      locale,
      // As it is, where nothing in it changes: sealed anew it would be another row to whoever changes it just then.
      profileSealed: isSame(old, profile) ? found.profileSealed : this.users.sealProfile(userRef, profile),
      eventKeySealed: this.sealer.seal('event-key', userRef, eventKey),
      seenProfile: found.profileSealed,
      seenLocale: found.userLocale,
      events: eventsParameter(context, events),
    });
    return row !== undefined;
  }

  /** A profile that does not open is lost, but only a call that brings all of it anew may replace it. */
  private profileToChange(row: Pick<UserRow, 'userRef' | 'profileSealed'>, body: PutUser): Profile | undefined {
    const whole = [body.displayName, body.email, body.phone].every((part) => part !== undefined);
    return whole ? profileIfReadable(this.users, row) : this.users.profile(row);
  }
}
