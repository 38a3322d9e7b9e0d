import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { invalidRequest, Problem } from '#contracts';
import { createApiKey, Database, revokeApiKey, scopes, type Scope } from '#persistence';
import { z } from 'zod';
import { Authentication } from '../http/authentication.js';
import { CallerParam, eventsOf, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { decodeCursor, encodeCursor, id, instant, line, list, listQuery, time } from '../http/schemas.js';

const createBody = z.strictObject({
  name: line(100),
  scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
  application: line(64).optional().meta({ description: 'The application that the key is bound to, in every call' }),
  description: line(500).nullable().optional().meta({ description: 'What it is for' }),
  expiresAt: instant.nullable().optional().meta({
    description: 'When the key expires. Default: never, or when the API key that creates it expires',
  }),
});

const apiKeyAnswer = z
  .object({
    id: id('key'),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    application: z.string().nullable(),
    description: z.string().nullable(),
    createdAt: time,
    expiresAt: time.nullable().meta({ description: 'When it expires' }),
    lastUsedAt: time.nullable().meta({ description: 'When it was last used, to the minute' }),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' });

const createdAnswer = z
  .object({
    id: id('key'),
    key: z.string().meta({ description: 'Shown only once' }),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    application: z.string().nullable(),
    description: z.string().nullable(),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'NewApiKey' });

const query = z.strictObject(listQuery);

@ApiTags('API keys')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(
    private readonly database: Database,
    private readonly authentication: Authentication,
  ) {}

  @Post()
  @Operation({ summary: 'Create an API key', scope: 'admin', status: 201, answer: createdAnswer, secret: true })
  async create(@CallerParam() caller: Caller, @Body({ schema: createBody }) body: z.infer<typeof createBody>) {
    const unique = [...new Set(body.scopes)];
    assertWithin(caller, unique, body.application);
    const { name, application = null, description = null } = body;
    const expiresAt = endOf(caller, body.expiresAt ?? null);
    const key = { ...eventsOf(caller), ...body, scopes: unique, expiresAt };
    const created = await createApiKey(this.database, key);
    if (!created) throw new Problem('not_found');
    return { ...created, name, scopes: unique, application, description, expiresAt: expiresAt?.toISOString() ?? null };
  }

  @Get()
  @Operation({ summary: 'List API keys', scope: 'admin', status: 200, answer: list(apiKeyAnswer) })
  async list(@CallerParam() caller: Caller, @Query({ schema: query }) page: z.infer<typeof query>) {
    const after = decodeCursor(page.cursor);
    const { em, tables } = await this.database.orm();
    const rows = await em().find(
      tables.ApiKey,
      { tenant: caller.tenantId, ...ofCaller(caller), ...(after === undefined ? {} : { id: { $gt: after } }) },
      { orderBy: { id: 'asc' }, limit: page.limit + 1 },
    );
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    const iso = (at: Date | string | null) => at && new Date(at).toISOString();
    const data = shown.map((row) => ({
      id: row.id,
      name: row.name,
      scopes: row.scopes,
      application: row.application,
      description: row.description,
      createdAt: iso(row.createdAt),
      expiresAt: iso(row.expiresAt),
      lastUsedAt: iso(row.lastUsedAt),
      revokedAt: iso(row.revokedAt),
    }));
    return { data, nextCursor: last ? encodeCursor(last.id) : null };
  }

  @Delete(':apiKeyId')
  @Operation({ summary: 'Revoke an API key', scope: 'admin', status: 204 })
  async revoke(
    @CallerParam() caller: Caller,
    @Param('apiKeyId', { schema: id('key') }) apiKeyId: string,
  ): Promise<void> {
    const { application } = caller;
    const done = await revokeApiKey(this.database, { id: apiKeyId, ...eventsOf(caller), application });
    if (!done) throw new Problem('not_found', { detail: 'There is no such active API key.' });
    this.authentication.forget(apiKeyId);
  }
}

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
