import { sql, statement } from './statement.js';

interface Jobs {
  /** Those that this version knows. */
  readonly jobs: readonly string[];
}

/**
 * A recursive query `line` of all lines that have something to publish, with the time of the oldest in each. It looks up one row for each
 * of them, however much they have.
 */
export const unpublishedLines = ($: { readonly [K in keyof Jobs]: string }) => {
  const oldest = (of: string) => sql`
    select line, created_at from outbox where published_at is null and set_aside_at is null and job = any (${$.jobs}) ${of}
    order by line, created_at limit 1`;
  return sql`recursive line as (
    (${oldest('')})
    union all
    select next.line, next.created_at from line l cross join lateral (${oldest('and line > l.line')}) next
  )`;
};

export const ageOfUnpublished = statement<Age, Jobs>(
  'age-of-unpublished-job',
  ($) => sql`with ${unpublishedLines($)}
   select extract(epoch from clock_timestamp() - min(created_at))::float8 as seconds from line having count(*) > 0`,
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
