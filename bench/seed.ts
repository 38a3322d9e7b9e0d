import { randomBytes, type KeyObject } from 'node:crypto';
import type pg from 'pg';
import { newId } from '#contracts';
import { newRecoveryCodes, recoveryCodeMac, systemRandom, type RelyingParty } from '#auth-core';
import { createApiKey, createTenant, Database, Finder, newEventKey, Sealer } from '#persistence';
import { loadKeys } from '#runtime';

/** A person with one verified device; the ids of account and user are the panel's own. */
export interface SeededUser {
  readonly userRef: string;
  readonly accountId: string;
  readonly userId: string;
  readonly deviceId: string;
  /** Seed of the authenticator app. */
  readonly secret: Buffer;
  /** E.164. */
  readonly phone: string;
  readonly recoveryCode: string;
}

/** What is filled. */
export interface Place {
  readonly sql: pg.Client;
  readonly databaseUrl: string;
  readonly keyFile: string;
}

/** Where passkeys are used. */
export const benchOrigin = 'https://panel.example';
export const benchParty: RelyingParty = {
  id: 'panel.example',
  name: 'Bench',
  origins: [benchOrigin],
  userVerification: 'preferred',
};

export interface Seeded {
  readonly tenantId: string;
  readonly apiKey: string;
  readonly sealer: Sealer;
  readonly pepper: KeyObject;
  /** With an authenticator app. */
  readonly totp: readonly SeededUser[];
  /** With a phone for SMS. */
  readonly sms: readonly SeededUser[];
  /** Without two-factor authentication. */
  readonly plain: readonly SeededUser[];
  /** The same, to be given passkeys. */
  readonly keyed: readonly SeededUser[];
  /** The same, to be given apps. */
  readonly fresh: readonly SeededUser[];
}

const usersPerAccount = 10;
const plainUsers = 1000;
const keyedUsers = 500;
const freshUsers = 10_000;
const batch = 5000;

interface Kind {
  readonly name: 'totp' | 'sms' | 'plain' | 'keyed' | 'fresh';
  readonly count: number;
}

/** Fills the tables as enrolments would have, but in bulk: what the gateway opens is sealed as it seals it. */
export async function seed(place: Place, usersOfEachKind: number): Promise<Seeded> {
  const keys = loadKeys(['sealing', 'pepper'], { SALLYPORT_KEYS: place.keyFile });
  const sealer = new Sealer(keys.sealing);
  const finder = new Finder(keys.pepper.lookups);
  const database = Database.open({ url: place.databaseUrl, poolSize: 1, onError: () => undefined });
  // Nobody here waits between two codes, or spends too much.
  const { id: rpId, name: rpName, origins } = benchParty;
  const policy = {
    code: { resendAfterSeconds: 0 },
    sending: { perDevicePerHour: 100, spendPerDay: null },
    webauthn: { rpId, rpName, origins: [...origins] },
  };
  const { tenantId } = await createTenant(database, { name: 'Bench', policy });
  const created = await createApiKey(database, { tenantId, name: 'bench', scopes: ['challenges', 'devices', 'audit'] });
  await database.close();
  if (!created) throw new Error('The tenant was not made.');

  const fill = async ({ name, count }: Kind): Promise<SeededUser[]> => {
    const users: SeededUser[] = [];
    for (let first = 0; first < count; first += batch) {
      const size = Math.min(batch, count - first);
      users.push(
        ...(await insertUsers(place.sql, { tenantId, sealer, finder, pepper: keys.pepper.lookups, name, first, size })),
      );
    }
    return users;
  };
  const totp = await fill({ name: 'totp', count: usersOfEachKind });
  const sms = await fill({ name: 'sms', count: usersOfEachKind });
  const plain = await fill({ name: 'plain', count: plainUsers });
  const keyed = await fill({ name: 'keyed', count: keyedUsers });
  const fresh = await fill({ name: 'fresh', count: freshUsers });
  await place.sql.query('vacuum (analyze)');
  return { tenantId, apiKey: created.key, sealer, pepper: keys.pepper.lookups, totp, sms, plain, keyed, fresh };
}

