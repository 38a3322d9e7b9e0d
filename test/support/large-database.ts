import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '#persistence';
import { startEmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres/start.js';

export interface LargeDatabase {
  readonly client: pg.Client;
  close(): Promise<void>;
}

/** A PostgreSQL of its own whose tables are filled, fast rather than safely, for whoever looks at plans. */
export async function openLargeDatabase(fill: (url: string) => Promise<unknown>): Promise<LargeDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-plans-'));
  // As root, the database's user has to get through.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'database'),
    durable: false,
    settings: { shared_buffers: '256MB', max_wal_size: '4GB', wal_level: 'minimal', max_wal_senders: 0 },
  });
  const client = new pg.Client({ connectionString: server.url });
  const close = async () => {
    await client.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await migrate(server.url);
    await fill(server.url);
    await client.connect();
  } catch (error) {
    await close();
    throw error;
  }
  return { client, close };
}
