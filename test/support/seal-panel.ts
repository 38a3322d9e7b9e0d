import { createLogger, loadKeys } from '#runtime';
import { startAuditWorker } from './apps.js';
import type { TestPanel } from './gateway-harness.js';

/**
 * Seals what a gateway's database has, and signs it: a worker that stops leaves nothing unsigned.
 * @param stateDir where that worker keeps its checkpoints: the same one each time
 */
export async function sealPanel(panel: TestPanel, stateDir: string): Promise<void> {
  const logger = createLogger('audit-worker', { write: () => undefined });
  const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: panel.keyFile });
  const worker = await startAuditWorker({ database: panel.database, logger, checkpointKey: checkpoint, stateDir });
  const unsealed =
    'select count(*)::int as n from event e where not exists (select from audit_entry n where n.event_id = e.id)';
  do worker.wake();
  while ((await panel.sql<{ n: number }>(unsealed))[0]?.n !== 0);
  await worker.stop();
}
