import { z } from 'zod';
import { events, eventTypePrefix, type EventName } from './events.js';
import { personalFields, type EventRow } from './events/event-row.js';

/** Where the schema of an event's `data` is, from the address of the API on. */
export const eventSchemaPath = (name: EventName): string => `/v1/event-schemas/${eventTypePrefix}${name}`;

/** What stands in the `data` of every event, if there is such a thing. */
const ofEveryEvent = {
  accountId: z.string().optional().meta({ description: "The panel's own id of the account that it is about" }),
  userId: z.string().optional().meta({ description: "The panel's own id of the user that it is about" }),
  apiKeyId: z.string().optional().meta({ description: 'The API key whose call it was' }),
  actor: z.string().optional().meta({
    description: 'The header `Sallyport-Actor` of the call; `operator`, without `apiKeyId`, of `npm run admin`',
  }),
  requestId: z.string().optional().meta({ description: 'The call, as in its header `x-request-id`' }),
};

/** The `data` of an event as the API serves it. Open: later releases may add fields. */
export function eventDataSchema(name: EventName): z.ZodObject {
  const { data, personal = [] }: EventRow = events[name];
  const sealed = Object.fromEntries(personal.map((field) => [field, personalFields.shape[field]]));
  return z.object({
    ...data.shape,
    ...ofEveryEvent,
    ...(personal.length === 0
      ? {}
      : {
          personal: z
            .object(sealed)
            .optional()
            .meta({ description: 'With the scope `audit:personal`, until the user is erased' }),
          personalUnreadable: z.literal(true).optional().meta({ description: 'It cannot be opened' }),
        }),
  });
}

/** JSON Schema of the `data` of an event. */
export function eventJsonSchema(name: EventName): Record<string, unknown> {
  const { meaning, when } = events[name];
  const { $schema, ...schema } = z.toJSONSchema(eventDataSchema(name), { io: 'input' });
  return {
    $schema,
    $id: eventSchemaPath(name),
    title: `${eventTypePrefix}${name}`,
    description: `${meaning} When: ${when}`,
    ...schema,
  };
}
