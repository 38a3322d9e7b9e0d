import { stringify } from 'csv-stringify/sync';
import { textOf, type LoggedEvent } from './logged-event.js';
import { nameOf } from './meaning-of-events.js';

const fields = [
  'accountId',
  'userId',
  'deviceId',
  'challengeId',
  'method',
  'purpose',
  'reason',
  'requestId',
  'apiKeyId',
  'actor',
  'ip',
  'userAgent',
] as const;
const columns = ['sequence', 'time', 'type', 'id', ...fields, 'data'];

/** A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection). */
const options = { escape_formulas: true, record_delimiter: 'windows' } as const;

export const csvHeader = (): string => stringify([columns], options);

export function toCsv(events: readonly LoggedEvent[]): string {
  return stringify(
    events.map((event) => [
      event.sequence,
      event.time,
      nameOf(event.type),
      event.id,
      ...fields.map((field) => textOf(event, field) ?? ''),
      JSON.stringify(event.data),
    ]),
    options,
  );
}
