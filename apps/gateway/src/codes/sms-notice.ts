import { deliveryRow, newId, type DeliveryPayload, type NoticeName, type Policy } from '#contracts';
import type { Sealer } from '#persistence';

/** A phone that is told of a change by SMS, because it serves no more when the change is done. */
export interface FormerPhone {
  readonly deviceId: string;
  /** E.164 with its `+`. */
  readonly number: string;
}

/**
 * The JSON parameter that `smsNotices` reads: no notices where the policy wants none. They count against no quota, since
 * it is not the user who asks for them.
 */
export function smsNoticesParameter(
  sealer: Sealer,
  owner: { readonly tenantId: string; readonly userRef: string; readonly locale: string; readonly requestId: string },
  policy: Policy,
  notice: Extract<NoticeName, 'reset' | 'phone_changed'>,
  phones: readonly FormerPhone[],
): string {
  const wanted = notice === 'reset' ? policy.notices.reset : policy.notices.phoneChanged;
  const rows = (wanted ? phones : []).map(({ deviceId, number }) => {
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
    const sealed = sealer.seal('delivery', deliveryRow(owner.tenantId, deviceId, id), JSON.stringify(payload));
    return {
      id,
      tenant_id: owner.tenantId,
      user_ref: owner.userRef,
      device_id: deviceId,
      payload: sealed.toString('base64'),
      request_id: owner.requestId,
    };
  });
  return JSON.stringify(rows);
}

/**
 * The part of a statement that writes the notices to phones, so that they stand or fall with the change.
 * @param gate query with a row if the change was made
 */
export const smsNotices = (parameter: string, gate: string) => `
  sms_notice as (
    select n.* from ${gate}, jsonb_to_recordset(${parameter}::jsonb) as n(
      id text, tenant_id text, user_ref text, device_id text, payload text, request_id text)
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
