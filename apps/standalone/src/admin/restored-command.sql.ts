import { eventOfEach, recordEvents, sql, statement } from '#persistence';

/** What was ended of one tenant. */
export interface Restored {
  readonly tenantId: string;
  /** Challenges that were pending. */
  readonly challenges: number;
  /** Authenticator apps whose codes of now and of the next step count as used. */
  readonly apps: number;
  /** Users whose trusted browsers and proofs of before are good for nothing. */
  readonly users: number;
}

// The step after this one as well: a code of a clock that is ahead may have been used (RFC 6238 §5.2).
const stepsUsed = sql`greatest(d.last_used_step, floor(extract(epoch from now()) / d.totp_period)::bigint + 1)`;

export const endWhatCameBack = statement<Restored, { reason: string; eventIds: readonly string[] }>(
  'end-what-a-backup-brought-back',
  ($) => sql`with ended as (
     update challenge set status = 'canceled', ended_at = now() where status = 'pending' returning tenant_id
   ),
   codes as (
     update code set expires_at = now() where expires_at > now() returning id
   ),
   apps as (
     update device d set last_used_step = ${stepsUsed} where d.method = 'totp' returning d.tenant_id
   ),
   users as (
     update app_user set trust_revoked_at = clock_timestamp() returning tenant_id
   ),
   counted as (
     select t.id,
       (select count(*)::int from ended e where e.tenant_id = t.id) as challenges,
       (select count(*)::int from apps a where a.tenant_id = t.id) as apps,
       (select count(*)::int from users u where u.tenant_id = t.id) as users,
       (select count(*) from codes) as codes
     from tenant t
   ),
   told as (${recordEvents(
     $.eventIds,
     eventOfEach('database.restored', {
       from: 'counted',
       columns: { tenant_id: 'id' },
       data: { reason: sql`${$.reason}::text`, challenges: 'challenges', apps: 'apps', users: 'users' },
     }),
   )})
   select id as "tenantId", challenges, apps, users from counted order by id`,
);
