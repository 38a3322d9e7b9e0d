import { withDatabase, type MetricRow } from './metric-row.js';

const lane = '`login`: somebody waits to get in; `other`';
const statement = 'name of the statement, as in `sql/`';

/** Calls of the API, and what each process has of PostgreSQL. */
export const metricsOfCalls = {
  sallyport_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from request to answer',
    labels: { method: 'HTTP method', route: 'path of the operation, with `:id` for ids', status: 'HTTP status' },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    processes: ['gateway'],
  },
  sallyport_http_calls_refused_total: {
    type: 'counter',
    help: 'Calls refused with 503 since there were too many',
    labels: { lane },
    processes: ['gateway'],
  },
  sallyport_http_calls_inside: {
    type: 'gauge',
    help: 'Calls let in whose answer has not left yet',
    labels: { lane },
    processes: ['gateway'],
  },
  sallyport_http_calls_waiting: {
    type: 'gauge',
    help: 'Calls that wait for their turn',
    labels: { lane },
    processes: ['gateway'],
  },
  sallyport_http_connections: { type: 'gauge', help: 'Open connections', processes: ['gateway'] },
  sallyport_refusals_total: {
    type: 'counter',
    help: 'Refused calls by reason: wrong codes, locks, quota, the guard against SMS pumping, and all others',
    labels: { code: '`code` of the problem: `code_invalid`, `locked`, `sms_quota_exceeded`, `sms_blocked`, …' },
    processes: ['gateway'],
  },
  sallyport_database_pool_connections: {
    type: 'gauge',
    help: 'Connections to PostgreSQL that are open',
    labels: { state: '`in_use` or `idle`' },
    processes: withDatabase,
  },
  sallyport_database_pool_size: {
    type: 'gauge',
    help: 'Connections to PostgreSQL that this process opens at most',
    processes: withDatabase,
  },
  sallyport_database_pool_waiting: {
    type: 'gauge',
    help: 'Statements that wait for a connection: all are in use',
    processes: withDatabase,
  },
  sallyport_shared_calls_total: {
    type: 'counter',
    help: 'Calls answered by statements that several calls share',
    labels: { statement },
    processes: ['gateway', 'sms-worker', 'email-worker'],
  },
  sallyport_shared_statements_total: {
    type: 'counter',
    help: 'Statements run for them: calls by statements is how many calls share one',
    labels: { statement },
    processes: ['gateway', 'sms-worker', 'email-worker'],
  },
} as const satisfies Record<string, MetricRow>;
