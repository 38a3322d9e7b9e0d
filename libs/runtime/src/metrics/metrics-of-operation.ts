import { withDatabase, type MetricRow } from './metric-row.js';

/** How each process does, and how the audit log does. */
export const metricsOfOperation = {
  sallyport_ready: {
    type: 'gauge',
    help: '1 where /readyz says that this process is ready, else 0',
    processes: withDatabase,
  },
  sallyport_readiness_check: {
    type: 'gauge',
    help: '1 for each check of /readyz that holds, else 0',
    labels: { check: '`database`, `queue`, `clock`, `keys`, `disk`, `publishing`, `sealing`, …: see the runbook' },
    processes: withDatabase,
  },
  sallyport_clock_difference_seconds: {
    type: 'gauge',
    help: "This process's clock minus PostgreSQL's",
    processes: withDatabase,
  },
  sallyport_audit_unsealed_seconds: {
    type: 'gauge',
    help: 'Age of the oldest event that is not in the audit log; 0 where there is none',
    processes: ['audit-worker'],
  },
  sallyport_audit_events_set_aside: {
    type: 'gauge',
    help: 'Events that could not be sealed into the audit log',
    processes: ['audit-worker'],
  },
  sallyport_audit_logs_refused: {
    type: 'gauge',
    help: 'Tenants whose audit log is not signed',
    processes: ['audit-worker'],
  },
  sallyport_audit_cosignatures_missing: {
    type: 'gauge',
    help: 'Checkpoints that are due at a witness and not cosigned: it is away, or its answer is wrong',
    processes: ['audit-worker'],
  },
  sallyport_audit_cosignatures_refused: {
    type: 'gauge',
    help: 'Audit logs that a witness refuses to cosign, since it has cosigned another history',
    processes: ['audit-worker'],
  },
  sallyport_audit_push_lag_events: {
    type: 'gauge',
    help: 'Sealed events that a collector has not acknowledged',
    labels: { collector: 'its name in `AUDIT_COLLECTORS`' },
    processes: ['audit-worker'],
    onlyWith: '`AUDIT_COLLECTORS`',
  },
  sallyport_audit_push_lag_seconds: {
    type: 'gauge',
    help: 'Age of the oldest sealed event that a collector has not acknowledged',
    labels: { collector: 'its name in `AUDIT_COLLECTORS`' },
    processes: ['audit-worker'],
    onlyWith: '`AUDIT_COLLECTORS`',
  },
  sallyport_events_total: {
    type: 'counter',
    help: 'Events by type, counted once in all as they are sealed: lockouts, codes asked for and expired, approvals, …',
    labels: { type: 'type of the event, as in docs/events.md' },
    processes: ['audit-worker'],
  },
  sallyport_challenges_approved_total: {
    type: 'counter',
    help: 'Approved challenges by method, counted once in all; beside codes sent, their share is the conversion',
    labels: { method: '`totp`, `sms`, `email`, `webauthn` or `recovery_code`' },
    processes: ['audit-worker'],
  },
  sallyport_witness_logs: { type: 'gauge', help: 'Logs that were cosigned', processes: ['witness'] },
  sallyport_witness_answers_total: {
    type: 'counter',
    help: 'Calls of add-checkpoint, by the status of the answer',
    labels: { status: 'HTTP status' },
    processes: ['witness'],
  },
} as const satisfies Record<string, MetricRow>;
