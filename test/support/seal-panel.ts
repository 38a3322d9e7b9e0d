import { createLogger, loadKeys } from '#runtime';
import type { Witnesses } from '../../apps/audit-worker/src/witnesses/read-witnesses.js';
import { startAuditWorker } from './apps.js';
import type { TestPanel } from './gateway-harness.js';

/**
 * Seals what a gateway's database has, and signs it: a worker that stops leaves nothing unsigned.
 * @param stateDir where that worker keeps its checkpoints: the same one each time
 * @param witnesses who is asked to cosign them
 * @param meanwhile before the worker stops
 */
export async function sealPanel(
  panel: TestPanel,
  stateDir: string,
  { witnesses, meanwhile }: { witnesses?: Witnesses; meanwhile?: () => Promise<void> } = {},
): Promise<void> {
  const logger = createLogger('audit-worker', { write: () => undefined });
  const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: panel.keyFile });
  const { database } = panel;
  const parts = { database, logger, checkpointKey: checkpoint, stateDir, ...(witnesses && { witnesses }) };
  const worker = await startAuditWorker(parts);
  const unsealed =
    'select count(*)::int as n from event e where not exists (select from audit_entry n where n.event_id = e.id)';
  do worker.wake();
  while ((await panel.sql<{ n: number }>(unsealed))[0]?.n !== 0);
  await meanwhile?.();
  await worker.stop();
}
