import { sql, statement, type Nothing } from './statement.js';
import { appendEvents, noOutcomes } from './events.js';

/** What an API key may do. Every call names the one it needs. */
export const scopes = ['accounts', 'devices', 'challenges', 'audit', 'audit:personal', 'admin'] as const;
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

/** An owner as the database told it, with how long that may be believed, and whether it still is one. */
export interface FoundApiKeyOwner extends ApiKeyOwner {
  /** Milliseconds until the key ends by itself; null where it does not. */
  readonly endsInMs: number | null;
  /** Why it is not in force any more; null where it is. */
  readonly ended: 'revoked' | 'expired' | null;
}

export const insertTenant = statement<Nothing, { id: string; name: string; policy: string }>(
  'create-tenant',
  ($) => sql`insert into tenant (id, name, policy) values (${$.id}, ${$.name}, ${$.policy})`,
);

export const insertApiKey = statement<
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
     (extract(epoch from expires_at - now()) * 1000)::float8 as "endsInMs",
     case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' end as ended
   from api_key where hash = ${hash}`;

export const selectOwner = statement<FoundApiKeyOwner, { hash: Buffer }>(
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

export const selectOwnerOnly = statement<FoundApiKeyOwner, { hash: Buffer }>('authenticate-api-key-unnoted', ($) =>
  readOwner($.hash),
);

export const revoke = statement<
  { id: string },
  { id: string; tenantId: string; events: string; application: string | null }
>(
  'revoke-api-key',
  ($) => sql`with revoked as (
     update api_key set revoked_at = now()
     where id = ${$.id} and tenant_id = ${$.tenantId} and revoked_at is null and (${$.application}::text is null or application = ${$.application})
     returning id
   ), guard as (select id, ${noOutcomes} from revoked), ${appendEvents($.events, 'guard')}
   select id from guard`,
);
