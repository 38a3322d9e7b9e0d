import { newId } from '#contracts';
import { panel, smsUser, type Row } from './counted-statements.js';
import { vonageReceipt } from './signed-receipts.js';

/** How many statements each call of a provider takes at most. */

const path = '/v1/providers/vonage/receipts';

/** A code that Vonage has taken; as a worker leaves it. */
async function sentByVonage(): Promise<string> {
  const { deliveryId } = await smsUser();
  await panel.sql(
    `update delivery set status = 'sent', fence = 1, sent_at = now(), payload_sealed = null where id = $1`,
    [deliveryId],
  );
  await attempt(deliveryId);
  return deliveryId;
}

const attempt = (deliveryId: string) =>
  panel.sql(
    `insert into delivery_attempt (delivery_id, number, provider, outcome, ended_at) values ($1, 1, 'vonage', 'sent', now())`,
    [deliveryId],
  );

async function sentNotice(): Promise<string> {
  const id = newId('delivery');
  await panel.sql(
    `insert into delivery (id, tenant_id, user_id, device_id, channel, kind, status, fence, sent_at, expires_at)
     select $1, tenant_id, user_id, id, 'sms', 'notice', 'sent', 1, now(), now() + interval '1 hour' from device where id = $2`,
    [id, (await smsUser()).deviceId],
  );
  await attempt(id);
  return id;
}

export const callsOfReceipts: Record<string, readonly Row[]> = {
  'POST /v1/providers/{provider}/receipts': [
    {
      what: 'that a code arrived',
      most: 1,
      make: async () => [200, 'POST', path, vonageReceipt({ 'client-ref': await sentByVonage() })],
    },
    {
      what: 'that a notice did not',
      most: 1,
      make: async () => [200, 'POST', path, vonageReceipt({ 'client-ref': await sentNotice(), status: 'failed' })],
    },
  ],
  'GET /v1/providers/{provider}/receipts': [
    {
      what: 'that a code did not arrive',
      most: 1,
      make: async () => {
        const receipt = vonageReceipt({ 'client-ref': await sentByVonage(), status: 'rejected' });
        return [200, 'GET', `${path}?${new URLSearchParams(receipt)}`];
      },
    },
  ],
};
