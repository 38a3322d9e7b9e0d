import { Injectable } from '@nestjs/common';
import { invalidRequest, Problem } from '#contracts';
import { createApiKey, Database, revokeApiKey, type Scope } from '#persistence';
import { Authentication } from '../http/authentication.js';
import { eventsOf, type Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor } from '../http/schemas.js';
import type { ApiKeyAnswer, CreateApiKeyBody, CreatedAnswer, ListApiKeysQuery } from './api-keys.schema.js';

/** API keys of the tenant. No key reaches further by them than it does itself. */
@Injectable()
export class ApiKeys {
  constructor(
    private readonly database: Database,
    private readonly authentication: Authentication,
  ) {}

  /** @throws {Problem} `insufficient_scope`, `invalid_request` */
  async create(caller: Caller, body: CreateApiKeyBody): Promise<CreatedAnswer> {
    const unique = [...new Set(body.scopes)];
    assertWithin(caller, unique, body.application);
    const { name, application = null, description = null } = body;
    const expiresAt = endOf(caller, body.expiresAt ?? null);
    const key = { ...eventsOf(caller), ...body, scopes: unique, expiresAt };
    const created = await createApiKey(this.database, key);
    if (!created) throw new Problem('not_found');
    return { ...created, name, scopes: unique, application, description, expiresAt: expiresAt?.toISOString() ?? null };
  }

  /** In the order of their ids. */
  async list(caller: Caller, page: ListApiKeysQuery): Promise<{ data: ApiKeyAnswer[]; nextCursor: string | null }> {
    const after = decodeCursor(page.cursor);
    const { em, tables } = await this.database.orm();
    const rows = await em().find(
      tables.ApiKey,
      { tenant: caller.tenantId, ...ofCaller(caller), ...(after === undefined ? {} : { id: { $gt: after } }) },
      { orderBy: { id: 'asc' }, limit: page.limit + 1 },
    );
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    const data = shown.map(({ id, name, scopes, application, description, ...row }) => ({
      id,
      name,
      scopes: scopes as Scope[],
      application,
      description,
      createdAt: iso(row.createdAt),
      expiresAt: row.expiresAt && iso(row.expiresAt),
      lastUsedAt: row.lastUsedAt && iso(row.lastUsedAt),
      revokedAt: row.revokedAt && iso(row.revokedAt),
    }));
    return { data, nextCursor: last ? encodeCursor(last.id) : null };
  }

  /** @throws {Problem} `not_found` */
  async revoke(caller: Caller, apiKeyId: string): Promise<void> {
    const { application } = caller;
    const done = await revokeApiKey(this.database, { id: apiKeyId, ...eventsOf(caller), application });
    if (!done) throw new Problem('not_found', { detail: 'There is no such active API key.' });
    this.authentication.forget(apiKeyId);
  }
}

const iso = (at: Date | string) => new Date(at).toISOString();

/** A key that names its application sees and revokes keys of that application. */
const ofCaller = ({ application }: Caller) => (application === null ? {} : { application });

/**
 * A key makes none that may do more than itself.
 * @throws {Problem} `insufficient_scope`, `invalid_request`
 */
function assertWithin(caller: Caller, granted: readonly Scope[], application: string | undefined): void {
  const beyond = granted.filter((scope) => !caller.scopes.includes(scope));
  if (beyond.length > 0) {
    throw new Problem('insufficient_scope', {
      detail: `This API key cannot grant scopes that it does not have: ${beyond.map((scope) => `"${scope}"`).join(', ')}.`,
    });
  }
  if (caller.application !== null && application !== caller.application) {
    throw invalidRequest(
      '/application',
      `must be "${caller.application}": this API key can only create keys for its own application`,
    );
  }
}

/**
 * When a new key ends: no later than the one that makes it.
 * @throws {Problem} `invalid_request`
 */
function endOf(caller: Caller, asked: string | null): Date | null {
  const end = asked === null ? caller.expiresAt : new Date(asked);
  if (end !== null && end.getTime() <= Date.now()) throw invalidRequest('/expiresAt', 'must be in the future');
  if (end !== null && caller.expiresAt !== null && end > caller.expiresAt) {
    throw invalidRequest('/expiresAt', 'must not be later than the expiry of the API key that creates it');
  }
  return end;
}
