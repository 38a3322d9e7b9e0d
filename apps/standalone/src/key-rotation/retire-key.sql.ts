import { eventOfEach, isoMicroseconds, recordEvents, sql, statement } from '#persistence';

export interface KnownState {
  readonly id: string;
  /** ISO 8601; null where no process has made anything with it yet. */
  readonly usedSince: string | null;
  readonly retiredAt: string | null;
  /** How long it has been in use, in seconds. */
  readonly usedFor: number | null;
}

export const readKnownOfKind = statement<KnownState, { kind: string }>(
  'read-known-keys-of-kind',
  (
    $,
  ) => sql`select id, ${isoMicroseconds('used_since')} as "usedSince", ${isoMicroseconds('retired_at')} as "retiredAt",
     extract(epoch from now() - used_since)::float8 as "usedFor"
   from known_key where kind = ${$.kind} order by known_since, id`,
);

// Told where it becomes true, in every log; a key that was never in use goes without a word.
export const retireKnown = statement<
  { id: string },
  {
    kind: string;
    formerId: string;
    formerName: string;
    id: string;
    name: string;
    eventIds: readonly string[];
  }
>(
  'retire-known-key',
  ($) => sql`with retired as (
     update known_key set retired_at = now()
     where kind = ${$.kind} and id = ${$.formerId} and retired_at is null and used_since is not null
     returning id
   ),
   told as (${recordEvents(
     $.eventIds,
     eventOfEach('key.rotated', {
       from: sql`tenant t cross join retired r
         join known_key k on k.kind = ${$.kind} and k.id = ${$.id} and k.used_since is not null`,
       columns: { tenant_id: 't.id' },
       data: {
         kind: sql`${$.kind}::text`,
         keyId: sql`${$.name}::text`,
         formerKeyId: sql`${$.formerName}::text`,
         usedSince: isoMicroseconds('k.used_since'),
       },
     }),
   )})
   select id from retired`,
);

export const forgetUnused = statement<{ id: string }, { kind: string; id: string }>(
  'forget-unused-key',
  ($) => sql`delete from known_key where kind = ${$.kind} and id = ${$.id} and used_since is null returning id`,
);

// Behind the id of a key that is not the first, as a sealed value has it; the MAC alone has 32 bytes.
export const countRecoveryCodes = statement<{ keyId: string | null; codes: number; users: number }>(
  'count-recovery-codes-by-pepper',
  sql`select case when octet_length(mac) > 32 then convert_from(substring(mac from 3 for get_byte(mac, 1)), 'UTF8') end
     as "keyId", count(*)::int as codes, count(distinct user_id)::int as users
   from recovery_code where used_at is null group by 1`,
);
