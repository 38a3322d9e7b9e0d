import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chmod } from 'node:fs/promises';
import { startEmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres.ts';

/** One PostgreSQL for the whole test run. Jest runs this outside its own module system: Node erases the types. */
export default async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
  // As root, the server's user has to get through.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'database'),
    durable: false,
    settings: { max_connections: 300, shared_buffers: '64MB', autovacuum_naptime: '10min', max_wal_size: '512MB' },
  });
  globalThis.sallyportTestServer = { server, folder };
  process.env.SALLYPORT_TEST_SERVER = server.url;
}
