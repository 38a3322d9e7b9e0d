import { type Keys } from '#runtime';
import { sql, statement, type Nothing } from './statement.js';

export interface Fingerprint {
  readonly kind: keyof Keys;
  readonly id: string;
  readonly fingerprint: Buffer;
}

export const readKnown = statement<Fingerprint>('read-known-keys', sql`select kind, id, fingerprint from known_key`);

export const noteKnown = statement<
  Nothing,
  { kinds: readonly string[]; ids: readonly string[]; fingerprints: readonly Buffer[] }
>(
  'note-known-keys',
  ($) => sql`insert into known_key (kind, id, fingerprint)
   select * from unnest(${$.kinds}::text[], ${$.ids}::text[], ${$.fingerprints}::bytea[]) on conflict (kind, id) do nothing`,
);

export const replaceKnown = statement<
  Nothing,
  { kinds: readonly string[]; ids: readonly string[]; fingerprints: readonly Buffer[] }
>(
  'replace-known-keys',
  ($) => sql`insert into known_key (kind, id, fingerprint)
   select * from unnest(${$.kinds}::text[], ${$.ids}::text[], ${$.fingerprints}::bytea[])
   on conflict (kind, id) do update set fingerprint = excluded.fingerprint, known_since = now()`,
);

export const forgetKnown = statement<Nothing, { kind: string; ids: readonly string[] }>(
  'forget-known-keys',
  ($) => sql`delete from known_key where kind = ${$.kind} and not id = any (${$.ids})`,
);

// Any fixed number: one at a time decides which keys are the first.
export const lockKnown = statement<{ pg_advisory_xact_lock: void }>(
  'lock-known-keys',
  sql`select pg_advisory_xact_lock(5113071844)`,
);

// As `Sealer` writes it: format, length of the key's id, the id.
export const sealedUnder = statement<{ id: string }>(
  'read-sealing-key-in-use',
  sql`select convert_from(substring(profile_sealed from 3 for get_byte(profile_sealed, 1)), 'UTF8') as id
   from (select profile_sealed from app_user order by app_user.id limit 1) first_user`,
);
