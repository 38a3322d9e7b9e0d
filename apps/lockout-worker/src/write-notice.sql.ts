import type { PolicyOverride } from '#contracts';
import { noticeFields, writeNotices } from '#delivery';
import { sql, statement, type Nothing } from '#persistence';

/** Whom a notice is for, as `ownerColumns` reads it. */
export interface Owner {
  readonly userId: string;
  readonly tenantId: string;
  readonly locale: string | null;
  readonly profileSealed: Buffer;
  readonly tenantPolicy: PolicyOverride;
  readonly accountPolicy: PolicyOverride;
  /** The database's time. */
  readonly now: Date;
}

/** Columns of an `Owner`, from `app_user u`, `account a` and `tenant t`. */
export const ownerColumns = sql`
  u.id as "userId", u.tenant_id as "tenantId", coalesce(u.locale, a.locale) as locale,
  u.profile_sealed as "profileSealed", t.policy as "tenantPolicy", a.policy as "accountPolicy",
  now() as "now"`;

export const countNotice = statement<Counted, { hourKey: Buffer; dayKey: Buffer }>(
  'count-notice',
  ($) => sql`with hour as (
     insert into send_window as q (key, starts_at, sent) values (${$.hourKey}, date_trunc('hour', now()), 1)
     on conflict (key, starts_at) do update set sent = q.sent + 1
     returning sent, starts_at + interval '1 hour' as ends_at
   ),
   day as (
     insert into send_window as q (key, starts_at, sent) values (${$.dayKey}, date_trunc('day', now(), 'UTC'), 1)
     on conflict (key, starts_at) do update set sent = q.sent + 1
     returning sent, starts_at + interval '1 day' as ends_at
   )
   select hour.sent as "inHour", hour.ends_at as "hourEnds", day.sent as "inDay", day.ends_at as "dayEnds"
   from hour, day`,
);

interface Counted {
  readonly inHour: number;
  readonly hourEnds: Date;
  readonly inDay: number;
  readonly dayEnds: Date;
}

export const insertNotices = statement<Nothing, { notices: string }>(
  'insert-notices',
  ($) => sql`with notice as (select * from jsonb_to_recordset(${$.notices}::jsonb) as n(${noticeFields})),
   ${writeNotices('notice', 'email')}
   select`,
);
