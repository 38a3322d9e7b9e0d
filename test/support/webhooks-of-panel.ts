import { sealEvents } from '../../apps/audit-worker/src/seal-events.js';
import type { Answer } from './system.js';
import type { TestPanel, TestTenant } from './gateway-harness.js';

/** Seals what a panel's database has, and so fans it out: other tests on the same server hold the horizon back for moments. */
export async function sealAll(panel: TestPanel): Promise<void> {
  const open = 'select from event e where not exists (select from audit_entry a where a.event_id = e.id) limit 1';
  while ((await panel.sql(open)).length > 0) await sealEvents(panel.database);
}

/** A new webhook. @returns its answer, with the secret */
export async function makeWebhook(tenant: TestTenant, body: object = {}): Promise<Answer['body']> {
  const made = await tenant.call('POST', '/v1/webhooks', { url: 'https://receiver.example/hooks?token=t0k', ...body });
  if (made.status !== 201) throw new Error(`${made.status}: ${JSON.stringify(made.body)}`);
  return made.body;
}

/** Types of the events that an endpoint is to be told of, the oldest first; those of the log's own life left out. */
export async function typesFor(panel: TestPanel, webhookId: string): Promise<string[]> {
  const rows = await panel.sql<{ type: string }>(
    `select e.type from webhook_delivery d join event e on e.id = d.event_id
     where d.webhook_id = $1 and e.type not like 'sealing.%' order by d.created_at`,
    [webhookId],
  );
  return rows.map(({ type }) => type);
}
