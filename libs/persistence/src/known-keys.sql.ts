import { type Keys } from '#runtime';
import { sql, statement, type Nothing } from './statement.js';

export interface Fingerprint {
  readonly kind: keyof Keys;
  readonly id: string;
  readonly fingerprint: Buffer;
}

/** A key that the database knows. */
export interface KnownKey extends Fingerprint {
  /** Null where it only stands ready to be used. */
  readonly usedSince: Date | null;
  readonly retiredAt: Date | null;
}

/** Keys that a process holds, as columns. */
interface HeldColumns {
  readonly kinds: readonly string[];
  readonly ids: readonly string[];
  readonly fingerprints: readonly Buffer[];
  /** Whether it makes something with it; the others stand ready, or open what is there. */
  readonly used: readonly boolean[];
}

export const readKnown = statement<KnownKey>(
  'read-known-keys',
  sql`select kind, id, fingerprint, used_since as "usedSince", retired_at as "retiredAt" from known_key`,
);

// One that stood ready is in use from the first process on that makes something with it.
export const noteKnown = statement<Nothing, HeldColumns>(
  'note-known-keys',
  ($) => sql`insert into known_key (kind, id, fingerprint, used_since)
   select kind, id, fingerprint, case when used then now() end
   from unnest(${$.kinds}::text[], ${$.ids}::text[], ${$.fingerprints}::bytea[], ${$.used}::boolean[]) as k(kind, id, fingerprint, used)
   on conflict (kind, id) do update set used_since = now()
   where known_key.used_since is null and excluded.used_since is not null`,
);

// Values may be sealed under any that the file has.
export const replaceKnown = statement<Nothing, Omit<HeldColumns, 'used'>>(
  'replace-known-keys',
  ($) => sql`insert into known_key (kind, id, fingerprint, used_since)
   select kind, id, fingerprint, now()
   from unnest(${$.kinds}::text[], ${$.ids}::text[], ${$.fingerprints}::bytea[]) as k(kind, id, fingerprint)
   on conflict (kind, id) do update
   set fingerprint = excluded.fingerprint, known_since = now(), used_since = now(), retired_at = null`,
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
