import type { Method } from '#contracts';
import { appendEvents, noOutcomes, sql, statement } from '#persistence';
import { sendCodeParts, sendingColumns, sendingOutcomes, type SendingRow } from '../codes/send-code.sql.js';
import { smsNotices } from '../codes/sms-notice.js';
import { useProof } from '../proofs/proofs.js';
import {
  fits,
  lockOwner,
  prepared,
  provedOutcomes,
  provedPatch,
  replacesDefault,
  settleProved,
  unprotected,
} from './proved-device.js';

/** Devices without messages that one user may begin in an hour; those with are bounded by what is sent. */
const enrolmentsPerHour = 200;

const newDevice = (device: string) => sql`
  new_device as (
    select * from jsonb_to_record(${device}::jsonb) as d(
      id text, tenant_id text, user_id text, method text, name text, secret text, algorithm text, digits int, period int,
      address text, address_mac text, quota_key text, seconds int, applications text[], replaces_device_id text,
      approval_id text)
  )`;

/** @param gate query without whose row the proof is left unused */
const useAddProof = (by: { proofId: string; grounds: string }, gate: string) =>
  useProof(by.proofId, by.grounds, {
    purpose: 'add_device',
    user: '(select user_id from new_device)',
    gate,
    reach: '(select applications from new_device)',
  });

const insertDevice = (guard: string) => sql`
  device_row as (
    insert into device
      (id, tenant_id, user_id, method, name, status, secret_sealed, totp_algorithm, totp_digits, totp_period,
       address_sealed, address_mac, quota_key, enrolment_expires_at, applications, replaces_device_id, approval_id)
    select new_device.id, new_device.tenant_id, new_device.user_id, new_device.method, new_device.name, 'unverified', decode(new_device.secret, 'base64'), new_device.algorithm,
      new_device.digits, new_device.period, decode(new_device.address, 'base64'), decode(new_device.address_mac, 'base64'), decode(new_device.quota_key, 'base64'),
      now() + make_interval(secs => new_device.seconds), new_device.applications, new_device.replaces_device_id, new_device.approval_id
    from new_device, ${guard}
    returning *
  )`;

/**
 * Where the user's first device shows the recovery codes that are to be saved before it counts (`macs` is not empty):
 * only while there is no verified one, whose codes these would replace.
 */
const stillFirst = (macs: string) => sql`
  owner as (
    select u.id from new_device, app_user u
    where cardinality(${macs}::bytea[]) > 0 and u.id = new_device.user_id and u.enrolled_at is null for no key update of u
  ),
  still_first as (select 1 where cardinality(${macs}::bytea[]) = 0 or exists (select from owner))`;

/** Shown codes are bound to the enrolment that showed them. */
const showCodes = (macs: string, set: string) => sql`
  pool_row as (
    insert into recovery_pool (user_id, set_id, codes_left, enrolment_device_id)
    select user_id, ${set}, cardinality(${macs}::bytea[]), id from device_row where cardinality(${macs}::bytea[]) > 0
    on conflict (user_id) do update set
      set_id = excluded.set_id, codes_left = excluded.codes_left, generated_at = clock_timestamp(), acknowledged_at = null,
      enrolment_device_id = excluded.enrolment_device_id, wrong_codes = 0
  ),
  recovery_row as (
    insert into recovery_code (user_id, mac, set_id) select user_id, unnest(${macs}::bytea[]), ${set} from device_row
  )`;

export const enrollWithoutSending = statement<
  { readonly allowed: boolean } & (Enrolled | { readonly createdAt: null }),
  {
    device: string;
    proofId: string | null;
    grounds: string | null;
    events: string;
    codeMacs: readonly Buffer[];
    setId: string | null;
    hourKey: Buffer;
  }
>(
  'device.enroll',
  ($) => sql`with ${newDevice($.device)}, ${stillFirst($.codeMacs)}, ${useAddProof($, 'still_first')},
   begun as (
     insert into send_window as q (key, starts_at, sent)
     select ${$.hourKey}, date_trunc('hour', now()), 1 from proof, still_first
     on conflict (key, starts_at) do update set sent = q.sent + 1 where q.sent < ${enrolmentsPerHour}
     returning 1
   ),
   ${insertDevice('begun')}, ${showCodes($.codeMacs, $.setId)},
   guard as (select ${noOutcomes} from device_row), ${appendEvents($.events, 'guard')}
   select r.created_at as "createdAt", r.enrolment_expires_at as "enrolmentExpiresAt",
     exists (select from proof, still_first) as allowed
   from (select 1) one left join device_row r on true`,
);

