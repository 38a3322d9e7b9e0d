import { Injectable } from '@nestjs/common';
import type { Policy, SmsNotice } from '#contracts';
import { noticeFields, sealNotice, wantsNotice, writeNotices } from '#delivery';
import { Finder, Sealer, sql } from '#persistence';
import type { Caller } from '../http/caller.js';
import { localeOf } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { destinationOf } from './addresses.js';

/** A phone that is told of a change by SMS. */
export interface NoticedPhone {
  readonly deviceId: string;
  /** E.164 with its `+`. */
  readonly number: string;
}

/** SMS notices to one number a day (UTC). They count against no quota, since it is not the owner who asks for them. */
const noticesPerDay = 5;

/** Prepares notices by SMS: to a phone that serves no more, or whose number others use from now on. */
@Injectable()
export class SmsNotices {
  constructor(
    private readonly sealer: Sealer,
    private readonly finder: Finder,
  ) {}

  /** The JSON parameter that `smsNotices` reads: no notices where the policy wants none. */
  parameter(
    owner: Pick<UserRow, 'tenantId' | 'userRef' | 'userLocale' | 'accountLocale'>,
    { requestId, language }: Pick<Caller, 'requestId' | 'language'>,
    policy: Policy,
    notice: SmsNotice,
    phones: readonly NoticedPhone[],
  ): string {
    const told = wantsNotice(policy, notice) ? phones : [];
    const rows = told.map(({ deviceId, number }) => ({
      ...sealNotice(this.sealer, policy, {
        tenantId: owner.tenantId,
        userRef: owner.userRef,
        locale: localeOf(owner, language),
        deviceId,
        destination: destinationOf(number),
        to: number,
        notice,
        facts: {},
        requestId,
        at: null,
      }),
      number: this.finder.mac('send-window', owner.tenantId, 'sms', 'notices', number).toString('base64'),
    }));
    return JSON.stringify(rows);
  }
}

/**
 * The part of a statement that writes the notices to phones, so that they stand or fall with the change. One for each
 * number, and no more than a few a day.
 * @param gate query with a row if the change was made
 */
export const smsNotices = (parameter: string, gate: string) => sql`
  sms_notice_wanted as (
    select distinct on (n.number) n.* from ${gate}, jsonb_to_recordset(${parameter}::jsonb) as n(
      ${noticeFields}, number text)
    order by n.number, n.id
  ),
  sms_notice_counted as (
    insert into send_window as q (key, starts_at, sent)
    select decode(number, 'base64'), date_trunc('day', now(), 'UTC'), 1 from sms_notice_wanted
    on conflict (key, starts_at) do update set sent = q.sent + 1 where q.sent < ${noticesPerDay}
    returning key
  ),
  sms_notice as (
    select w.* from sms_notice_wanted w join sms_notice_counted c on c.key = decode(w.number, 'base64')
  ),
  ${writeNotices('sms_notice', 'sms')}`;
