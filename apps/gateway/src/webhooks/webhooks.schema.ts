import { eventNamesOf } from '#audit-events';
import { eventTypePrefix } from '#contracts';
import { z } from 'zod';
import { emailInput } from '../codes/addresses.js';
import { externalId, id, instant, line, listQuery, locale, time } from '../http/schemas.js';

/** Without the prefix of CloudEvents, as events are kept. */
const plainType = (text: string) => (text.startsWith(eventTypePrefix) ? text.slice(eventTypePrefix.length) : text);

/** A prefix means the events of later releases as well, so it is kept as it is. */
const isKnownType = (type: string) => eventNamesOf(type).length > 0;

const types = z
  .array(
    z
      .string()
      .max(100)
      .transform(plainType)
      .refine(isKnownType, 'must be an event type, or a prefix such as challenge.*'),
  )
  .min(1)
  .max(50)
  .transform((given) => [...new Set(given)])
  .meta({
    description:
      'Event types, with or without `com.sallyport.`, or prefixes such as `challenge.*`, which include the events of later releases. Null: all',
  });
const url = z.string().max(2048).meta({ description: 'https, without credentials; the address must be public' });
const description = line(200).nullable();
const accountId = externalId.nullable().meta({ description: 'Events of this account only. Null: of the whole tenant' });
const contactEmail = emailInput
  .nullable()
  .meta({ description: 'Who is told by mail when the webhook is disabled, other than by a call. Null: nobody' });
const contactLocale = locale.nullable().meta({ description: 'Language of those mails. Null: English' });

export const createBody = z.strictObject({
  url,
  description: description.optional(),
  types: types.nullable().optional(),
  accountId: accountId.optional(),
  contactEmail: contactEmail.optional(),
  contactLocale: contactLocale.optional(),
});

export const changeBody = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    types: types.nullable().optional(),
    accountId: accountId.optional(),
    contactEmail: contactEmail.optional(),
    contactLocale: contactLocale.optional(),
    status: z
      .enum(['enabled', 'disabled'])
      .optional()
      .meta({ description: 'What is on its way to an endpoint that is disabled is canceled' }),
  })
  .refine((body) => Object.keys(body).length > 0, 'must name something to change');

export const rotateBody = z.strictObject({
  overlapHours: z
    .int()
    .min(0)
    .max(168)
    .default(24)
    .meta({ description: 'How long the old secret signs beside the new one' }),
});

export const redeliverBody = z.strictObject({
  from: instant.meta({ description: 'The beginning of the time in which the deliveries were made' }),
  to: instant.optional().meta({ description: 'The end of it. Default: now' }),
  status: z
    .literal('failed')
    .optional()
    .meta({ description: 'Only what has not arrived: deliveries that failed or were canceled' }),
});

const disabledReason = z
  .enum(['manual', 'gone', 'failing'])
  .nullable()
  .meta({ description: '`gone`: it answered 410. `failing`: it took nothing for five days' });

const fields = {
  id: id('whk'),
  url: z.string().meta({ description: 'For API keys without the scope `admin`: its scheme and host only' }),
  description: z.string().nullable(),
  types: z.array(z.string()).nullable(),
  accountId: z.string().nullable(),
  contactEmail: z.string().nullable().meta({ description: 'For API keys without the scope `admin`: masked' }),
  contactLocale: z.string().nullable(),
  status: z.enum(['enabled', 'disabled']),
  disabledReason,
  disabledAt: time.nullable(),
  failingSince: time.nullable().meta({ description: 'Since when no attempt has succeeded' }),
  previousSecretUntil: time.nullable().meta({ description: 'Until when the previous secret signs as well' }),
  createdAt: time,
  updatedAt: time,
};
const secret = z
  .string()
  .meta({ description: 'Shown only once: `whsec_…`, as libraries of Standard Webhooks take it' });

export const webhookAnswer = z.object(fields).meta({ id: 'Webhook' });
export const createdAnswer = z.object({ ...fields, secret }).meta({ id: 'NewWebhook' });
export const testedAnswer = z.object({ eventId: id('evt') });
export const redeliveredAnswer = z.object({ deliveryId: id('whd') });
export const manyRedeliveredAnswer = z.object({
  deliveries: z.int().meta({ description: 'How many deliveries were made, 1000 at most' }),
  continueFrom: time.nullable().meta({ description: 'Call again with this as `from`; null where nothing is left' }),
});

const deliveryStates = ['queued', 'delivered', 'failed', 'canceled'] as const;

export const deliveryAnswer = z
  .object({
    id: id('whd'),
    eventId: id('evt'),
    eventType: z.string(),
    redeliveryOf: z.string().nullable().meta({ description: 'The delivery that it repeats' }),
    status: z.enum(deliveryStates),
    nextAttemptAt: time.nullable(),
    createdAt: time,
    endedAt: time.nullable(),
    attempts: z.array(
      z.object({
        number: z.int(),
        startedAt: time,
        endedAt: time.nullable().meta({ description: 'Null while it is under way, or where its worker was lost' }),
        httpStatus: z.int().nullable(),
        error: z.string().nullable(),
        durationMs: z.int().nullable(),
      }),
    ),
  })
  .meta({ id: 'WebhookDelivery' });

export const listWebhooksQuery = z.strictObject(listQuery);
export const deliveriesQuery = z.strictObject({ ...listQuery, status: z.enum(deliveryStates).optional() });

export type CreateBody = z.infer<typeof createBody>;
export type ChangeBody = z.infer<typeof changeBody>;
export type RedeliverBody = z.infer<typeof redeliverBody>;
export type WebhookAnswer = z.infer<typeof webhookAnswer>;
export type CreatedAnswer = z.infer<typeof createdAnswer>;
export type DeliveryAnswer = z.infer<typeof deliveryAnswer>;
export type ListWebhooksQuery = z.infer<typeof listWebhooksQuery>;
export type DeliveriesQuery = z.infer<typeof deliveriesQuery>;
