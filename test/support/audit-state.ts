import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder in which an audit worker keeps its checkpoints, apart from its database. */
export async function auditState(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sallyport-audit-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
