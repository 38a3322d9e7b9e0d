import { panel, type Row } from './counted-statements.js';
import { makeWebhook, sealAll } from './webhooks-of-panel.js';

/** How many statements each call about webhooks takes. */

const url = 'https://receiver.example/hooks';

const ofWebhook = (status: number, method: string, path = '', body: unknown = undefined): Pick<Row, 'make'> => ({
  make: async () => {
    const { id } = await makeWebhook(panel);
    return [status, method, `/v1/webhooks/${id}${path}`, body];
  },
});

/** A webhook with a delivery that has ended. */
async function delivered(): Promise<{ webhookId: string; deliveryId: string | undefined }> {
  const { id } = await makeWebhook(panel, { types: ['webhook.created'] });
  await sealAll(panel);
  const [made] = await panel.sql<{ id: string }>(
    `update webhook_delivery set status = 'failed' where webhook_id = $1 returning id`,
    [id],
  );
  return { webhookId: id, deliveryId: made?.id };
}

export const callsOfWebhooks: Record<string, readonly Row[]> = {
  'POST /v1/webhooks': [
    {
      most: 4,
      make: async () => {
        await panel.sql('delete from webhook');
        return [201, 'POST', '/v1/webhooks', { url, types: ['user.*'], accountId: 'customer 1' }];
      },
    },
  ],
  'GET /v1/webhooks': [{ most: 1, make: async () => [200, 'GET', '/v1/webhooks'] }],
  'GET /v1/webhooks/{webhookId}': [{ most: 1, ...ofWebhook(200, 'GET') }],
  'PATCH /v1/webhooks/{webhookId}': [
    { most: 4, ...ofWebhook(200, 'PATCH', '', { url: `${url}/2`, types: ['user.created'], accountId: 'x' }) },
    { most: 4, ...ofWebhook(200, 'PATCH', '', { status: 'disabled' }) },
  ],
  'DELETE /v1/webhooks/{webhookId}': [{ most: 4, ...ofWebhook(204, 'DELETE') }],
  'POST /v1/webhooks/{webhookId}/secret': [{ most: 4, ...ofWebhook(200, 'POST', '/secret', { overlapHours: 1 }) }],
  'POST /v1/webhooks/{webhookId}/test': [{ most: 4, ...ofWebhook(202, 'POST', '/test') }],
  'GET /v1/webhooks/{webhookId}/deliveries': [
    { most: 2, ...ofWebhook(200, 'GET', '/deliveries') },
    { most: 2, ...ofWebhook(200, 'GET', '/deliveries?status=failed') },
  ],
  'POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver': [
    {
      most: 2,
      make: async () => {
        const { webhookId, deliveryId } = await delivered();
        return [202, 'POST', `/v1/webhooks/${webhookId}/deliveries/${deliveryId}/redeliver`];
      },
    },
  ],
  'POST /v1/webhooks/{webhookId}/redeliver': [
    {
      most: 2,
      make: async () => {
        const { webhookId } = await delivered();
        return [202, 'POST', `/v1/webhooks/${webhookId}/redeliver`, { from: '2020-01-01T00:00:00Z' }];
      },
    },
  ],
};
