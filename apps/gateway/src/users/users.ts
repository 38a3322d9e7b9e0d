import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, policySchema, Problem } from '#contracts';
import {
  appendEvents,
  Database,
  event,
  eventsParameter,
  newEventKey,
  noOutcomes,
  Sealer,
  statement,
} from '#persistence';
import { z } from 'zod';
import { adviceAnswer, adviceColumns, adviceFor, type AdviceFacts } from '../advice/advice.js';
import { emailInput, phoneInput, toE164 } from '../codes/addresses.js';
import { deviceAnswer, deviceColumns, viewDevice, zoneExpression } from '../devices/device-view.js';
import { eventsOf, serves, type Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, line, locale, time } from '../http/schemas.js';
import { lastingLockouts, lockoutAnswer, viewLockout, type LockoutAnswer } from '../lockouts/lockouts.js';
import { codesLeft } from '../recovery-codes/codes-left.js';
import type { DeviceRow } from '../rows/device-row.js';
import { effectivePolicy, namedUser, userColumns, UserContext, type Profile, type UserRow } from '../rows/user-row.js';

export const putUserBody = z.strictObject({
  displayName: line(200).nullable().optional(),
  email: emailInput.nullable().optional(),
  phone: phoneInput.nullable().optional(),
  locale: locale.nullable().optional(),
  kind: z.enum(['person', 'service']).optional().meta({ description: '`person` where left out; it never changes' }),
});
export type PutUser = z.infer<typeof putUserBody>;

export const userSummary = z
  .object({
    id: z.string(),
    accountId: z.string(),
    kind: z.enum(['person', 'service']),
    displayName: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable().meta({ description: 'E.164' }),
    locale: z.string().nullable(),
    twoFactor: z.object({ status: z.enum(['enabled', 'disabled']), since: time.nullable() }),
    createdAt: time,
    profileUnreadable: z.literal(true).optional().meta({
      description: 'Name and addresses are damaged, or sealed under a key that is not there; write them anew',
    }),
  })
  .meta({ id: 'UserSummary' });
type UserSummary = z.infer<typeof userSummary>;

export const userAnswer = userSummary
  .extend({
    devices: z.array(deviceAnswer),
    recoveryCodesLeft: z.int(),
    lockouts: z.array(lockoutAnswer).meta({ description: 'Those that still last' }),
    policy: policySchema.meta({ description: 'In force for this user' }),
    advice: adviceAnswer,
  })
  .meta({ id: 'User' });
export type UserAnswer = z.infer<typeof userAnswer>;

const selectForPut = statement(
  'user.put-read',
  `select a.id as "accountRef", u.id as "userRef", u.kind, u.profile_sealed as "profileSealed", now() as "now",
     t.policy::text as "tenantPolicy", a.policy::text as "accountPolicy", a.locale as "accountLocale",
     u.locale as "userLocale"
   from account a join tenant t on t.id = a.tenant_id left join app_user u on u.account_id = a.id and u.external_id = $3
   where a.tenant_id = $1 and a.external_id = $2`,
);

const upsertUser = statement(
  'user.upsert',
  `with user_row as (
     insert into app_user as u
       (id, tenant_id, account_id, external_id, kind, locale, profile_sealed, event_key_sealed)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (account_id, external_id) do update set
       locale = case when $9 then excluded.locale else u.locale end,
       profile_sealed = excluded.profile_sealed,
       updated_at = now()
     -- The profile is sealed for one row: if another call created the user meanwhile, this one starts again.
     where u.id = excluded.id
     returning u.id, (xmax = 0) as created
   ), guard as (
     select array[case when created then 'created' else 'changed' end] as outcomes, '{}'::jsonb as patch from user_row
   ), ${appendEvents('$10', 'guard')}
   select id from user_row`,
);

