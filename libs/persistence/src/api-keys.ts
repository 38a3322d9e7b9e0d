import { createHash, randomBytes } from 'node:crypto';
import { newId, type PolicyOverride } from '#contracts';
import type { Database } from './database.js';
import { isDiskFull } from './faults.js';
import { event, eventsParameter, type Doer } from './events.js';
import {
  insertTenant,
  insertApiKey,
  selectOwner,
  selectOwnerOnly,
  revoke,
  type Scope,
  type FoundApiKeyOwner,
} from './api-keys.sql.js';

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
  const found = await findApiKey(database, key);
  return found?.ended === null ? found : undefined;
}

/** @returns whose a key is or was; undefined where there never was such a key */
export async function findApiKey(database: Database, key: string): Promise<FoundApiKeyOwner | undefined> {
  const values = { hash: hashOf(key) };
  try {
    return await database.one(selectOwner, values);
  } catch (error) {
    // That it was used is a note, which refuses no call that only reads.
    if (!isDiskFull(error)) throw error;
    return database.one(selectOwnerOnly, values);
  }
}
