import { z } from 'zod';

/** Queues are capabilities; workers scale by queue. */
export const queueNames = ['sms', 'email', 'security', 'audit', 'webhooks'] as const;
export type QueueName = (typeof queueNames)[number];

interface JobRow {
  readonly queue: QueueName;
  /** Raised when the payload changes its shape; workers understand this version and the one before. */
  readonly version: number;
  /** Ids only: what a job is about is read from the database when it runs. */
  readonly payload: z.ZodObject;
  /** Runs before BullMQ gives a job up. High, because the database decides what is final, not the queue. */
  readonly attempts: number;
  /** First delay in ms of exponential backoff with jitter, after an error that the handler did not foresee. */
  readonly backoffMs: number;
  /** 1 is first. Jobs in turns go on from here, one after the other. */
  readonly priority: number;
  /** Seconds that ended jobs are kept, so that a job id added twice runs once. 0: it may come again at once. */
  readonly keepSeconds: { readonly completed: number; readonly failed: number };
  /** Whether its end is not worth a line of the log: it comes many times in a second, and only wakes a process, or what it does tells of itself. */
  readonly quiet: boolean;
}

const kept = { completed: 3600, failed: 86_400 } as const;

/** What a job carries besides its own fields, to join one login across all processes. */
const origin = { requestId: z.string().optional() };

/** What the jobs have in common. */
const shared = { version: 1, attempts: 20, backoffMs: 1000, keepSeconds: kept, quiet: false } as const;
const delivery = { ...shared, payload: z.strictObject({ deliveryId: z.string(), ...origin }) } as const;
const ofEvent = {
  ...shared,
  queue: 'security',
  payload: z.strictObject({ eventId: z.string(), ...origin }),
  priority: 1,
} as const;

// Always of the same id: one is enough however many events wait, and while it waits no second one is put beside it.
const ofTheLog = {
  ...shared,
  queue: 'audit',
  payload: z.strictObject(origin),
  attempts: 1,
  priority: 1,
  keepSeconds: { completed: 0, failed: 0 },
  quiet: true,
} as const;

/** Deliveries to webhooks that one job takes along: an event to as many endpoints as most tenants have. */
export const deliveriesInJob = 32;

/** All codes are before all notices: a code's turn never comes to this. */
const notice = { ...delivery, priority: 2 ** 20 } as const;

/** Every job there is. Publisher and handlers take their types from here. */
export const jobs = {
  'deliver-sms': { ...delivery, queue: 'sms', priority: 1 },
  'deliver-sms-notice': { ...notice, queue: 'sms' },
  'deliver-email': { ...delivery, queue: 'email', priority: 1 },
  'deliver-notice': { ...notice, queue: 'email' },
  // What was sealed together, to the endpoints of one tenant. It ends when a worker has claimed them: from then on their leases own them.
  'deliver-webhooks': {
    ...shared,
    queue: 'webhooks',
    payload: z.strictObject({
      groupId: z.string(),
      deliveryIds: z.array(z.string()).min(1).max(deliveriesInJob),
      ...origin,
    }),
    priority: 1,
    quiet: true,
  },
  // One event to one endpoint, again or by itself. For what is due later than in a minute the relay makes one when its time has come.
  'deliver-webhook': { ...delivery, queue: 'webhooks', priority: 1, quiet: true },
  'examine-rejection': ofEvent,
  'notify-owner': ofEvent,
  'announce-lockout': ofEvent,
  'tell-of-webhook': ofEvent,
  'seal-events': ofTheLog,
  // For all collectors: who is woken sees which of them lack something.
  'push-events': ofTheLog,
} as const satisfies Record<string, JobRow>;

export type JobName = keyof typeof jobs;
export type JobPayload<N extends JobName> = z.infer<(typeof jobs)[N]['payload']>;

/** What stands in the outbox for a job: beside its payload where its trace goes on, which the queue has apart. */
export type OutboxPayload = JobPayload<JobName> & { readonly traceparent?: string };

export const jobNames = Object.keys(jobs) as JobName[];
