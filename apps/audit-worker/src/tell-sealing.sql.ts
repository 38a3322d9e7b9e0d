import { eventOfEach, recordEvents, sql, statement, type Nothing, type Placeholders } from '#persistence';

export const tenantIds = statement<{ id: string }>('list-tenants-to-tell', sql`select id from tenant order by id`);

interface Told {
  readonly eventIds: readonly string[];
  readonly tenantIds: readonly string[];
  readonly workerId: string;
}

const rows = ($: Placeholders<Told>) => ({
  from: sql`tenant where id = any (${$.tenantIds}::text[])`,
  columns: { tenant_id: 'id' },
  data: { workerId: sql`${$.workerId}::text` },
});

export const recordStart = statement<Nothing, Told>('record-sealing-started', ($) =>
  recordEvents($.eventIds, eventOfEach('sealing.started', rows($))),
);

export const recordStop = statement<Nothing, Told>('record-sealing-stopped', ($) =>
  recordEvents($.eventIds, eventOfEach('sealing.stopped', rows($))),
);
