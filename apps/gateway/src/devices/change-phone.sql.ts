import { appendEvents, sql, statement } from '#persistence';
import { sendCodeParts, sendingColumns, sendingOutcomes, type SendingRow } from '../codes/send-code.sql.js';
import { countAnswered } from '../codes/sending-limits.js';
import { smsNotices } from '../codes/sms-notice.js';
import { authority } from '../proofs/authority.js';
import { useProof } from '../proofs/proofs.js';
import { revokedBrowsers } from '../trusted-browsers/remember-browser.js';
import {
  consequence,
  countGuess,
  lockGuesses,
  lockoutOutcomes,
  lockoutPatch,
  recordLockout,
} from '../verification/charge.js';

export const changePhone = statement<
  SendingRow & { readonly pendingExpiresAt: Date | null },
  {
    deviceId: string;
    userRef: string;
    proofId: string | null;
    grounds: string | null;
    send: object;
    events: object;
    changeId: string;
    sealed: Buffer;
    mac: Buffer;
    quotaKey: Buffer;
    seconds: number;
    approvalId: string | null;
  }
>(
  'device.change-phone',
  ($) => sql`with locked_user as (select id from app_user where id = ${$.userRef} for no key update),
   locked_device as (
     select d.id, d.applications from locked_user, device d
     where d.id = ${$.deviceId} and d.user_id = locked_user.id and d.method = 'sms' and d.status = 'verified'
     for update of d
   ), ${useProof($.proofId, $.grounds, { purpose: 'change_phone', user: $.userRef, gate: 'locked_device', reach: 'g.applications' })},
   ${sendCodeParts($.send, 'locked_device, proof', 'unverified')},
   changed as (
     update device d set pending_id = ${$.changeId}, pending_sealed = ${$.sealed}, pending_mac = ${$.mac}, pending_quota_key = ${$.quotaKey},
       pending_expires_at = now() + make_interval(secs => ${$.seconds}), pending_approval_id = ${$.approvalId}
     from sending where d.id = ${$.deviceId} and sending.sent
     returning d.pending_expires_at
   ),
   guard as (select ${sendingOutcomes} from sending), ${appendEvents($.events, 'guard')}
   select ${sendingColumns}, changed.pending_expires_at as "pendingExpiresAt"
   from sending left join changed on true`,
);

export const resendToPending = statement<
  SendingRow,
  { deviceId: string; send: object; events: object; changeId: string }
>(
  'device.resend-pending',
  ($) => sql`with open_change as (
     select id from device where id = ${$.deviceId} and status = 'verified' and pending_id = ${$.changeId} and pending_expires_at > now()
     for no key update
   ), ${sendCodeParts($.send, 'open_change', 'unverified')},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents($.events, 'guard')}
   select ${sendingColumns} from sending`,
);

/**
 * Codes that are on their way to the old number are worth nothing once it serves no more. Nor does what it approved count
 * any longer: `address_changed_at`, which also tells of codes and browsers that this statement cannot see yet.
 */
export const chargeChange = statement<
  Charged,
  {
    deviceId: string;
    userRef: string;
    right: boolean;
    codeId: string | null;
    schedule: readonly number[];
    lockoutId: string;
    tenantId: string;
    events: string;
    changeId: string;
    notices: string;
    methods: string;
    guessKey: Buffer | null;
    answered: readonly Buffer[];
  }
>(
  'device.phone-charge',
  ($) => sql`with locked_user as (select id from app_user where id = ${$.userRef} for no key update),
   locked_device as (
     select d.id, d.user_id, d.wrong_codes, d.pending_approval_id from locked_user, device d
     where d.id = ${$.deviceId} and d.user_id = locked_user.id and d.status = 'verified' and d.pending_id = ${$.changeId} and d.pending_expires_at > now()
       and (d.locked_until is null or d.locked_until <= now())
     for update of d
   ),
   ${authority('granted', { approval: '(select pending_approval_id from locked_device)', user: $.userRef, methods: sql`${$.methods}::jsonb` })},
   ${lockGuesses($.guessKey, 'locked_device')},
   chargeable as (select locked_device.* from locked_device, guessable where exists (select from granted)),
   spent_code as (
     update code set consumed_at = now()
     where ${$.right} and id = ${$.codeId} and subject_id = ${$.changeId} and device_id = ${$.deviceId} and consumed_at is null and expires_at > now()
       and exists (select from chargeable)
     returning sends, last_sent_at
   ), ${countAnswered($.answered)},
   verdict as (
     select chargeable.id as device_id, chargeable.user_id, chargeable.wrong_codes + 1 as wrong,
       ${$.right} and exists (select from spent_code) as ok
     from chargeable
   ), ${consequence($.schedule)}, ${countGuess($.guessKey, $.schedule)},
   device_row as (
     update device d set
       wrong_codes = case when o.ok then 0 else o.wrong end,
       locked_until = o.locked_until,
       status = case when o.disables then 'disabled' else d.status end,
       address_sealed = case when o.ok then d.pending_sealed else d.address_sealed end,
       address_mac = case when o.ok then d.pending_mac else d.address_mac end,
       reused = d.reused and not o.ok,
       address_changed_at = case when o.ok then o.at else d.address_changed_at end,
       quota_key = case when o.ok then d.pending_quota_key else d.quota_key end,
       pending_id = case when not o.ok then d.pending_id end,
       pending_sealed = case when not o.ok then d.pending_sealed end,
       pending_mac = case when not o.ok then d.pending_mac end,
       pending_quota_key = case when not o.ok then d.pending_quota_key end,
       pending_expires_at = case when not o.ok then d.pending_expires_at end,
       pending_approval_id = case when not o.ok then d.pending_approval_id end
     from outcome o where d.id = o.device_id
   ),
   old_code as (
     update code c set expires_at = now() from outcome o
     where o.ok and c.device_id = o.device_id and c.subject_id <> ${$.changeId} and c.expires_at > now()
   ),
   browsers as (
     delete from trusted_browser b using outcome o where o.ok and b.device_id = o.device_id returning b.id
   ), ${recordLockout($)},
   changed as (select 1 from outcome where ok), ${smsNotices($.notices, 'changed')},
   guard as (
     select array_remove(array[
         case when ok then 'changed' end,
         case when exists (select from browsers) then 'browsers' end,
         case when not ok then 'rejected' end,
         ${lockoutOutcomes}], null) as outcomes,
       jsonb_build_object(${lockoutPatch}, ${revokedBrowsers}) as patch
     from outcome
   ), ${appendEvents($.events, 'guard')}
   select ok, wrong, locked_until as "lockedUntil" from outcome`,
);

export interface Charged {
  readonly ok: boolean;
  readonly wrong: number;
  readonly lockedUntil: Date | null;
}
