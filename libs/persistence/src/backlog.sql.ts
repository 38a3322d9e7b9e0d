import { sql, statement } from './statement.js';

export const ageOfUnpublished = statement<Age, { jobs: readonly string[] }>(
  'age-of-unpublished-job',
  ($) => sql`select extract(epoch from clock_timestamp() - created_at)::float8 as seconds from outbox
   where published_at is null and set_aside_at is null and job = any (${$.jobs})
   order by created_at limit 1`,
);

type Age = { readonly seconds: number };
