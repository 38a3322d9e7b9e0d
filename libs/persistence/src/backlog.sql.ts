import { sql, statement } from './statement.js';

const oldest = (of: string) => sql`
    select line, created_at from outbox where published_at is null ${of} order by line, created_at limit 1`;

/**
 * A recursive query `line` of all lines that have something unpublished, with the time of the oldest in each: one look into the
 * index for each of them, however much they have. It asks for nothing that is not in the index: in a table that grew since it was
 * analysed, PostgreSQL would read all that is unpublished, and sort it, to find one row of which something else is asked.
 */
export const unpublishedLines = sql`recursive line as (
    (${oldest('')})
    union all
    select next.line, next.created_at from line l cross join lateral (${oldest('and line > l.line')}) next
  )`;

export const ageOfUnpublished = statement<Age, { jobs: readonly string[] }>(
  'age-of-unpublished-job',
  ($) => sql`with ${unpublishedLines}
   select extract(epoch from clock_timestamp() - min(o.created_at))::float8 as seconds
   from line l cross join lateral (
     select created_at from outbox
     where line = l.line and published_at is null and set_aside_at is null and job = any (${$.jobs})
     order by created_at limit 1
   ) o
   having count(*) > 0`,
);

type Age = { readonly seconds: number };

/** The first event by transaction, nearly the oldest, that stands above the log: found without looking at those behind it. */
export const firstUnsealed = (column: string) => sql`
   audit_cursor c, lateral (
     select ${column} from event e
     where e.tx >= c.tx
       and not exists (select from audit_entry a where a.event_id = e.id)
       and not exists (select from unsealable_event s where s.event_id = e.id)
     order by e.tx, e.id limit 1) e`;
