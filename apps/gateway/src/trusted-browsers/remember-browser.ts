import { createHash, randomBytes } from 'node:crypto';
import { newId, type Method, type Policy } from '#contracts';
import { mayAnswer, type Purpose } from '#auth-core';
import { event, sql, type NewEvent, type Sealer } from '#persistence';
import { allowedMethods, vouches } from '../proofs/authority.js';
import { admits } from '../rows/device-row.js';

/** A browser that becomes trusted if the code is right. */
export interface RememberedBrowser {
  /** For the panel to set as a cookie; only its hash is kept. */
  readonly token: string;
  /** The JSON parameter that `rememberBrowser` reads. */
  readonly parameter: string;
  readonly event: NewEvent;
}

/** The hash under which a browser is found. Plain SHA-256: 256 random bits can't be searched. */
export function trustedBrowserHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Prepares a browser to become trusted, where that is possible: only a login, only where the policy allows it. In any
 * other case the wish is passed over, so that a box that was ticked never stands in the way of the code.
 */
export function prepareBrowser(
  sealer: Sealer,
  policy: Policy,
  challenge: { readonly challengeId: string; readonly purpose: Purpose; readonly userAgentSealed: Buffer | null },
  deviceId: string,
): RememberedBrowser | null {
  if (challenge.purpose !== 'login' || !policy.trustedBrowser.allowed) return null;
  const { challengeId, userAgentSealed } = challenge;
  const trustedBrowserId = newId('trustedBrowser');
  const token = `stb_${randomBytes(32).toString('base64url')}`;
  const userAgent = userAgentSealed && sealer.openText('user-agent', challengeId, userAgentSealed);
  const sealed = userAgent === null ? null : sealer.seal('user-agent', trustedBrowserId, userAgent).toString('base64');
  const parameter = JSON.stringify({
    id: trustedBrowserId,
    hash: trustedBrowserHash(token).toString('base64'),
    user_agent: sealed,
    days: policy.trustedBrowser.days,
  });
  const added = event('trusted_browser.added', { trustedBrowserId, deviceId, challengeId });
  return { token, parameter, event: added };
}

/**
 * The part of an approving statement that makes the browser trusted, for a query `outcome` with the columns `at`,
 * `tenant_id`, `user_id` and `device_id`.
 * @param parameter placeholder of `RememberedBrowser.parameter`
 */
export function rememberBrowser(parameter: string): string {
  return sql`
  browser_row as (
    insert into trusted_browser (id, tenant_id, user_id, device_id, token_hash, user_agent_sealed, created_at, expires_at)
    select b.id, o.tenant_id, o.user_id, o.device_id, decode(b.hash, 'base64'), decode(b.user_agent, 'base64'), o.at,
      o.at + make_interval(days => b.days)
    from outcome o, jsonb_to_record(${parameter}::jsonb) as b(id text, hash text, user_agent text, days int)
  )`;
}

/**
 * Whether a browser `b` is still trusted, in a query over its user `u` with account and tenant, and the device `bd` that
 * approved it. A row that a revocation, or a change of the device's number, could not see yet, because its login was
 * still under way, is older than that.
 */
export const stillTrusted = sql`b.expires_at > now() and ${vouches('bd', 'b.created_at', allowedMethods)}
  and b.created_at > coalesce(u.trust_revoked_at, '-infinity')`;

/** What vouches for a browser. */
export interface TrustedBy {
  readonly method: Method;
  readonly since: Date;
}

/**
 * The browser with this token that user `u` trusts, with the device that vouches for it: a query inside one over `app_user u`
 * with account and tenant. A device that serves some applications only vouches for no browser elsewhere.
 */
export const trustedBrowserOf = (hash: string, application: string) => sql`
  select b.id, bd.id as device_id, bd.method, b.created_at as since
  from trusted_browser b join device bd on bd.id = b.device_id
  where b.token_hash = ${hash} and b.user_id = u.id and ${stillTrusted} and ${admits('bd', application)}`;

/**
 * Whether the policy of this moment goes along with a browser's trust, which it gave at another one: the device that
 * vouches has to be one that may still answer, and no trust is older than the policy has it now.
 * @param proved as for `mayAnswer`
 */
export function stillTrusts(
  policy: Policy,
  { method, since }: TrustedBy,
  proved: readonly Method[],
  now: Date,
): boolean {
  const { allowed, days } = policy.trustedBrowser;
  const over = since.getTime() + days * 86_400_000;
  return allowed && now.getTime() < over && mayAnswer(policy.methods, method, proved);
}

/** Arguments of `jsonb_build_object` for the event of what a query `browsers` deleted. */
export const revokedBrowsers = sql`
  'trusted_browser.revoked', jsonb_build_object('trustedBrowserIds',
    (select coalesce(jsonb_agg(id order by id), '[]'::jsonb) from browsers))`;

/** The guard's column `patch` where a query `browsers` deleted some. */
export const revocationPatch = () => sql`jsonb_build_object(${revokedBrowsers}) as patch`;

/** Guard columns for `appendEvents` where a query `browsers` deleted some, and nothing else depends on an outcome. */
export const revocationOutcomes = sql`
  case when exists (select from browsers) then array['browsers'] else array[]::text[] end as outcomes, ${revocationPatch()}`;
