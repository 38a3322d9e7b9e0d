import { eventOfEach, isoMicroseconds, recordEvents, sql, statement, type Nothing } from '#persistence';

/** The newest checkpoint of a log. */
export interface NewestRow {
  readonly tenantId: string;
  readonly size: number;
  readonly signedAt: string;
  readonly note: string;
  /** What the database has as the cosignature of the witness that is asked for. */
  readonly lines: string | null;
}

// Beyond the end and from the future there is none: as when they are signed.
export const readNewest = statement<
  NewestRow,
  { witness: string; tenantIds: readonly string[]; sizes: readonly number[]; signedAt: readonly string[] }
>(
  'read-checkpoints-to-cosign',
  ($) => sql`select l.tenant_id as "tenantId", c.size, ${isoMicroseconds('c.signed_at')} as "signedAt", c.note,
     s.signature_lines as lines
   from audit_log l
   cross join lateral (
     select p.size, p.signed_at, p.note from audit_checkpoint p
     where p.tenant_id = l.tenant_id and p.size <= l.size and p.signed_at <= now() + interval '5 seconds'
     order by p.size desc, p.signed_at desc limit 1
   ) c
   left join audit_cosignature s
     on s.tenant_id = l.tenant_id and s.size = c.size and s.signed_at = c.signed_at and s.witness = ${$.witness}
   where not exists (
     select from unnest(${$.tenantIds}::text[], ${$.sizes}::bigint[], ${$.signedAt}::timestamptz[])
       as done(tenant_id, size, signed_at)
     where done.tenant_id = l.tenant_id and done.size = c.size and done.signed_at = c.signed_at)`,
);

/** The largest tree up to a size that the database says a witness has cosigned. */
export const readCosignedSize = statement<{ size: number }, { tenantId: string; witness: string; size: number }>(
  'read-cosigned-size',
  ($) => sql`select size from audit_cosignature
   where tenant_id = ${$.tenantId} and witness = ${$.witness} and size <= ${$.size} order by size desc limit 1`,
);

interface CheckpointKey {
  readonly tenantId: string;
  readonly size: number;
  readonly signedAt: string;
}

export const insertCosignature = statement<Nothing, CheckpointKey & { witness: string; lines: string }>(
  'insert-audit-cosignature',
  ($) => sql`insert into audit_cosignature (tenant_id, size, signed_at, witness, signature_lines)
   values (${$.tenantId}, ${$.size}, ${$.signedAt}, ${$.witness}, ${$.lines}) on conflict do nothing`,
);

// A statement of its own, after the cosignature is committed: of two that come at once the later one sees both.
export const markWitnessed = statement<Nothing, CheckpointKey & { witnesses: readonly string[]; quorum: number }>(
  'mark-checkpoint-witnessed',
  ($) => sql`insert into audit_witnessed (tenant_id, size, signed_at)
   select tenant_id, size, signed_at from audit_cosignature
   where tenant_id = ${$.tenantId} and size = ${$.size} and signed_at = ${$.signedAt}::timestamptz
     and witness = any(${$.witnesses}::text[])
   group by tenant_id, size, signed_at having count(*) >= ${$.quorum}
   on conflict do nothing`,
);

// Without its tenant, an event would begin a log of nobody.
export const recordRefusal = statement<
  Nothing,
  {
    eventId: string;
    tenantId: string;
    witness: string;
    reason: string;
    size: number;
    cosignedSize: number | null;
  }
>(
  'record-refused-cosignature',
  ($) =>
    sql`${recordEvents(
      sql`array[${$.eventId}]`,
      eventOfEach('audit.cosignature_refused', {
        from: sql`tenant where id = ${$.tenantId}`,
        columns: { tenant_id: 'id' },
        data: {
          witness: sql`${$.witness}::text`,
          reason: sql`${$.reason}::text`,
          size: sql`${$.size}::bigint`,
          cosignedSize: sql`${$.cosignedSize}::bigint`,
        },
      }),
    )}`,
);
