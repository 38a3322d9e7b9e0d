import { jobNames } from '#contracts';
import { statement, type Database } from './database.js';

const ageOfUnpublished = statement(
  'age-of-unpublished-job',
  `select extract(epoch from clock_timestamp() - created_at)::float8 as seconds from outbox
   where published_at is null and set_aside_at is null and job = any ($1)
   order by created_at limit 1`,
);

type Age = { readonly seconds: number };

/** How long the oldest job has been waiting for a relay, in seconds; 0 where none is. */
export async function unpublishedAge(database: Database): Promise<number> {
  return (await database.one<Age>(ageOfUnpublished, [jobNames]))?.seconds ?? 0;
}
