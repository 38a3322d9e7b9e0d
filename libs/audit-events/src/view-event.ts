import { eventNames, eventSchemaPath, eventTypePrefix } from '#contracts';
import { openPersonal, type Sealer } from '#persistence';
import type { LogRow } from './log-row.js';
import { sealedLine } from './sealed-line.js';

/** A sealed event in CloudEvents 1.0 (JSON format), with its place in the log and its sealed form as extension attributes. */
export interface ViewedEvent {
  readonly specversion: '1.0';
  readonly id: string;
  /** With the prefix of all types. */
  readonly type: string;
  readonly source: string;
  readonly subject?: string | undefined;
  /** ISO 8601, UTC, with microseconds. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly sequence: number;
  readonly index: number;
  readonly sealed: string;
}

/**
 * An event as it is served.
 * @param sealer opens what is personal; left out for callers who may not see that
 */
export function viewEvent(row: LogRow, sealer?: Sealer): ViewedEvent {
  return { ...readEvent(row, sealer), sealed: sealedLine(row) };
}

/** The same without its sealed form, which takes as long to make as all the rest. */
export function readEvent(row: LogRow, sealer?: Sealer): Omit<ViewedEvent, 'sealed'> {
  const { accountId, userId } = row;
  const parts = [accountId, userId].filter((part) => part !== null);
  return {
    specversion: '1.0',
    id: row.id,
    type: `${eventTypePrefix}${row.type}`,
    source: `/tenants/${row.tenantId}`,
    ...(accountId === null ? {} : { subject: parts.map(escapePart).join('/') }),
    time: row.time,
    datacontenttype: 'application/json',
    ...schemaOf(row.type),
    data: {
      ...(accountId === null ? {} : { accountId }),
      ...(userId === null ? {} : { userId }),
      ...row.data,
      ...(row.requestId === null ? {} : { requestId: row.requestId }),
      ...(sealer ? openPart(sealer, row) : {}),
    },
    sequence: row.sequence,
    index: row.sequence - 1,
  };
}

/** Nothing where nothing is personal, or its user has been erased and the key is gone. */
function openPart(sealer: Sealer, row: LogRow): { personal?: unknown; personalUnreadable?: true } {
  if (row.personalSealed === null || row.eventKeySealed === null || row.userRef === null) return {};
  try {
    const key = sealer.open('event-key', row.userRef, row.eventKeySealed);
    return { personal: openPersonal(key, row.id, row.personalSealed) };
  } catch {
    // Whatever has been damaged or changed: one such event must not hide the others. The log shows what was changed.
    return { personalUnreadable: true };
  }
}

function escapePart(id: string): string {
  return id.replace(/[%/]/g, encodeURIComponent);
}

function schemaOf(type: string): Pick<ViewedEvent, 'dataschema'> {
  const name = eventNames.find((each) => each === type);
  return name ? { dataschema: eventSchemaPath(name) } : {};
}
