import { sql, statement } from './statement.js';

export const ageOfUnpublished = statement<Age, { jobs: readonly string[] }>(
  'age-of-unpublished-job',
  ($) => sql`select extract(epoch from clock_timestamp() - created_at)::float8 as seconds from outbox
   where published_at is null and set_aside_at is null and job = any (${$.jobs})
   order by created_at limit 1`,
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
