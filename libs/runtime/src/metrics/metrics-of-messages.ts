import { takingJobs, type MetricRow } from './metric-row.js';

const queue = '`sms`, `email`, `security`, `webhooks`, `audit`';
const channel = '`sms` or `email`';
const route = 'provider: `vonage`, `smtp`, …';
const country = 'ISO 3166 alpha-2 of the number; `none` for mail and for numbers of no country';

/** Jobs, deliveries and webhooks. */
export const metricsOfMessages = {
  sallyport_queue_jobs: {
    type: 'gauge',
    help: 'Jobs in a queue',
    labels: { queue, state: '`waiting` for a worker, `delayed` until a time, `active` in a worker' },
    processes: ['relay'],
  },
  sallyport_queue_oldest_job_seconds: {
    type: 'gauge',
    help: 'How long the oldest job has waited that no worker has begun; 0 where none waits. Workers are scaled by it',
    labels: { queue },
    processes: ['relay'],
  },
  sallyport_outbox_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the oldest job that is not in a queue yet; 0 where there is none',
    processes: ['relay'],
  },
  sallyport_jobs_published_total: {
    type: 'counter',
    help: 'Jobs put into a queue',
    labels: { queue },
    processes: ['relay'],
  },
  sallyport_jobs_lost_total: {
    type: 'counter',
    help: 'Jobs that a queue or a worker lost, and that are published again',
    processes: ['relay'],
  },
  sallyport_jobs_dead: {
    type: 'gauge',
    help: 'Jobs that failed on every attempt and wait for an operator',
    processes: ['relay'],
  },
  sallyport_job_duration_seconds: {
    type: 'histogram',
    help: 'Time that a worker took for a job, by how it ended',
    labels: {
      queue,
      // `job` and `instance` are Prometheus's own.
      job_name: 'name of the job',
      outcome: '`done`, `again` (put off), `failed` (tried again by the queue), `not_understood`',
    },
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    processes: takingJobs,
  },
  sallyport_jobs_stalled_total: {
    type: 'counter',
    help: 'Jobs found without the worker that had begun them',
    labels: { queue },
    processes: takingJobs,
  },
  sallyport_delivery_attempts_total: {
    type: 'counter',
    help: 'Attempts to hand a message to a provider, by how they ended',
    labels: {
      channel,
      route,
      country,
      outcome: '`sent`, `transient` (tried again), `permanent` (refused), `unknown` (no answer in time)',
    },
    processes: ['sms-worker', 'email-worker'],
  },
  sallyport_delivery_fallbacks_total: {
    type: 'counter',
    help: 'Attempts of messages that had tried another route before',
    labels: { channel, route, country },
    processes: ['sms-worker', 'email-worker'],
  },
  sallyport_route_usable: {
    type: 'gauge',
    help: '1 where this worker uses the route; 0 where it fails and is left alone, but for probes',
    labels: { route },
    processes: ['sms-worker', 'email-worker'],
  },
  sallyport_route_attempts_under_way: {
    type: 'gauge',
    help: 'Attempts of this worker that wait for the route',
    labels: { route },
    processes: ['sms-worker', 'email-worker'],
  },
  sallyport_route_attempts_at_most: {
    type: 'gauge',
    help: 'Attempts that this worker has wait for the route at a time, by how it fares',
    labels: { route },
    processes: ['sms-worker', 'email-worker'],
  },
  sallyport_delivery_seconds: {
    type: 'histogram',
    help: 'Time from the call that asked for a message until a provider had taken it',
    labels: { channel, route, kind: '`code` or `notice`' },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    processes: ['sms-worker', 'email-worker'],
  },
  sallyport_provider_answer_seconds: {
    type: 'histogram',
    help: 'Time that a provider took for its answer, or that it was listened for',
    labels: { channel, route },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
    processes: ['sms-worker', 'email-worker'],
  },
  sallyport_sms_cost_total: {
    type: 'counter',
    help: 'What providers said that SMS cost, in the currency of the account there',
    labels: { route, country },
    processes: ['sms-worker'],
  },
  sallyport_receipts_total: {
    type: 'counter',
    help: 'Receipts of providers that said something new',
    labels: { provider: '`vonage`, `twilio` or `http`', receipt: '`delivered` or `failed`' },
    processes: ['gateway'],
  },
  sallyport_receipts_refused_total: {
    type: 'counter',
    help: 'Receipts whose signature is missing, wrong or too old',
    labels: { provider: 'as above' },
    processes: ['gateway'],
  },
  sallyport_receipt_seconds: {
    type: 'histogram',
    help: 'Time from the beginning of an attempt until its receipt says what became of it',
    labels: { provider: 'as above' },
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
    processes: ['gateway'],
  },
  sallyport_webhooks_waiting: {
    type: 'gauge',
    help: 'Deliveries to webhooks that have not arrived and are tried again',
    processes: ['webhook-worker'],
  },
  sallyport_webhooks_oldest_seconds: {
    type: 'gauge',
    help: 'Age of the oldest of them',
    processes: ['webhook-worker'],
  },
  sallyport_webhooks_overdue_seconds: {
    type: 'gauge',
    help: 'How long one of them waits whose attempt is due',
    processes: ['webhook-worker'],
  },
  sallyport_webhooks_disabled: { type: 'gauge', help: 'Webhooks that are disabled', processes: ['webhook-worker'] },
  sallyport_webhook_attempts_total: {
    type: 'counter',
    help: 'Attempts that have ended, by how they did',
    labels: { outcome: '`taken`, or what went wrong; statuses as `http-4xx`, `http-5xx`' },
    processes: ['webhook-worker'],
  },
  sallyport_webhook_attempts_under_way: {
    type: 'gauge',
    help: 'Attempts of this worker that wait for an answer',
    processes: ['webhook-worker'],
  },
} as const satisfies Record<string, MetricRow>;