const eraseUser = statement(
  'user.erase',
  // The order of all others: the user, but not so that a foreign key would wait, then devices, recovery codes,
  // challenges; and only then the user for good.
  `with u as (select id from app_user where id = $1 for no key update),
   held as (select d.id from u join device d on d.user_id = u.id order by d.id for update of d),
   held_pool as (select p.user_id from u join recovery_pool p on p.user_id = u.id for update of p),
   held_challenge as (select c.id from u join challenge c on c.user_id = u.id order by c.id for update of c),
   erased as (
     delete from app_user a
     using (select (select count(*) from held) + (select count(*) from held_pool)
       + (select count(*) from held_challenge) as n) waited
     where a.id = $1 and waited.n >= 0
     returning a.id
   ),
   guard as (select ${noOutcomes} from erased), ${appendEvents('$2', 'guard')}
   select id from erased`,
);

/** One row for each device, or one without. */
const showUser = statement(
  'user.show',
  `select ${userColumns}, ${deviceColumns(zoneExpression)},
     ${codesLeft('u.id')} as "recoveryCodesLeft", ${lastingLockouts('u.id')} as lockouts,
     ${adviceColumns('u.id')}
   from app_user u join account a on a.id = u.account_id join tenant t on t.id = u.tenant_id
   left join device d on d.user_id = u.id
   where ${namedUser} order by d.id`,
);

/** One row without a user where the account has none (left) in the list; no row where there is no such account. */
const listUsers = statement(
  'user.list',
  `select u.id as "userRef", u.external_id as "userId", u.kind, u.locale as "userLocale",
     u.profile_sealed as "profileSealed", u.two_factor_since as "twoFactorSince", u.created_at as "createdAt"
   from account a left join lateral (
     select * from app_user where account_id = a.id and id > $3 order by id limit $4
   ) u on true
   where a.tenant_id = $1 and a.external_id = $2 order by u.id`,
);

type ShowRow = UserRow &
  AdviceFacts &
  Omit<DeviceRow, 'deviceId'> & {
    readonly deviceId: string | null;
    readonly recoveryCodesLeft: number;
    readonly lockouts: LockoutAnswer[];
  };

type ListRow = Pick<
  UserRow,
  'userRef' | 'userId' | 'kind' | 'userLocale' | 'profileSealed' | 'twoFactorSince' | 'createdAt'
