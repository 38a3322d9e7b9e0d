import { appendEvents, statement } from '#persistence';
import { admits, provedMethods } from '../rows/device-row.js';
import { revocationOutcomes, stillTrusted } from './remember-browser.js';

export const selectBrowsers = statement(
  'trusted-browser.list',
  `select b.id, b.device_id as "deviceId", b.user_agent_sealed as "userAgentSealed", b.created_at as "createdAt",
     b.expires_at as "expiresAt", bd.method, ${provedMethods('u.id')}
   from app_user u join account a on a.id = u.account_id join tenant t on t.id = u.tenant_id
   join trusted_browser b on b.user_id = u.id join device bd on bd.id = b.device_id
   where u.id = $1 and ($2::text is null or ${admits('bd', '$2')}) and ${stillTrusted} order by b.id desc limit 1000`,
);

export const revokeOne = statement(
  'trusted-browser.revoke',
  `with browsers as (
     delete from trusted_browser b using device bd
     where b.user_id = $1 and b.id = $2 and bd.id = b.device_id and ($4::text is null or ${admits('bd', '$4')})
     returning b.id
   ),
   guard as (select ${revocationOutcomes} from browsers), ${appendEvents('$3', 'guard')}
   select id from browsers`,
);

/** A login that is under way is not seen here: what it makes trusted is older than `trust_revoked_at`, or came after. */
export const revokeAll = statement(
  'trusted-browser.revoke-all',
  `with u as (update app_user set trust_revoked_at = clock_timestamp() where id = $1 returning id),
   browsers as (delete from trusted_browser b using u where b.user_id = u.id returning b.id),
   guard as (select ${revocationOutcomes} from u), ${appendEvents('$2', 'guard')}
   select id from u`,
);
