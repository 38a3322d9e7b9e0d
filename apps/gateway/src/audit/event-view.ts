import { eventNames, eventSchemaPath, eventTypePrefix } from '#contracts';
import { openPersonal, type Sealer } from '#persistence';
import type { AuditEvent } from './audit-events.schema.js';
import type { EventRow } from './find-events.sql.js';
import { sealedLine } from './sealed-line.js';

/**
 * An event as the API serves it.
 * @param sealer opens what is personal; left out for callers who may not see that
 */
export function viewEvent(row: EventRow, sealer?: Sealer): AuditEvent {
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
    sealed: sealedLine(row),
  };
}

/** Nothing where nothing is personal, or its user has been erased and the key is gone. */
function openPart(sealer: Sealer, row: EventRow): { personal?: unknown; personalUnreadable?: true } {
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

function schemaOf(type: string): Pick<AuditEvent, 'dataschema'> {
  const name = eventNames.find((each) => each === type);
  return name ? { dataschema: eventSchemaPath(name) } : {};
}
