import { nameOf, type LogRow } from '#audit-events';
import type { Database } from '#persistence';
import { readWhole } from '../event-rows.js';
import type { PushedEvent } from './collector.js';
import { readBatch } from './collectors.sql.js';
import { eventText } from './event-text.js';
import type { CollectorSettings } from './read-collectors.js';

/** Bytes of text after which a batch is closed. */
const mostBytes = 1_048_576;

/** What a collector gets next. */
export interface Batch {
  readonly events: readonly PushedEvent[];
  /** How far it goes in each log, with what the collector does not want. */
  readonly places: ReadonlyMap<string, number>;
}

/** The next events of a collector in the order of each log; undefined where it has had all. */
export async function nextBatch(database: Database, settings: CollectorSettings): Promise<Batch | undefined> {
  const { name: collector, tenants = null, types, format } = settings;
  const rows = await database.query(readBatch, { collector, tenantIds: tenants });
  if (rows.length === 0) return undefined;
  const events: PushedEvent[] = [];
  const places = new Map<string, number>();
  let bytes = 0;
  for (const row of rows) {
    if (row.id !== null && (types === undefined || types.has(nameOf(row.type)))) {
      const { data, ...whole } = row.data === null ? await readWhole(database, row) : row;
      const event: LogRow = { ...whole, data: JSON.parse(data ?? '{}'), eventKeySealed: null };
      const text = eventText(event, format, settings.maxBytes);
      bytes += Buffer.byteLength(text);
      // What is in the text is not kept a second time.
      events.push({ row: { ...event, data: {}, personalSealed: null }, text });
    }
    places.set(row.logTenantId, row.sequence);
    if (bytes >= mostBytes) break;
  }
  return { events, places };
}
