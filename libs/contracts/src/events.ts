import type { z } from 'zod';
import type { EventNotice } from './deliveries.js';
import type { EventRow, PersonalFields } from './events/event-row.js';
import { eventsOfChecks } from './events/events-of-checks.js';
import { eventsOfDevices } from './events/events-of-devices.js';
import { eventsOfMessages } from './events/events-of-messages.js';
import { eventsOfOperation } from './events/events-of-operation.js';
import { eventsOfUsers } from './events/events-of-users.js';
import { eventsOfWebhooks } from './events/events-of-webhooks.js';

/** All event types begin with this (CloudEvents `type`). */
export const eventTypePrefix = 'com.sallyport.';

/**
 * Every event there is, past tense. A new one needs a row and nothing else. Those of a call have `apiKeyId`, and `actor`
 * where the call named one, besides; those of what an operator does to a user or a key, the actor `operator`.
 */
export const events = {
  ...eventsOfUsers,
  ...eventsOfDevices,
  ...eventsOfChecks,
  ...eventsOfMessages,
  ...eventsOfOperation,
  ...eventsOfWebhooks,
} as const satisfies Record<string, EventRow>;

export type EventName = keyof typeof events;
export type EventData<N extends EventName> = z.infer<(typeof events)[N]['data']>;

/** What is personal in an event: the fields that its row lists, and no others. */
export type EventPersonal<N extends EventName> = (typeof events)[N] extends {
  readonly personal: readonly (infer Field extends keyof PersonalFields)[];
}
  ? Pick<PersonalFields, Field>
  : Record<string, never>;

/** The notice that an event means to its user; none for events that mean none, or that this version does not know. */
export function noticeOfEvent(type: string): EventNotice | undefined {
  const rows: Readonly<Record<string, EventRow>> = events;
  return Object.hasOwn(rows, type) ? rows[type]?.notice : undefined;
}

export const eventNames = Object.keys(events) as EventName[];
