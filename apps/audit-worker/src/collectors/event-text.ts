import { formatEntry } from '#audit-log';
import { formats, readEvent, type LogRow } from '#audit-events';
import type { PushFormat } from './read-collectors.js';

/** Parts that a shortened event keeps, where they are not what is long. */
const kept = ['deviceId', 'challengeId', 'method', 'purpose', 'reason', 'actor'] as const;
const mostKept = 64;

const short = (text: string | null) => (text !== null && text.length <= mostKept ? text : null);

/**
 * An event in a format, without a line break. One that is longer than a collector takes is sent without what makes it long,
 * in the same format, and says so: `shortened`. It is never cut, which would leave half a line of JSON.
 */
export function eventText(row: LogRow, format: PushFormat, mostBytes: number): string {
  const whole = written(row, format);
  if (Buffer.byteLength(whole) <= mostBytes) return whole;
  const facts = Object.entries(row.data).filter(
    ([name, value]) => kept.some((each) => each === name) && typeof value === 'string' && short(value) !== null,
  );
  const shortened = written(shortenedRow(row, Object.fromEntries(facts)), format, true);
  if (Buffer.byteLength(shortened) <= mostBytes) return shortened;
  return written({ ...shortenedRow(row, {}), accountId: null, userId: null }, format, true);
}

function shortenedRow(row: LogRow, facts: Readonly<Record<string, unknown>>): LogRow {
  return {
    ...row,
    accountId: short(row.accountId),
    userId: short(row.userId),
    requestId: short(row.requestId),
    personalSealed: null,
    data: { ...facts, shortened: true },
  };
}

function written(row: LogRow, format: PushFormat, isShortened = false): string {
  const text = isShortened ? shortenedText(row, format) : formats[format].page([row]).slice(0, -1);
  // Another spelling of the same JSON, which needs no BOM. A sealed line has one spelling only.
  return format === 'ocsf' || format === 'cloudevents' ? asciiJson(text) : text;
}

/** Its sealed line has the hash alone, as one of a pruned entry. */
function shortenedText(row: LogRow, format: PushFormat): string {
  const sealed = formatEntry({ index: row.sequence - 1, leafHash: row.leafHash, event: undefined });
  if (format === 'ndjson') return sealed;
  if (format === 'cloudevents') return JSON.stringify({ ...readEvent(row), sealed });
  return formats[format].page([row]).slice(0, -1);
}

function asciiJson(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
