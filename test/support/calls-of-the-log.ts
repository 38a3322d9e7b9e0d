import { auditState } from './audit-state.js';
import { call, panel, type Row } from './counted-statements.js';
import { sealPanel } from './seal-panel.js';

/** How many statements each call of the audit log takes. */

const get = (path: string): Row => ({ most: 1, make: async () => [200, 'GET', path] });

/** The first reading by a key is told at once, by a statement more; those of the next minutes are counted. */
async function readBefore(): Promise<void> {
  await call('GET', '/v1/audit/events?limit=1');
}

async function sealed(): Promise<void> {
  const state = await auditState();
  await sealPanel(panel, state.path);
  await state.remove();
}

export const callsOfTheLog: Record<string, readonly Row[]> = {
  // It has no end: `live-stream.spec.ts` counts what it asks.
  'GET /v1/audit/stream': [],
  'GET /v1/audit/events': [
    {
      most: 1,
      make: async () => {
        await readBefore();
        return [200, 'GET', '/v1/audit/events?type=user.created'];
      },
    },
  ],
  'GET /v1/event-schemas/{type}': [
    { most: 0, make: async () => [200, 'GET', '/v1/event-schemas/com.sallyport.user.created'] },
  ],
  // What it begins with; each page is one more.
  'GET /v1/audit/export': [{ most: 3, make: async () => [200, 'GET', '/v1/audit/export'] }],
  'GET /v1/compliance/report': [
    {
      // The tree under the newest checkpoint is one more.
      most: 2,
      make: async () => {
        await sealed();
        return [200, 'GET', '/v1/compliance/report?profile=pci-dss'];
      },
    },
  ],
  'GET /v1/audit/checkpoints': [get('/v1/audit/checkpoints'), get('/v1/audit/checkpoints?witnessed=true')],
  'GET /v1/audit/proofs': [
    {
      most: 3,
      make: async () => {
        await readBefore();
        await sealed();
        const [event] = await panel.sql<{ id: string }>('select event_id as id from audit_entry where sequence = 1');
        return [200, 'GET', `/v1/audit/proofs?eventId=${event?.id}`];
      },
    },
  ],
  'GET /v1/audit/proofs/consistency': [
    {
      most: 2,
      make: async () => {
        await sealed();
        return [200, 'GET', '/v1/audit/proofs/consistency?from=1&to=2'];
      },
    },
  ],
  'GET /v1/accounts/{accountId}/users/{userId}/audit/proofs': [
    {
      most: 3,
      make: async () => {
        const { path } = await panel.user();
        await sealed();
        await readBefore();
        return [200, 'GET', `${path}/audit/proofs`];
      },
    },
  ],
  'GET /.well-known/audit-keys/{tenantId}': [
    {
      most: 1,
      make: async () => {
        await sealed();
        return [200, 'GET', `/.well-known/audit-keys/${panel.tenantId}`];
      },
    },
  ],
};
