import type { Method } from '#contracts';
import { appendEvents, sql, statement, userTables } from '#persistence';
import { admits, provedMethods } from '../rows/device-row.js';
import { revocationOutcomes, revocationPatch, stillTrusted } from './remember-browser.js';

export const selectBrowsers = statement<BrowserRow, { userRef: string; application: string | null }>(
  'trusted-browser.list',
  (
    $,
  ) => sql`select b.id, b.device_id as "deviceId", b.user_agent_sealed as "userAgentSealed", b.created_at as "createdAt",
     b.expires_at as "expiresAt", bd.method, ${provedMethods('u.id')}
   from ${userTables}
   join trusted_browser b on b.user_id = u.id join device bd on bd.id = b.device_id
   where u.id = ${$.userRef} and (${$.application}::text is null or ${admits('bd', $.application)}) and ${stillTrusted} order by b.id desc limit 1000`,
);

export const revokeOne = statement<
  { id: string },
  { userRef: string; browserId: string; events: string; application: string | null }
>(
  'trusted-browser.revoke',
  ($) => sql`with browsers as (
     delete from trusted_browser b using device bd
     where b.user_id = ${$.userRef} and b.id = ${$.browserId} and bd.id = b.device_id and (${$.application}::text is null or ${admits('bd', $.application)})
     returning b.id
   ),
   guard as (select ${revocationOutcomes} from browsers), ${appendEvents($.events, 'guard')}
   select id from browsers`,
);

/** A login that is under way is not seen here: what it makes trusted is older than `trust_revoked_at`, or came after. */
export const revokeAll = statement<{ id: string }, { userRef: string; events: string }>(
  'trusted-browser.revoke-all',
  (
    $,
  ) => sql`with user_row as (update app_user set trust_revoked_at = clock_timestamp() where id = ${$.userRef} returning id),
   browsers as (delete from trusted_browser b using user_row where b.user_id = user_row.id returning b.id),
   -- Told also where there is none: it counts for a login that is under way.
   guard as (select array['browsers'] as outcomes, ${revocationPatch()} from user_row), ${appendEvents($.events, 'guard')}
   select id from user_row`,
);

interface BrowserRow {
  readonly id: string;
  readonly deviceId: string;
  readonly userAgentSealed: Buffer | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly method: Method;
  readonly provedMethods: readonly Method[];
}
