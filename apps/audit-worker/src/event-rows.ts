import { encodeEvent } from '#audit-chain';

/** Bytes of events that one read brings at most, but for its first event: memory stays bounded, whatever they hold. */
const mostBytes = 8 * 1024 * 1024;

/** An event as it stands in its row. */
export interface EventRow {
  readonly id: string;
  readonly tenantId: string;
  readonly tx: string;
  readonly type: string;
  readonly time: string;
  readonly accountId: string | null;
  readonly userId: string | null;
  readonly userRef: string | null;
  readonly requestId: string | null;
  /** JSON. */
  readonly data: string;
  readonly personalSealed: Buffer | null;
}

/** Columns of an `EventRow`, from `event e`. */
export const eventColumns = `
  e.id, e.tenant_id as "tenantId", e.tx::text as tx, e.type,
  to_char(e.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
  e.account_id as "accountId", e.user_id as "userId", e.user_ref as "userRef", e.request_id as "requestId",
  e.data::text as data, e.personal_sealed as "personalSealed"`;

/**
 * The first of some rows, as many as fit into a batch, each with `"found"`: how many there were.
 * @param rows a query of `eventColumns` and more, ordered and limited
 * @param order the columns that it is ordered by
 * @param most rows at most
 */
export function boundedBatch(rows: string, order: string, most: number): string {
  return `
    select * from (
      select r.*, count(*) over () as "found", row_number() over w as "number",
        sum(coalesce(octet_length(r.data), 0) + coalesce(octet_length(r."personalSealed"), 0)) over w
          - coalesce(octet_length(r.data), 0) - coalesce(octet_length(r."personalSealed"), 0) as "bytesBefore"
      from (${rows}) r
      window w as (order by ${order} rows unbounded preceding)
    ) measured where "number" <= ${most} and "bytesBefore" < ${mostBytes}`;
}

/**
 * The bytes of an event that are hashed.
 * @throws where it has no encoding, whatever the reason: data that is no object, a number beyond JSON, nesting too deep
 */
export function encodeRow(row: EventRow): Buffer {
  const { id, tenantId, tx, type, time, accountId, userId, userRef, requestId, personalSealed } = row;
  const data = JSON.parse(row.data) as Record<string, unknown>;
  const personal = personalSealed?.toString('base64') ?? null;
  return encodeEvent({ id, tenantId, tx, type, time, accountId, userId, userRef, requestId, data, personal });
}