async function insertUsers(
  sql: pg.Client,
  parts: {
    readonly tenantId: string;
    readonly sealer: Sealer;
    readonly finder: Finder;
    readonly pepper: KeyObject;
    readonly name: Kind['name'];
    readonly first: number;
    readonly size: number;
  },
): Promise<SeededUser[]> {
  const { tenantId, sealer, finder, pepper, name, first, size } = parts;
  const guarded = name === 'totp' || name === 'sms';
  const accounts = Array.from({ length: Math.ceil(size / usersPerAccount) }, (_, index) => ({
    id: newId('account'),
    externalId: `${name}-${first + index * usersPerAccount}`,
  }));
  const users = Array.from({ length: size }, (_, index): SeededUser & { accountRef: string } => {
    const account = accounts[Math.floor(index / usersPerAccount)];
    return {
      userRef: newId('user'),
      accountRef: account?.id ?? '',
      accountId: account?.externalId ?? '',
      userId: `${name}-user-${first + index}`,
      deviceId: newId('device'),
      secret: randomBytes(20),
      phone: `+316${10_000_000 + first + index}`,
      recoveryCode: newRecoveryCodes(1, systemRandom)[0] ?? '',
    };
  });
  await sql.query(
    `insert into account (id, tenant_id, external_id) select id, $1, external from unnest($2::text[], $3::text[]) as a(id, external)`,
    [tenantId, accounts.map(({ id }) => id), accounts.map(({ externalId }) => externalId)],
  );
  const profile = (user: SeededUser) => JSON.stringify({ displayName: 'Bench', email: null, phone: user.phone });
  await sql.query(
    `insert into app_user
       (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed, two_factor_since, enrolled_at)
     select id, $1, account, external, 'person', profile, key, $7::timestamptz, $7::timestamptz
     from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]) as u(id, account, external, profile, key)`,
    [
      tenantId,
      users.map(({ userRef }) => userRef),
      users.map(({ accountRef }) => accountRef),
      users.map(({ userId }) => userId),
      users.map((user) => sealer.seal('profile', user.userRef, profile(user))),
      users.map(({ userRef }) => sealer.seal('event-key', userRef, newEventKey())),
      guarded ? new Date() : null,
    ],
  );
  if (!guarded) return users;

  const bound = ({ deviceId }: SeededUser) => `${tenantId}:${deviceId}`;
  const sms = name === 'sms';
  await sql.query(
    `insert into device
       (id, tenant_id, user_id, method, name, status, is_default, secret_sealed, totp_algorithm, totp_digits, totp_period,
        address_sealed, address_mac, quota_key, verified_at, enrolment_expires_at)
     select id, $1, owner, $2, 'Phone', 'verified', true, seed,
       case when $2 = 'totp' then 'sha1' end, case when $2 = 'totp' then 6 end, case when $2 = 'totp' then 30 end,
       address, mac, quota, now(), now()
     from unnest($3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[])
       as d(id, owner, seed, address, mac, quota)`,
    [
      tenantId,
      name,
      users.map(({ deviceId }) => deviceId),
      users.map(({ userRef }) => userRef),
      users.map((user) => (sms ? null : sealer.seal('seed', bound(user), user.secret))),
      users.map((user) => (sms ? sealer.seal('address', bound(user), user.phone) : null)),
      users.map((user) => (sms ? finder.mac('address', tenantId, 'sms', user.phone) : null)),
      users.map((user) => (sms ? finder.mac('send-quota', user.userRef, 'sms', user.phone) : null)),
    ],
  );
  // Nobody enters nine of them: rows as wide and as many as those of a user who saved ten codes.
  await sql.query(
    `with pool as (
       insert into recovery_pool (user_id, set_id, codes_left, acknowledged_at) select id, $2, 10, now() from unnest($1::text[]) as u(id)
       returning user_id, set_id
     )
     insert into recovery_code (user_id, mac, set_id)
     select user_id, sha256(convert_to(user_id || n, 'UTF8')), set_id from pool, generate_series(1, 9) as n
     union all select user_id, mac, set_id from pool join unnest($1::text[], $3::bytea[]) as right_one(owner, mac) on owner = user_id`,
    [
      users.map(({ userRef }) => userRef),
      newId('recoverySet'),
      users.map(({ userRef, recoveryCode }) => recoveryCodeMac(pepper, userRef, recoveryCode)),
    ],
  );
  return users;
}
