import { z } from 'zod';
import type { EventRow } from './event-row.js';

/** Its name alone: the rest of an address may be a secret. */
const webhook = { webhookId: z.string(), host: z.string() };

/** Of endpoints that are told of events. */
export const eventsOfWebhooks = {
  'webhook.created': {
    meaning:
      'An endpoint was added that is told of events: of the types that are named, or of all; of one account, or of the whole tenant.',
    when: 'Its creation.',
    answers: ['administration'],
    data: z.strictObject({ ...webhook, types: z.array(z.string()).optional(), ofAccount: z.string().optional() }),
    jobs: [],
  },
  'webhook.changed': {
    meaning: 'What an endpoint is told, where it is, or whether it is told anything was changed.',
    when: 'The change.',
    answers: ['administration'],
    data: z.strictObject({ ...webhook, changed: z.array(z.string()) }),
    jobs: [],
  },
  'webhook.deleted': {
    meaning: 'An endpoint was deleted. Nothing more is sent to it.',
    when: 'Its deletion.',
    answers: ['administration'],
    data: z.strictObject(webhook),
    jobs: [],
  },
  'webhook.secret_rotated': {
    meaning:
      'An endpoint got a new secret. The old one signs beside it until `previousUntil`; null where it signs no more.',
    when: 'The rotation.',
    answers: ['administration', 'credential'],
    data: z.strictObject({ ...webhook, previousUntil: z.string().nullable() }),
    jobs: [],
  },
  'webhook.tested': {
    meaning: 'Somebody had a test event sent to an endpoint. It is this one, and goes to no other.',
    when: 'The call.',
    answers: ['administration'],
    data: z.strictObject(webhook),
    jobs: [],
  },
  'webhook.redelivered': {
    meaning: 'Somebody had events sent to an endpoint once more: so many deliveries.',
    when: 'The call.',
    answers: ['administration'],
    data: z.strictObject({ ...webhook, deliveries: z.number() }),
    jobs: [],
  },
  'webhook.disabled': {
    meaning:
      'An endpoint is told nothing any more: it answered 410 (`gone`), has taken nothing for five days (`failing`), or was disabled by a call (`manual`).',
    when: 'The attempt that was one too many, or the call.',
    answers: ['operation', 'administration'],
    data: z.strictObject({ ...webhook, reason: z.enum(['gone', 'failing', 'manual']) }),
    jobs: ['tell-of-webhook'],
  },
} as const satisfies Record<string, EventRow>;