export const enrollByMessage = statement<
  SendingRow & Enrolled,
  {
    device: string;
    proofId: string | null;
    grounds: string | null;
    events: object;
    send: object;
    codeMacs: readonly Buffer[];
    setId: string | null;
  }
>(
  'device.enroll-by-message',
  ($) => sql`with ${newDevice($.device)}, ${stillFirst($.codeMacs)}, ${useAddProof($, 'still_first')},
   ${sendCodeParts($.send, 'proof, still_first', 'unverified')},
   accepted as (select 1 from sending where sent), ${insertDevice('accepted')}, ${showCodes($.codeMacs, $.setId)},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents($.events, 'guard')}
   select ${sendingColumns}, device_row.created_at as "createdAt", device_row.enrolment_expires_at as "enrolmentExpiresAt"
   from sending left join device_row on true`,
);

/** A number that a verified device of the same account has; never across accounts or tenants. */
export const enrollProven = statement<
  Proven,
  {
    device: string;
    proofId: string | null;
    grounds: string | null;
    events: string;
    userRef: string;
    rivals: readonly Method[];
    alone: readonly Method[];
    codeMacs: readonly Buffer[];
    setId: string | null;
    accountRef: string;
    notices: string;
  }
>(
  'device.enroll-proven',
  ($) => sql`with ${newDevice($.device)}, ${lockOwner($.userRef)},
   fitting as (
     select new_device.*, locked_user.enrolled_at is null as first, ${replacesDefault('new_device')} as replaces_default
     from new_device, locked_user, seen
     where ${fits('new_device', $.rivals, $.alone)} and ${prepared($.setId)} and (${$.proofId}::text is not null or ${unprotected('new_device')}) and exists (
       select from device x join app_user o on o.id = x.user_id
       where x.tenant_id = new_device.tenant_id and x.address_mac = decode(new_device.address_mac, 'base64') and x.method = new_device.method
         and x.status = 'verified' and o.account_id = ${$.accountRef})
   ), ${useAddProof($, 'fitting')},
   outcome as (
     select true as ok, f.first, f.replaces_default, f.user_id, f.id as device_id, f.replaces_device_id,
       clock_timestamp() as at
     from fitting f, proof
   ),
   device_row as (
     insert into device
       (id, tenant_id, user_id, method, name, status, address_sealed, address_mac, quota_key, enrolment_expires_at,
        applications, replaces_device_id, verified_at, is_default, reused)
     select new_device.id, new_device.tenant_id, new_device.user_id, new_device.method, new_device.name, 'verified', decode(new_device.address, 'base64'),
       decode(new_device.address_mac, 'base64'), decode(new_device.quota_key, 'base64'), now() + make_interval(secs => new_device.seconds),
       new_device.applications, new_device.replaces_device_id, o.at, o.first or o.replaces_default,
       not exists (select from mine m where m.status = 'verified' and m.address_mac = decode(new_device.address_mac, 'base64'))
     from new_device, outcome o
     returning *
   ), ${settleProved($.codeMacs, $.setId)}, ${smsNotices($.notices, 'device_row')},
   guard as (
     select array_remove(array[${provedOutcomes($.codeMacs)}], null) as outcomes, jsonb_build_object(${provedPatch}) as patch from outcome
   ), ${appendEvents($.events, 'guard')}
   select exists (select from fitting) as fitting, o.first, r.created_at as "createdAt",
     r.enrolment_expires_at as "enrolmentExpiresAt", r.verified_at as "verifiedAt", r.is_default as "isDefault"
   from (select 1) n left join device_row r on true left join outcome o on true`,
);

interface Proven {
  readonly fitting: boolean;
  readonly first: boolean | null;
  readonly createdAt: Date | null;
  readonly enrolmentExpiresAt: Date;
  readonly verifiedAt: Date;
  readonly isDefault: boolean;
}

export interface Enrolled {
  readonly createdAt: Date;
  readonly enrolmentExpiresAt: Date;
}
