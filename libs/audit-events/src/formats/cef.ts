import { textOf, type LoggedEvent } from './logged-event.js';
import { meaningOf, nameOf } from './meaning-of-events.js';

/** CEF counts from 0 to 10. */
const severities = { 1: 1, 2: 4, 3: 6, 4: 8 } as const;

const header = (text: string) =>
  /[\\|\r\n]/.test(text) ? text.replaceAll(/[\\|]/g, '\\$&').replaceAll(/[\r\n]+/g, ' ') : text;
/** Few texts have what is escaped: to look first spares most of the time. */
const value = (text: string) =>
  /[\\=\r\n]/.test(text) ? text.replaceAll(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n') : text;

/** A line of ArcSight's Common Event Format, version 0 (CEF, revision 27). */
export function toCef(event: LoggedEvent): string {
  const meaning = meaningOf(event);
  const name = nameOf(event.type);
  const fields: [string, string | undefined][] = [
    ['rt', String(Date.parse(event.time))],
    ['externalId', event.id],
    ['act', name],
    ['outcome', meaning.outcome],
    ['reason', textOf(event, 'reason')],
    ['duid', textOf(event, 'userId')],
    ['suid', textOf(event, 'actor')],
    ['src', textOf(event, 'ip')],
    ['requestClientApplication', textOf(event, 'userAgent')],
    ...custom(event),
    ['cn1Label', 'sequence'],
    ['cn1', String(event.sequence)],
    ['msg', JSON.stringify(event.data)],
  ];
  const extension = fields.flatMap(([key, text]) => (text === undefined ? [] : [`${key}=${value(text)}`])).join(' ');
  const head = ['CEF:0', 'Sallyport', 'Sallyport', '1', name, title(name), String(severities[meaning.severity])];
  return `${head.map(header).join('|')}|${extension}`;
}

const customFields = ['accountId', 'deviceId', 'challengeId', 'requestId', 'method', 'purpose'] as const;

function custom(event: LoggedEvent): [string, string][] {
  return customFields.flatMap((field, index): [string, string][] => {
    const text = textOf(event, field);
    return text === undefined
      ? []
      : [
          [`cs${index + 1}Label`, field],
          [`cs${index + 1}`, text],
        ];
  });
}

/** `challenge.max_attempts_reached` is `Challenge max attempts reached`. */
function title(name: string): string {
  const words = name.replaceAll(/[._]/g, ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
