import { Injectable } from '@nestjs/common';
import { deliveryRow, newId, type DeliveryPayload, type Policy, type SmsNotice } from '#contracts';
import { Finder, Sealer, sql } from '#persistence';

/** A phone that is told of a change by SMS. */
export interface NoticedPhone {
  readonly deviceId: string;
  /** E.164 with its `+`. */
  readonly number: string;
}

/** SMS notices to one number a day (UTC). They count against no quota, since it is not the owner who asks for them. */
const noticesPerDay = 5;

const wanted: Readonly<Record<SmsNotice, keyof Policy['notices']>> = {
  reset: 'reset',
  phone_changed: 'phoneChanged',
  phone_reused: 'deviceAdded',
};

/** Prepares notices by SMS: to a phone that serves no more, or whose number others use from now on. */
@Injectable()
export class SmsNotices {
  constructor(
    private readonly sealer: Sealer,
    private readonly finder: Finder,
  ) {}

  /** The JSON parameter that `smsNotices` reads: no notices where the policy wants none. */
  parameter(
    owner: { readonly tenantId: string; readonly userRef: string; readonly locale: string },
    { requestId }: { readonly requestId: string },
    policy: Policy,
    notice: SmsNotice,
    phones: readonly NoticedPhone[],
  ): string {
    const rows = (policy.notices[wanted[notice]] ? phones : []).map(({ deviceId, number }) => {
      const id = newId('delivery');
      const payload: DeliveryPayload = {
        kind: 'notice',
        to: number,
        notice,
        brand: policy.sms.brand,
        locale: owner.locale,
        facts: {},
        supportContact: policy.supportContact,
      };
      const sealed = this.sealer.seal('delivery', deliveryRow(owner.tenantId, deviceId, id), JSON.stringify(payload));
      return {
        id,
        tenant_id: owner.tenantId,
        user_ref: owner.userRef,
        device_id: deviceId,
        payload: sealed.toString('base64'),
        request_id: requestId,
        number: this.finder.mac('send-window', owner.tenantId, 'sms', 'notices', number).toString('base64'),
      };
    });
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
      id text, tenant_id text, user_ref text, device_id text, payload text, request_id text, number text)
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
  sms_notice_row as (
    insert into delivery (id, tenant_id, user_id, device_id, channel, kind, payload_sealed, request_id, expires_at)
    select id, tenant_id, user_ref, device_id, 'sms', 'notice', decode(payload, 'base64'), request_id,
      now() + interval '24 hours'
    from sms_notice
  ),
  sms_notice_job as (
    insert into outbox (id, job, payload)
    select id, 'deliver-sms-notice', jsonb_build_object('deliveryId', id, 'requestId', request_id) from sms_notice
  )`;
