import { newJobs, newPersonalEvents, type RoleRights } from './role-rights.js';

/** Of a key that was put to use or retired, too. */
export const knownKeyColumns = 'kind, id, fingerprint, used_since, retired_at';

/** What both delivery workers do is `libs/delivery`. */
export const deliveryWorker: RoleRights = {
  tables: {
    migration: { select: 'name' },
    known_key: { select: knownKeyColumns },
    known_queue: { select: 'store' },
    account: { select: 'id, external_id' },
    app_user: { select: 'id, tenant_id, account_id, external_id' },
    delivery: {
      select:
        'id, tenant_id, user_id, device_id, challenge_id, channel, kind, country, status, payload_sealed, fence, lease_until, next_attempt_at, request_id, created_at, expires_at, provider, provider_reference, error, sent_at, awaits_receipt, failed_attempts',
      update:
        'status, payload_sealed, fence, lease_until, next_attempt_at, provider, provider_reference, error, sent_at, ended_at, awaits_receipt',
    },
    delivery_attempt: {
      select:
        'delivery_id, number, provider, started_at, outcome, error, provider_reference, price, receipt, receipt_at, spent, spent_before',
      insert: 'delivery_id, number, provider',
      update: 'ended_at, outcome, error, provider_reference, price, spent, spent_before',
    },
    // Whether anybody still waits for a code; whether it was entered, and when, says how good its route is.
    challenge: { select: 'id, status, approved_device_id, ended_at' },
    code: { select: 'subject_id, device_id, consumed_at' },
    device: { select: 'id, verified_at, address_changed_at' },
    receipt_source: { select: 'provider, missing', update: 'missing' },
    route_learning: { select: '*', insert: 'channel, counted_until', update: 'counted_until' },
    route_score: {
      select: '*',
      insert: '*',
      update:
        'position, state, since, codes, entered, entry_ms, receipts, receipt_ms, priced, cost, recent_codes, recent_entered',
    },
    outbox: { select: 'payload', insert: newJobs, delete: true },
    sms_spend: { select: '*', insert: '*', update: 'messages, cost' },
    event: { insert: newPersonalEvents },
  },
  events: ['route.reordered'],
  eventsOfUsers: ['code.sent', 'code.failed', 'code.expired', 'notice.failed', 'notice.expired'],
  // The statement that writes its events could start jobs; none of these events has one.
  jobs: [],
};
