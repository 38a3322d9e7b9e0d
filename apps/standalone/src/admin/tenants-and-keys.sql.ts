import { Scope, sql, statement } from '#persistence';

export const listTenants = statement<{ id: string; name: string; createdAt: Date }>(
  'list-tenants',
  sql`select id, name, created_at as "createdAt" from tenant order by id`,
);

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly application: string | null;
  readonly scopes: readonly Scope[];
  readonly description: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export const listKeys = statement<KeyRow, { tenantId: string }>(
  'list-tenant-api-keys',
  ($) => sql`select id, name, application, scopes, description, created_at as "createdAt",
     expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"
   from api_key where tenant_id = ${$.tenantId} order by id`,
);

export const findTenant = statement<{ id: string }, { id: string }>(
  'find-tenant',
  ($) => sql`select id from tenant where id = ${$.id}`,
);

export const findKeyTenant = statement<{ tenantId: string }, { id: string }>(
  'find-api-key-tenant',
  ($) => sql`select tenant_id as "tenantId" from api_key where id = ${$.id}`,
);
