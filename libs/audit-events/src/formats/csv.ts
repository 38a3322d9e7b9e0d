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

/**
 * Some spreadsheets part cells at semicolons or tabs, by the country that they are set to, and then take no notice of quotes
 * in the middle of a line: what would begin a cell there begins no formula either.
 */
const hiddenFormula = /(?<=(?:^\s+|[;\t\r\n])[\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
/** Few texts have what a hidden formula comes after: to look for that first spares most of the time. */
const guarded = (text: string) => (/[;\t\r\n]|^\s/.test(text) ? text.replaceAll(hiddenFormula, "'") : text);

/** JSON of the same value: where a semicolon could be followed by a formula, it is escaped. */
function guardedJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes(';')) return json;
  return json.replaceAll(/;(?=[\s"']*[=+\-@\uff1d\uff0b\uff0d\uff20])/g, String.raw`\u003b`);
}

export const csvHeader = (): string => stringify([columns], options);

export function toCsv(events: readonly LoggedEvent[]): string {
  return stringify(
    events.map((event) => [
      event.sequence,
      event.time,
      nameOf(event.type),
      event.id,
      ...fields.map((field) => guarded(textOf(event, field) ?? '')),
      guardedJson(event.data),
    ]),
    options,
  );
}
