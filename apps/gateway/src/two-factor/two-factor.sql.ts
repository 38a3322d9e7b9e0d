import type { Method } from '#contracts';
import type { Purpose } from '#auth-core';
import { appendEvents, noOutcomes, sql, statement, userTables } from '#persistence';
import { smsNotices } from '../codes/sms-notice.js';
import { useProof } from '../proofs/proofs.js';
import { someMayAnswer } from '../rows/device-row.js';
import { namedUser, userColumns, type UserRow } from '../rows/user-row.sql.js';
import { revocationPatch } from '../trusted-browsers/remember-browser.js';

/** The row's version tells whether it is still what was read when the statement that acts on it holds its lock. */
export const readUser = statement<ReadRow, { tenantId: string; accountId: string; userId: string }>(
  'two-factor.read',
  ($) => sql`select ${userColumns}, u.xmin::text as version,
     (select coalesce(json_agg(json_build_object('id', d.id, 'method', d.method, 'name', d.name, 'status', d.status,
        'phone', case when d.method = 'sms' and d.verified_at is not null then encode(d.address_sealed, 'base64') end)
        order by d.id), '[]')
      from device d where d.user_id = u.id) as devices,
     (select coalesce(json_agg(json_build_object('id', c.id, 'purpose', c.purpose, 'application', c.application)
        order by c.id), '[]')
      from challenge c where c.user_id = u.id and c.status = 'pending' and c.expires_at > now()) as challenges,
     (select coalesce(json_agg(json_build_object('id', l.id, 'subject', l.subject, 'deviceId', l.device_id)
        order by l.id), '[]')
      from lockout l where l.user_id = u.id and l.ended_at is null and l.locked_until > now()) as lockouts
   from ${userTables}
   where ${namedUser($)}`,
);

export const switchOn = statement<
  { since: Date },
  { userRef: string; events: string; allowed: readonly Method[]; alone: readonly Method[] }
>(
  'two-factor.switch-on',
  (
    $,
  ) => sql`with locked_user as (select id from app_user where id = ${$.userRef} and two_factor_since is null for no key update),
   -- Locked, so that a device whose removal is under way does not count.
   locked_devices as (
     select d.id, d.method, d.status, d.verified_at from locked_user, device d where d.user_id = locked_user.id order by d.id for update of d
   ),
   switched as (
     update app_user a set two_factor_since = clock_timestamp() from locked_user
     where a.id = locked_user.id and ${someMayAnswer('locked_devices', $.allowed, $.alone)}
     returning a.two_factor_since
   ),
   guard as (select ${noOutcomes} from switched), ${appendEvents($.events, 'guard')}
   select two_factor_since as since from switched`,
);

/**
 * Off, by a proof or by an administrator; `removes` says whether all that was enrolled goes too. What has an event of its own
 * for each row goes by the ids that were read before (`challengeIds`, `lockoutIds`): they are in the events already. A row that came meanwhile
 * is as one that comes afterwards: a device begun then is the first one of a user who has none, a challenge opened then
 * runs out. A browser that is becoming trusted just then is told by `trust_revoked_at`, and goes with its device.
 */
export const withdraw = statement<
  { current: boolean; done: boolean },
  {
    userRef: string;
    version: string;
    proofId: string | null;
    grounds: string | null;
    removes: boolean;
    events: string;
    challengeIds: readonly string[];
    lockoutIds: readonly string[];
    notices: string;
  }
>(
  'two-factor.withdraw',
  (
    $,
  ) => sql`with locked_user as (select id from app_user where id = ${$.userRef} and xmin::text = ${$.version} for no key update),
   mine as (select d.id from locked_user, device d where d.user_id = locked_user.id order by d.id for update of d),
   pool as (
     select p.user_id from locked_user, recovery_pool p
     where p.user_id = locked_user.id for update of p
   ),
   pending as (
     select c.id from locked_user, challenge c
     where c.user_id = locked_user.id and c.id = any (${$.challengeIds}::text[]) and c.status = 'pending'
     order by c.id for update of c
   ),
   held as (
     select locked_user.id, (select count(*) from mine) + (select count(*) from pool) + (select count(*) from pending) as n from locked_user
   ),
   ${useProof($.proofId, $.grounds, { purpose: 'disable', user: $.userRef, gate: 'held', reach: 'null::text[]' })},
   go as (select held.id, clock_timestamp() as at from held, proof where held.n >= 0),
   user_row as (
     update app_user a set two_factor_since = null, trust_revoked_at = go.at,
       enrolled_at = case when ${$.removes} then null else a.enrolled_at end
     from go where a.id = go.id
     returning a.id
   ),
   removed as (delete from device d using go where ${$.removes} and d.user_id = go.id returning d.id),
   pool_row as (delete from recovery_pool p using go where ${$.removes} and p.user_id = go.id),
   code_row as (delete from recovery_code r using go where ${$.removes} and r.user_id = go.id),
   browsers as (delete from trusted_browser b using go where b.user_id = go.id returning b.id),
   canceled as (
     update challenge c set status = 'canceled', ended_at = go.at
     from pending, go where c.id = pending.id
     returning c.id
   ),
   unlocked as (
     update lockout l set ended_at = go.at, end_reason = 'removed'
     from go where ${$.removes} and l.id = any (${$.lockoutIds}::text[]) and l.user_id = go.id and l.ended_at is null and l.locked_until > go.at
     returning l.id
   ),
   ${smsNotices($.notices, 'user_row')},
   guard as (
     select array(select id from removed union all select id from canceled union all select id from unlocked
         union all select 'browsers' where exists (select from browsers)) as outcomes, ${revocationPatch()}
     from user_row
   ), ${appendEvents($.events, 'guard')}
   select exists (select from locked_user) as current, exists (select from user_row) as done`,
);

export interface ReadRow extends UserRow {
  readonly version: string;
  readonly devices: readonly {
    readonly id: string;
    readonly method: Method;
    readonly name: string;
    readonly status: 'unverified' | 'verified' | 'disabled';
    /** Sealed number of a phone that was verified, in base 64. */
    readonly phone: string | null;
  }[];
  readonly challenges: readonly {
    readonly id: string;
    readonly purpose: Purpose;
    readonly application: string | null;
  }[];
  readonly lockouts: readonly {
    readonly id: string;
    readonly subject: 'device' | 'recovery_codes';
    readonly deviceId: string | null;
  }[];
}
