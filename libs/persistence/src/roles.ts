import { eventNames, jobNames, type EventName } from '#contracts';
import { newEvents, newJobs, newPersonalEvents, type RoleRights } from './role-rights.js';
import { deliveryWorker, knownKeyColumns } from './rights-of-delivery.js';

/** The others are the gateway's, `code.failed` and `notice.failed` among them: receipts tell it of both. */
const eventsOfOthers: readonly EventName[] = [
  'code.sent',
  'code.expired',
  'notice.expired',
  'route.reordered',
  'challenge.expired',
  'audit.event_set_aside',
  'audit.checkpoint_accepted',
  'sealing.started',
  'sealing.stopped',
  'audit.cosignature_refused',
  'audit.pruned',
  'job.set_aside',
  'job.discarded',
  'key.rotated',
  'database.restored',
];

/**
 * One database role for each separate process: what its statements need, and no more. `npm run migrate` grants it.
 *
 * Nobody may update, delete or truncate `event`, `audit_entry`, `audit_checkpoint`, `audit_cosignature` and `audit_witnessed`. Only the
 * gateway reads seeds, recovery codes, event keys, hashes of API keys and idempotent answers. Each may write the events and start the jobs
 * that are its own, and no others.
 */
export const roles: Readonly<Record<string, RoleRights>> = {
  sallyport_gateway: {
    tables: {
      migration: { select: 'name' },
      known_key: { select: knownKeyColumns, insert: 'kind, id, fingerprint, used_since', update: 'used_since' },
      known_queue: { select: 'store' },
      tenant: { select: '*', update: 'policy' },
      api_key: { select: '*', insert: '*', update: 'revoked_at, last_used_at' },
      account: { select: '*', insert: '*', update: 'name, locale, policy, updated_at' },
      app_user: {
        select: '*',
        insert: '*',
        update: 'locale, profile_sealed, two_factor_since, enrolled_at, trust_revoked_at, updated_at',
        delete: true,
      },
      device: {
        select: '*',
        insert: '*',
        update:
          'name, status, is_default, last_used_step, wrong_codes, locked_until, known_wrong_codes, known_locked_until, last_used_at, verified_at, address_sealed, address_mac, quota_key, reused, pending_id, pending_sealed, pending_mac, pending_quota_key, pending_expires_at, pending_approval_id, address_changed_at',
        delete: true,
      },
      imported_seed: { select: '*', insert: '*' },
      webauthn_credential: { select: '*', insert: '*', update: 'sign_count, backed_up' },
      recovery_pool: {
        select: '*',
        insert: '*',
        update: 'set_id, codes_left, generated_at, acknowledged_at, enrolment_device_id, wrong_codes',
        delete: true,
      },
      recovery_code: { select: '*', insert: '*', update: 'used_at', delete: true },
      challenge: { select: '*', insert: '*', update: 'status, checks, approved_device_id, ended_at' },
      code: { select: '*', insert: '*', update: 'id, sends, last_sent_at, expires_at, consumed_at' },
      // What it has sealed for a worker, it has no need to read again. It writes down what receipts say, and wipes what they end.
      delivery: {
        select:
          'id, tenant_id, user_id, device_id, challenge_id, channel, kind, country, prefix, status, fence, lease_until, next_attempt_at, provider, provider_reference, error, request_id, created_at, expires_at, sent_at, ended_at, awaits_receipt, failed_attempts',
        insert: '*',
        update:
          'status, payload_sealed, lease_until, next_attempt_at, provider, provider_reference, error, sent_at, ended_at, awaits_receipt, failed_attempts',
      },
      delivery_attempt: {
        select: '*',
        update: 'provider_reference, price, receipt, receipt_at, receipt_error, spent, spent_before',
      },
      receipt_source: { select: '*', insert: 'provider, last_at', update: 'last_at, missing' },
      lockout: { select: '*', insert: '*', update: 'ended_at, end_reason' },
      trusted_browser: { select: '*', insert: '*', delete: true },
      send_window: { select: '*', insert: '*', update: 'sent, approved, blocked_at, refused, lifted_at' },
      send_pace: { select: '*', insert: '*', update: 'ready_at, hour_starts_at, hour_sent' },
      // A receipt tells what a message cost in the end.
      sms_spend: { select: '*', insert: '*', update: 'messages, cost' },
      address_guess: { select: '*', insert: '*', update: 'wrong_codes, locked_until, last_at' },
      used_proof: { select: 'id', insert: '*' },
      idempotent_answer: { select: '*', insert: '*', update: 'body_hash, answer_sealed, expires_at' },
      outbox: {
        select: 'job, line, payload, created_at, published_at, set_aside_at',
        insert: newJobs,
        update: 'published_at, left_until',
        delete: true,
      },
      event: { select: '*', insert: newPersonalEvents },
      audit_entry: { select: '*' },
      audit_log: { select: '*' },
      audit_node: { select: '*' },
      audit_checkpoint: { select: '*' },
      audit_cosignature: { select: '*' },
      audit_witnessed: { select: '*' },
      audit_pruned: { select: '*' },
      audit_key: { select: '*' },
      unsealable_event: { select: 'event_id' },
      audit_cursor: { select: '*' },
      webhook: {
        select: '*',
        insert: '*',
        update:
          'url, description, types, account_id, contact_sealed, contact_locale, secret_sealed, previous_secret_sealed, previous_secret_until, status, disabled_reason, disabled_at, failing_since, failed_at, failing_for, updated_at',
        delete: true,
      },
      webhook_delivery: { select: '*', insert: 'id, tenant_id, webhook_id, event_id, redelivery_of' },
      webhook_attempt: { select: '*' },
    },
    events: eventNames.filter((name) => !eventsOfOthers.includes(name)),
    eventsOfUsers: [],
    jobs: jobNames,
  },

  // It removes rows of which it may see no more than that their time is over. To lock a row takes the right to update
  // some column of it: for these, one without weight.
  sallyport_relay: {
    tables: {
      migration: { select: 'name' },
      tenant: { select: 'id, policy' },
      audit_witnessed: { select: 'tenant_id' },
      known_queue: { select: 'id, store', insert: 'id, store', update: 'store, noted_at' },
      account: { select: 'id, external_id' },
      app_user: { select: 'id, tenant_id, account_id, external_id' },
      outbox: {
        select: 'id, job, line, payload, created_at, published_at, publications, left_until, set_aside_at, failure',
        insert: newJobs,
        update: 'published_at, publications, left_until, set_aside_at, failure',
        delete: true,
      },
      delivery: {
        select:
          'id, tenant_id, user_id, device_id, challenge_id, channel, kind, status, fence, lease_until, next_attempt_at, request_id, expires_at, sent_at, awaits_receipt',
        update: 'status, payload_sealed, lease_until, ended_at, awaits_receipt',
        delete: true,
      },
      challenge: {
        select: 'id, tenant_id, user_id, purpose, application, status, expires_at',
        update: 'status, ended_at',
        delete: true,
      },
      event: { select: 'id, tenant_id, user_ref, tx', insert: newEvents },
      audit_cursor: { select: 'tx' },
      audit_collector: { select: 'name' },
      audit_entry: { select: 'event_id' },
      unsealable_event: { select: 'event_id' },
      idempotent_answer: { select: 'key, expires_at', update: 'expires_at', delete: true },
      used_proof: { select: 'id, expires_at', update: 'expires_at', delete: true },
      trusted_browser: { select: 'id, expires_at', update: 'expires_at', delete: true },
      code: { select: 'subject_id, device_id, expires_at', update: 'sends', delete: true },
      send_window: { select: 'key, starts_at', update: 'refused', delete: true },
      send_pace: { select: 'key, ready_at', update: 'hour_sent', delete: true },
      sms_spend: { select: 'tenant_id, day, part', update: 'messages', delete: true },
      address_guess: { select: 'key, last_at', update: 'last_at', delete: true },
      device: { select: 'id, status, enrolment_expires_at', update: 'name', delete: true },
      webhook_delivery: {
        select: 'id, tenant_id, group_id, status, fence, lease_until, next_attempt_at, created_at',
        update: 'next_attempt_at',
        delete: true,
      },
    },
    events: ['job.set_aside', 'audit.pruned'],
    eventsOfUsers: ['code.expired', 'notice.expired', 'challenge.expired'],
    // What waited for its time is brought back.
    jobs: ['deliver-webhook'],
    // Who says that a log is witnessed may not prune it, and who prunes it may not say so.
    functions: ['prune_log'],
  },

  sallyport_sms_worker: deliveryWorker,
  sallyport_email_worker: deliveryWorker,

  sallyport_audit_worker: {
    tables: {
      migration: { select: 'name' },
      known_key: { select: knownKeyColumns, insert: 'kind, id, fingerprint, used_since', update: 'used_since' },
      known_queue: { select: 'store' },
      tenant: { select: 'id' },
      event: { select: '*', insert: 'id, tenant_id, type, data' },
      unsealable_event: { select: 'event_id, tenant_id', insert: 'event_id, tenant_id, reason' },
      audit_cursor: { select: '*', update: 'tx, cluster' },
      audit_entry: { select: '*', insert: 'tenant_id, sequence, event_id, leaf_hash' },
      audit_log: { select: '*', insert: '*', update: 'size, edge' },
      // What is computed from leaves. It can be computed anew.
      audit_node: { select: '*', insert: '*', update: 'hash' },
      audit_checkpoint: { select: '*', insert: '*' },
      audit_cosignature: { select: '*', insert: 'tenant_id, size, signed_at, witness, signature_lines' },
      audit_witnessed: { select: '*', insert: 'tenant_id, size, signed_at' },
      audit_pruned: { select: '*' },
      audit_key: { select: '*', insert: 'tenant_id, vkey' },
      audit_collector: { select: '*', insert: 'name', update: 'holder, lease_until, retry_at, fault, faults' },
      audit_collector_position: {
        select: '*',
        insert: 'collector, tenant_id, sequence',
        update: 'sequence, updated_at',
      },
      // Whom it tells of what it seals.
      webhook: { select: 'id, tenant_id, types, account_id, status' },
      webhook_delivery: { select: 'id, tenant_id, group_id', insert: 'id, tenant_id, webhook_id, event_id, group_id' },
      outbox: { insert: newJobs },
    },
    events: [
      'audit.event_set_aside',
      'audit.checkpoint_accepted',
      'audit.cosignature_refused',
      'sealing.started',
      'sealing.stopped',
    ],
    eventsOfUsers: [],
    jobs: ['deliver-webhook', 'deliver-webhooks'],
  },

  sallyport_webhook_worker: {
    tables: {
      migration: { select: 'name' },
      known_key: { select: knownKeyColumns },
      known_queue: { select: 'store' },
      webhook: {
        select:
          'id, url, secret_sealed, previous_secret_sealed, previous_secret_until, status, disabled_reason, disabled_at, failing_since, failed_at, failing_for',
        update: 'status, disabled_reason, disabled_at, failing_since, failed_at, failing_for',
      },
      webhook_delivery: {
        select:
          'id, tenant_id, webhook_id, event_id, status, attempts, fence, lease_until, next_attempt_at, created_at',
        update: 'status, attempts, fence, lease_until, next_attempt_at, last_http_status, last_error, ended_at',
      },
      webhook_attempt: {
        select: 'delivery_id, number, started_at, ended_at',
        insert: 'delivery_id, number',
        update: 'ended_at, http_status, error, duration_ms',
      },
      outbox: { select: 'id, payload', insert: newJobs, delete: true },
      // Whole, as the log serves it; what is personal stays sealed under a key that it has not.
      event: { select: '*', insert: newPersonalEvents },
      audit_entry: { select: 'tenant_id, sequence, event_id, leaf_hash' },
    },
    events: ['webhook.disabled'],
    eventsOfUsers: [],
    // The next attempt of what was not taken.
    jobs: ['tell-of-webhook', 'deliver-webhook'],
  },

  sallyport_lockout_worker: {
    tables: {
      migration: { select: 'name' },
      known_key: { select: knownKeyColumns },
      known_queue: { select: 'store' },
      tenant: { select: 'id, policy' },
      account: { select: 'id, external_id, locale, policy' },
      app_user: { select: 'id, tenant_id, account_id, external_id, locale, profile_sealed, two_factor_since' },
      device: { select: 'id, user_id, name, verified_at' },
      lockout: { select: '*', update: 'ended_at, end_reason' },
      webhook: { select: 'id, tenant_id, status, contact_sealed, contact_locale' },
      account_pattern_notice: { select: '*', insert: '*', update: 'noticed_at' },
      delivery: {
        insert:
          'id, tenant_id, user_id, device_id, channel, kind, country, prefix, payload_sealed, request_id, next_attempt_at, expires_at',
      },
      send_window: { select: 'key, starts_at, sent', insert: 'key, starts_at, sent', update: 'sent' },
      outbox: { select: 'id', insert: newJobs, delete: true },
      event: { select: 'id, tenant_id, type, time, account_id, user_ref, data', insert: newEvents },
    },
    events: [],
    eventsOfUsers: ['lockout.ended'],
    jobs: ['deliver-notice'],
  },
};
