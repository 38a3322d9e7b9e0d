import { meaningOf, nameOf, type LogRow } from '#audit-events';

/** RFC 5424, table 1: those that fit. */
export const facilities = {
  user: 1,
  daemon: 3,
  auth: 4,
  authpriv: 10,
  audit: 13,
  alert: 14,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type Facility = keyof typeof facilities;

/** Severities of RFC 5424 by how grave an event is: informational, notice, warning, error. */
const severities = { 1: 6, 2: 5, 3: 4, 4: 3 } as const;

export interface Header {
  readonly facility: Facility;
  readonly hostname: string;
  /** SD-ID of what a receiver finds gaps and repeats by. */
  readonly structuredDataId: string;
}

/**
 * An event as a message of RFC 5424, with the time of the event. Of the parts only the last is text of any kind. It begins
 * with a BOM where it is not ASCII (section 6.4).
 */
export function syslogMessage(row: LogRow, text: string, { facility, hostname, structuredDataId }: Header): string {
  const priority = facilities[facility] * 8 + severities[meaningOf(row).severity];
  const values = { tenant: row.tenantId, sequence: String(row.sequence), event: row.id };
  const pairs = Object.entries(values).map(([name, value]) => ` ${name}="${paramValue(value)}"`);
  const head = [`<${priority}>1`, row.time, hostname, 'sallyport', '-', messageId(nameOf(row.type))];
  const body = oneLine(text);
  const mark = /^\p{ASCII}*$/u.test(body) ? '' : '\ufeff';
  return `${head.join(' ')} [${structuredDataId}${pairs.join('')}] ${mark}${body}`;
}

/** A message with its length in bytes before it (RFC 5425, section 4.3): nothing in it can begin another one. */
export function octetCounted(message: string): Buffer {
  const bytes = Buffer.from(message);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

/** MSGID: up to 32 printable characters. */
function messageId(name: string): string {
  return name.replaceAll(/[^!-~]/g, '_').slice(0, 32) || '-';
}

/** PARAM-VALUE (section 6.3.3). */
function paramValue(text: string): string {
  return oneLine(text).replaceAll(/["\\\]]/g, '\\$&');
}

/**
 * Receivers write messages as lines, whatever frames they came in. The formats escape what breaks lines of JSON and of CEF;
 * this is for what is left: as JSON would write it.
 */
function oneLine(text: string): string {
  return text.replaceAll(
    // U+0000 to U+001F. A sealed line has one spelling, in which those above may stand as they are.
    /[^\P{Cc}\u007f-\u009f]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
