import { sql, statement, unpublishedLines } from '#persistence';
import type { JobName, OutboxPayload } from '#contracts';

export interface OutboxRow {
  readonly id: string;
  readonly job: JobName;
  readonly payload: OutboxPayload;
  readonly publications: number;
  /** The tenant whose it is; empty where it is no one tenant's. */
  readonly line: string;
}

/** Most looks find nothing: they are to be short. */
export const anyUnpublished = statement<{ id: string }, { jobs: readonly JobName[] }>(
  'relay-any-unpublished',
  ($) => sql`select id from outbox where published_at is null and job = any (${$.jobs}) limit 1`,
);

// By state, not by a cursor: commit order is not insert order, and `id > cursor` lost 21 % of the rows with 16 writers.
// A job that only a newer version knows waits for a newer relay. Each line gives as many as any other, so that what one of them
// has left behind does not stand before the rest; with more lines than places, those go first whose oldest waits longest.
// They are marked with the same breath: who can't publish them undoes it.
export const takeUnpublished = statement<OutboxRow, { jobs: readonly JobName[]; limit: number }>(
  'relay-take-unpublished',
  ($) => sql`with ${unpublishedLines},
   served as (select line from line order by created_at limit ${$.limit}),
   taken as (
     select o.id from served s cross join lateral (
       select id from outbox
       where published_at is null and job = any (${$.jobs}) and line = s.line
       order by created_at limit (select ${$.limit} / count(*) from served)
       for update skip locked
     ) o
   ),
   published as (
     update outbox set published_at = clock_timestamp(), left_until = null, publications = publications + 1
     where id = any (array(select id from taken))
     returning id, job, line, payload, publications - 1 as publications, created_at
   )
   select id, job, line, payload, publications from published order by created_at`,
);
