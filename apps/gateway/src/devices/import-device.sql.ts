import type { Method } from '#contracts';
import { appendEvents, sql, statement } from '#persistence';
import { fits, lockOwner, provedOutcomes, provedPatch, settleProved } from './proved-device.js';

export const knownSeed = statement<{ fields: Record<string, string> | null }, { mac: Buffer }>(
  'device.import-known',
  ($) => sql`select fields from imported_seed where mac = ${$.mac}`,
);

/** Without recovery codes: nobody would see them. The user makes a set when it suits. */
export const importSeed = statement<
  { fitting: boolean; imported: boolean },
  {
    device: string;
    userRef: string;
    mac: Buffer;
    events: string;
    rivals: readonly Method[];
    alone: readonly Method[];
    codeMacs: readonly Buffer[];
    setId: string;
    fields: string;
  }
>(
  'device.import',
  ($) => sql`with ${lockOwner($.userRef)},
   new_device as (
     select * from jsonb_to_record(${$.device}::jsonb) as d(
       id text, tenant_id text, method text, name text, secret text, algorithm text, digits int, period int,
       replaces_device_id text)
   ),
   fitting as (
     select new_device.*, locked_user.id as user_id, locked_user.enrolled_at is null as first
     from new_device, locked_user, seen where ${fits('new_device', $.rivals, $.alone)}
   ),
   seed as (
     insert into imported_seed (mac, fields) select ${$.mac}, ${$.fields}::jsonb from fitting on conflict (mac) do nothing returning mac
   ),
   outcome as (
     select true as ok, f.first, f.user_id, f.id as device_id, f.replaces_device_id, clock_timestamp() as at
     from fitting f, seed
   ),
   device_row as (
     insert into device
       (id, tenant_id, user_id, method, name, status, secret_sealed, totp_algorithm, totp_digits, totp_period,
        enrolment_expires_at, verified_at, is_default)
     select f.id, f.tenant_id, f.user_id, f.method, f.name, 'verified', decode(f.secret, 'base64'), f.algorithm, f.digits,
       f.period, o.at, o.at, o.first
     from fitting f, outcome o
     returning *
   ), ${settleProved($.codeMacs, $.setId)},
   guard as (
     select array_remove(array[${provedOutcomes($.codeMacs)}], null) as outcomes, jsonb_build_object(${provedPatch}) as patch from outcome
   ), ${appendEvents($.events, 'guard')}
   select exists (select from fitting) as fitting, exists (select from device_row) as imported`,
);
