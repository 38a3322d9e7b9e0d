import type { DeliveryState } from '#contracts';
import type { Purpose } from '#auth-core';
import { appendEvents, joinOwnerAndTenant, noOutcomes, sql, statement } from '#persistence';
import { sendCodeParts, sendingColumns, sendingOutcomes, type SendingRow } from '../codes/send-code.sql.js';
import { knowsAny, lockedUntil } from '../places/places.js';
import { hasAuthority } from '../proofs/authority.js';
import { admits, provedMethods, type DeviceRow } from '../rows/device-row.js';
import { userColumns, type UserRow } from '../rows/user-row.sql.js';

export const selectChallenge = statement<ChallengeRow, { challengeId: string; tenantId: string }>(
  'challenge.find',
  (
    $,
  ) => sql`select c.id, c.status as "challengeStatus", c.purpose, c.application, c.checks, c.max_checks as "maxChecks", c.created_at as "createdAt",
     c.expires_at as "challengeExpiresAt", c.ended_at as "endedAt", c.approved_device_id as "approvedBy", now() as now,
     u.locale as "userLocale", a.locale as "accountLocale", a.external_id as "accountId", u.external_id as "userId",
     t.policy::text as "tenantPolicy", a.policy::text as "accountPolicy", ${hasAuthority($.challengeId)} as "inForce",
     (select coalesce(json_agg(json_build_object('id', l.id, 'deviceId', l.device_id, 'channel', l.channel,
        'status', l.status, 'createdAt', l.created_at) order by l.id), '[]')
      from delivery l where l.challenge_id = c.id) as deliveries
   from challenge c ${joinOwnerAndTenant('c.user_id', 'c.tenant_id')}
   where c.id = ${$.challengeId} and c.tenant_id = ${$.tenantId}`,
);

export const cancelChallenge = statement<{ id: string }, { challengeId: string; tenantId: string; events: string }>(
  'challenge.cancel',
  ($) => sql`with canceled as (
     update challenge set status = 'canceled', ended_at = now()
     where id = ${$.challengeId} and tenant_id = ${$.tenantId} and status = 'pending' and expires_at > now()
     returning id
   ), guard as (select ${noOutcomes} from canceled), ${appendEvents($.events, 'guard')}
   select id from canceled`,
);

export const readForSend = statement<SendRead, { challengeId: string; tenantId: string; deviceId: string }>(
  'challenge.send-read',
  ($) => sql`select ${userColumns},
     c.status as "challengeStatus", c.purpose, c.application, c.detail_sealed as "detailSealed", c.expires_at as "challengeExpiresAt",
     d.id as "deviceId", d.method, d.status, d.address_sealed as "addressSealed", d.address_mac as "addressMac",
     d.quota_key as "quotaKey", c.known, d.reused or not c.known and ${knowsAny('c.user_id')} as "othersOnly",
     ${lockedUntil('c.known')} as "lockedUntil", ${provedMethods('c.user_id')},
     -- What went to the number that the device had before is not sent again.
     k.id as "codeId", k.sends, k.last_sent_at as "lastSentAt",
     case when k.last_sent_at > coalesce(d.address_changed_at, '-infinity') then k.expires_at else k.last_sent_at end
       as "codeExpiresAt"
   from challenge c ${joinOwnerAndTenant('c.user_id', 'c.tenant_id')}
   left join device d on d.user_id = c.user_id and d.id = ${$.deviceId} and (c.device_id is null or d.id = c.device_id)
     and ${admits('d', 'c.application')}
   left join code k on k.subject_id = c.id and k.device_id = d.id
   where c.id = ${$.challengeId} and c.tenant_id = ${$.tenantId}`,
);

export const sendForChallenge = statement<SendingRow, { challengeId: string; send: object; events: object }>(
  'challenge.send',
  ($) => sql`with open_challenge as (
     select id from challenge where id = ${$.challengeId} and status = 'pending' and expires_at > now() for no key update
   ), ${sendCodeParts($.send, 'open_challenge', 'verified')},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents($.events, 'guard')}
   select ${sendingColumns} from sending`,
);

export interface ChallengeRow {
  readonly id: string;
  readonly challengeStatus: 'pending' | 'approved' | 'canceled' | 'expired' | 'max_attempts_reached';
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly checks: number;
  readonly maxChecks: number;
  readonly createdAt: Date;
  readonly challengeExpiresAt: Date;
  readonly endedAt: Date | null;
  readonly approvedBy: string | null;
  readonly inForce: boolean;
  readonly now: Date;
  readonly accountId: string;
  readonly userId: string;
  readonly userLocale: string | null;
  readonly accountLocale: string | null;
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly deliveries: {
    readonly id: string;
    readonly deviceId: string;
    readonly channel: 'sms' | 'email';
    readonly status: DeliveryState;
    /** As PostgreSQL writes it in JSON. */
    readonly createdAt: string;
  }[];
}

export interface SendRead extends UserRow {
  readonly challengeStatus: string;
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly detailSealed: Buffer | null;
  readonly challengeExpiresAt: Date;
  readonly deviceId: string | null;
  readonly method: DeviceRow['method'];
  readonly status: DeviceRow['status'];
  readonly addressSealed: Buffer | null;
  readonly addressMac: Buffer | null;
  readonly quotaKey: Buffer | null;
  readonly known: boolean;
  readonly othersOnly: boolean;
  readonly lockedUntil: Date | null;
  readonly provedMethods: DeviceRow['provedMethods'];
  readonly codeId: string | null;
  readonly sends: number;
  readonly lastSentAt: Date;
  readonly codeExpiresAt: Date;
}
