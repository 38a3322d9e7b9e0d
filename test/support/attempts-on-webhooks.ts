import { expect } from '@jest/globals';
import { onlyOwn, theirs, type Attempt } from './belongings.js';

/** Calls about webhooks with the id of another tenant's. */
export const attemptsOnWebhooks: Record<string, () => readonly Attempt[]> = {
  'POST /v1/webhooks': () => [
    {
      path: '/v1/webhooks',
      body: { url: 'https://receiver.example/', tenantId: 'TENANT' },
      answers: (answer) => expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/tenantId' }] } }),
    },
  ],
  'GET /v1/webhooks': () => [{ path: '/v1/webhooks', answers: onlyOwn }],
  'GET /v1/webhooks/{webhookId}': () => [{ path: `/v1/webhooks/${theirs.webhookId}` }],
  'PATCH /v1/webhooks/{webhookId}': () => [
    { path: `/v1/webhooks/${theirs.webhookId}`, body: { url: 'https://attacker.example/' } },
  ],
  'DELETE /v1/webhooks/{webhookId}': () => [{ path: `/v1/webhooks/${theirs.webhookId}` }],
  'POST /v1/webhooks/{webhookId}/secret': () => [{ path: `/v1/webhooks/${theirs.webhookId}/secret`, body: {} }],
  'POST /v1/webhooks/{webhookId}/test': () => [{ path: `/v1/webhooks/${theirs.webhookId}/test` }],
  'GET /v1/webhooks/{webhookId}/deliveries': () => [{ path: `/v1/webhooks/${theirs.webhookId}/deliveries` }],
  'POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver': () => [
    { path: `/v1/webhooks/${theirs.webhookId}/deliveries/whd_1/redeliver` },
  ],
  'POST /v1/webhooks/{webhookId}/redeliver': () => [
    { path: `/v1/webhooks/${theirs.webhookId}/redeliver`, body: { from: '2020-01-01T00:00:00Z' } },
  ],
};
