import type { DecisionFacts } from '#auth-core';
import { appendEvents, batchStatement, sql } from '#persistence';
import { knows, knowsAny, lockedUntil } from '../places/places.js';
import { admits, passkeyColumn, type DeviceRow, type PasskeyColumn } from '../rows/device-row.js';
import { userColumnNames, userColumns, type UserRow } from '../rows/user-row.sql.js';
import { trustedBrowserOf } from '../trusted-browsers/remember-browser.js';
import { decideParts, decidingPolicy, overrides } from './decide-in-sql.js';

/**
 * Challenges of one user that may be pending at a time from one place, and from all places that the user has not logged in
 * from. So nobody can leave the owner none; the second bound keeps the sets small that a reset has to end.
 */
export const pendingLimit = 500;

export const pendingElsewhereLimit = 2000;

export const readUser = batchStatement<ReadRow, ReadCall>(
  'challenge.create-read',
  {
    tenant_id: 'text',
    account_id: 'text',
    user_id: 'text',
    token_hash: 'text',
    application: 'text',
    place: 'text',
    device_id: 'text',
    purpose: 'text',
    recoverable: 'boolean',
    process_time: 'float8',
    events: 'jsonb',
  },
  (asked) => sql`with ${asked},
  reading as (
    select c.n, ${userColumns}, ${decidingPolicy},
      k.known, pending.here as "pendingHere", pending.elsewhere as "pendingElsewhere",
      coalesce(p.codes_left, 0) as "codesLeft",
      trust.id as trust_id, trust.device_id as trust_device, trust.method as trust_method, trust.since as trusted_since
    from (select *, decode(place, 'base64') as from_place from asked) c
    join tenant t on t.id = c.tenant_id
    join account a on a.tenant_id = t.id and a.external_id = c.account_id
    join app_user u on u.account_id = a.id and u.external_id = c.user_id
    cross join lateral ${overrides}
    left join lateral (${trustedBrowserOf("decode(c.token_hash, 'base64')", 'c.application')}) trust on true
    cross join lateral (select trust.id is not null or ${knows('u.id', 'c.from_place')} as known offset 0) k
    cross join lateral (
      select count(*) filter (where o.place is not distinct from c.from_place)::int as here,
        count(*) filter (where not o.known)::int as elsewhere
      from (
        select o.place, o.known from challenge o where o.user_id = u.id and o.status = 'pending' and o.expires_at > now()
        limit ${pendingElsewhereLimit + pendingLimit}
      ) o
    ) pending
    left join recovery_pool p on p.user_id = u.id and p.enrolment_device_id is null
  ),
  devices as (
    select r.n, d.id as "deviceId", d.method, d.name, d.status, d.is_default as "isDefault",
      d.address_sealed as "addressSealed", d.address_mac as "addressMac", d.quota_key as "quotaKey", d.reused,
      case when d.method in ('sms', 'email') then not r.known and ${knowsAny('d.user_id')} end as "othersOnly",
      ${lockedUntil('r.known')} as "lockedUntil", d.verified_at as "verifiedAt", ${passkeyColumn},
      ${admits('d', 'a.application')} and (a.device_id is null or d.id = a.device_id) as admitted
    from asked a join reading r using (n) join device d on d.user_id = r."userRef" and d.status <> 'unverified'
  ),
  ${decideParts}, ${appendEvents('g.events', 'login', 'g.user_ref')}
  select ${userColumnNames.map((name) => `r."${name}"`).join(', ')}, r.known, r."pendingHere", r."pendingElsewhere",
    r."codesLeft", f.facts, d.*, r.n
  from reading r join facts f using (n) left join devices d using (n) order by r.n, d."deviceId"`,
);

export interface ReadCall {
  readonly tenant_id: string;
  readonly account_id: string;
  readonly user_id: string;
  readonly token_hash: string | undefined;
  readonly application: string | null;
  readonly place: string | undefined;
  readonly device_id: string | undefined;
  readonly purpose: string;
  readonly recoverable: boolean;
  readonly process_time: number;
  readonly events: object;
}

export interface ReadRow extends UserRow {
  /** Whether the user has logged in from where this comes from. */
  readonly known: boolean;
  readonly pendingHere: number;
  readonly pendingElsewhere: number;
  readonly codesLeft: number;
  readonly facts: DecisionFacts;
  readonly deviceId: string | null;
  readonly method: DeviceRow['method'];
  readonly name: string;
  readonly status: 'verified' | 'disabled';
  readonly isDefault: boolean;
  readonly addressSealed: Buffer | null;
  readonly addressMac: Buffer | null;
  readonly quotaKey: Buffer | null;
  readonly reused: boolean;
  /** Whether part of the day's messages is kept back from this place, for the owner's own. */
  readonly othersOnly: boolean | null;
  readonly lockedUntil: Date | null;
  /** Whether it serves the application, and is the one that was named. */
  readonly admitted: boolean;
  readonly verifiedAt: Date | null;
  readonly passkey: PasskeyColumn | null;
}