>;

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
    const rows = await this.database.query<ShowRow>(showUser, [caller.tenantId, accountId, userId]);
    const [user] = rows;
    if (!user) throw new Problem('not_found', { detail: 'There is no such user.' });
    const all = rows.filter((row): row is ShowRow & DeviceRow => row.deviceId !== null);
    const devices = all.filter((row) => serves(caller, row.applications));
    const hidden = new Set(all.filter((row) => !devices.includes(row)).map(({ deviceId }) => deviceId));
    const inForce = effectivePolicy(user);
    const { locale: _, ...policy } = inForce;
    return {
      ...this.summary(user),
      devices: devices.map((row) => viewDevice(this.sealer, row, policy, row)),
      recoveryCodesLeft: user.recoveryCodesLeft,
      lockouts: user.lockouts.filter(({ deviceId }) => deviceId === null || !hidden.has(deviceId)).map(viewLockout),
      policy,
      advice: adviceFor(user, inForce, caller.language),
    };
  }

  async list(caller: Caller, accountId: string, query: { cursor?: string | undefined; limit: number }) {
    const found = await this.database.query<ListRow | { readonly userRef: null }>(listUsers, [
      caller.tenantId,
      accountId,
      decodeCursor(query.cursor) ?? '',
      query.limit + 1,
    ]);
    if (found.length === 0) throw new Problem('not_found', { detail: 'There is no such account.' });
    const rows = found.filter((row) => row.userRef !== null) as ListRow[];
    const page = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? page.at(-1) : undefined;
    const data = page.map((row) => this.summary({ accountId, ...row }));
    return { data, nextCursor: last ? encodeCursor(last.userRef) : null };
  }

  /** Removes the user and with it the key of all that is personal in its events; the audit chain stays whole. */
  async erase(caller: Caller, accountId: string, userId: string): Promise<void> {
    const row = await this.users.find(caller, accountId, userId);
    const context = { ...this.users.events(caller, row), eventKey: null };
    await this.database.query(eraseUser, [row.userRef, eventsParameter(context, [event('user.erased', {})])]);
  }

  private async write(
    caller: Caller,
    accountId: string,
    userId: string,
    body: PutUser,
    creates: boolean,
  ): Promise<UserAnswer> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
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
    const found = await this.database.one<{
      accountRef: string;
      userRef: string | null;
      kind: string;
      profileSealed: Buffer;
      now: Date;
      tenantPolicy: string;
      accountPolicy: string;
      accountLocale: string | null;
      userLocale: string | null;
    }>(selectForPut, [caller.tenantId, accountId, userId]);
    if (!found) throw new Problem('not_found', { detail: 'There is no such account.' });
    if (found.userRef === null && !creates) throw new Problem('not_found', { detail: 'There is no such user.' });
    const { accountRef } = found;
    if (found.userRef !== null && body.kind !== undefined && body.kind !== found.kind) {
      throw invalidRequest('/kind', `can not change: this user is a ${found.kind}`);
    }
    const old = found.userRef === null ? undefined : this.profileToChange({ ...found, userRef: found.userRef }, body);
    const phone = typeof body.phone === 'string' ? toE164(body.phone, effectivePolicy(found)) : body.phone;
    const told = { ...body, phone };
    const pick = (name: 'displayName' | 'email' | 'phone'): string | null =>
      told[name] === undefined ? (old?.[name] ?? null) : told[name];
    const email = pick('email');
    const emailChanged = Boolean(old?.email) && old?.email !== email;
    const formerEmails = emailsToTell(old, email, found.now);
    const profile: Profile = { displayName: pick('displayName'), email, phone: pick('phone'), formerEmails };
    const userRef = found.userRef ?? newId('user');
    const kind = body.kind ?? 'person';
    const context = { ...eventsOf(caller), accountId, userId, userRef };
    const row = await this.database.one(upsertUser, [
      userRef,
      caller.tenantId,
      accountRef,
      userId,
      kind,
      body.locale ?? null,
      this.users.sealProfile(userRef, profile),
      this.sealer.seal('event-key', userRef, newEventKey()),
      body.locale !== undefined,
      eventsParameter(context, [
        event('user.created', { kind }, { when: 'created' }),
        ...(emailChanged ? [event('user.email_changed', {}, { when: 'changed' })] : []),
      ]),
    ]);
    return row !== undefined;
  }

  private summary(row: ListRow & Pick<UserRow, 'accountId'>): UserSummary {
    const since = row.twoFactorSince?.toISOString() ?? null;
    const profile = this.profileIfReadable(row);
    const { displayName, email, phone } = profile ?? { displayName: null, email: null, phone: null };
    return {
      id: row.userId,
      accountId: row.accountId,
      kind: row.kind,
      displayName,
      email,
      phone,
      locale: row.userLocale,
      twoFactor: { status: since === null ? 'disabled' : 'enabled', since },
      createdAt: row.createdAt.toISOString(),
      ...(profile ? {} : { profileUnreadable: true }),
    };
  }

  /** A profile that does not open is lost, but only a call that brings all of it anew may replace it. */
  private profileToChange(row: Pick<UserRow, 'userRef' | 'profileSealed'>, body: PutUser): Profile | undefined {
    const whole = [body.displayName, body.email, body.phone].every((part) => part !== undefined);
    return whole ? this.profileIfReadable(row) : this.users.profile(row);
  }

  /** One damaged row must not hide the others of a list. */
  private profileIfReadable(row: Pick<UserRow, 'userRef' | 'profileSealed'>): Profile | undefined {
    try {
      return this.users.profile(row);
    } catch {
      return undefined;
    }
  }
}
