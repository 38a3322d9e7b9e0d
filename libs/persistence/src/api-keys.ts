import { createHash, randomBytes } from 'node:crypto';
import { newId, type PolicyOverride } from '#contracts';
import { isDiskFull, type Database } from './database.js';
import { sql, statement, type Nothing } from './statement.js';
import { appendEvents, event, eventsParameter, noOutcomes, type Doer } from './events.js';

/** What an API key may do. Every call names the one it needs. */
export const scopes = ['accounts', 'devices', 'challenges', 'audit', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** The panel behind a request. */
export interface ApiKeyOwner {
  readonly apiKeyId: string;
  readonly tenantId: string;
  readonly application: string | null;
  readonly scopes: readonly Scope[];
  /** When it ends by itself. */
  readonly expiresAt: Date | null;
}

/** An owner as the database told it, with how long that may be believed. */
export interface FoundApiKeyOwner extends ApiKeyOwner {
  /** Milliseconds until the key ends by itself; null where it does not. */
  readonly endsInMs: number | null;
}

const insertTenant = statement<Nothing, { id: string; name: string; policy: string }>(
  'create-tenant',
  ($) => sql`insert into tenant (id, name, policy) values (${$.id}, ${$.name}, ${$.policy})`,
);

const insertApiKey = statement<
  { id: string },
  {
    id: string;
    tenantId: string;
    name: string;
    application: string | null;
    scopes: readonly Scope[];
    hash: Buffer;
    events: string;
    description: string | null;
    expiresAt: Date | null;
  }
>(
  'create-api-key',
  ($) => sql`with created as (
     insert into api_key (id, tenant_id, name, application, scopes, hash, description, expires_at)
     select ${$.id}, id, ${$.name}, ${$.application}, ${$.scopes}, ${$.hash}, ${$.description}, ${$.expiresAt} from tenant where id = ${$.tenantId}
     returning id
   ), guard as (select id, ${noOutcomes} from created), ${appendEvents($.events, 'guard')}
   select id from guard`,
);

const inForce = (hash: string) =>
  sql`hash = ${hash} and revoked_at is null and (expires_at is null or expires_at > now())`;

const readOwner = (
  hash: string,
) => sql`select id as "apiKeyId", tenant_id as "tenantId", application, scopes, expires_at as "expiresAt",
     (extract(epoch from expires_at - now()) * 1000)::float8 as "endsInMs"
   from api_key where ${inForce(hash)}`;

const selectOwner = statement<FoundApiKeyOwner, { hash: Buffer }>(
  'authenticate-api-key',
  // A use is written down once a minute, and by one of many who come at once.
  ($) => sql`with used as (
     update api_key set last_used_at = now() where id = (
       select id from api_key where ${inForce($.hash)}
         and (last_used_at is null or last_used_at < now() - interval '1 minute')
       for no key update skip locked)
   )
   ${readOwner($.hash)}`,
);

const selectOwnerOnly = statement<FoundApiKeyOwner, { hash: Buffer }>('authenticate-api-key-unnoted', ($) =>
  readOwner($.hash),
);

const revoke = statement<{ id: string }, { id: string; tenantId: string; events: string; application: string | null }>(
  'revoke-api-key',
  ($) => sql`with revoked as (
     update api_key set revoked_at = now()
     where id = ${$.id} and tenant_id = ${$.tenantId} and revoked_at is null and (${$.application}::text is null or application = ${$.application})
     returning id
   ), guard as (select id, ${noOutcomes} from revoked), ${appendEvents($.events, 'guard')}
   select id from guard`,
);

/** The hash under which a key is found. Plain SHA-256: 256 random bits can't be searched. */
function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** @param tenant its name, and what its policy sets of its own from the start */
export async function createTenant(
  database: Database,
  { name, policy = {} }: { name: string; policy?: PolicyOverride },
): Promise<{ tenantId: string }> {
  const tenantId = newId('tenant');
  await database.query(insertTenant, { id: tenantId, name, policy: JSON.stringify(policy) });
  return { tenantId };
}

export interface NewApiKey {
  readonly tenantId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly application?: string | undefined;
  readonly description?: string | null | undefined;
  readonly expiresAt?: Date | null | undefined;
  readonly requestId?: string;
  readonly by?: Doer | null;
}

/**
 * Makes a key. The key itself is returned this once and never stored.
 * @returns undefined where there is no such tenant
 */
export async function createApiKey(
  database: Database,
  input: NewApiKey,
): Promise<{ id: string; key: string } | undefined> {
  const id = newId('apiKey');
  const key = `sp_${randomBytes(32).toString('base64url')}`;
  const context = { tenantId: input.tenantId, requestId: input.requestId ?? null, by: input.by ?? null };
  const events = eventsParameter(context, [event('api_key.created', { keyId: id, scopes: [...input.scopes] })]);
  const row = await database.one(insertApiKey, {
    id,
    tenantId: input.tenantId,
    name: input.name,
    application: input.application ?? null,
    scopes: input.scopes,
    hash: hashOf(key),
    events,
    description: input.description ?? null,
    expiresAt: input.expiresAt ?? null,
  });
  return row ? { id, key } : undefined;
}

/**
 * @param key.application where it is given, of that application only
 * @returns whether there was such a key in force
 */
export async function revokeApiKey(
  database: Database,
  key: { id: string; tenantId: string; requestId?: string; by?: Doer | null; application?: string | null },
): Promise<boolean> {
  const context = { tenantId: key.tenantId, requestId: key.requestId ?? null, by: key.by ?? null };
  const events = eventsParameter(context, [event('api_key.revoked', { keyId: key.id })]);
  return (
    (await database.one(revoke, {
      id: key.id,
      tenantId: key.tenantId,
      events,
      application: key.application ?? null,
    })) !== undefined
  );
}

/** @returns the owner of a key in force, or undefined */
export async function findApiKeyOwner(database: Database, key: string): Promise<FoundApiKeyOwner | undefined> {
  const values = { hash: hashOf(key) };
  try {
    return await database.one(selectOwner, values);
  } catch (error) {
    // That it was used is a note, which refuses no call that only reads.
    if (!isDiskFull(error)) throw error;
    return database.one(selectOwnerOnly, values);
  }
}
