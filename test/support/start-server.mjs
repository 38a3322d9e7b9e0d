import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../apps/standalone/src/embedded-postgres/start.ts';
import { containersAreHere, imageOf } from './containers.ts';

const settings = {
  max_connections: 300,
  shared_buffers: '64MB',
  autovacuum_naptime: '10min',
  max_wal_size: '512MB',
  // Into one file of its own, which tests read through the server, wherever that is.
  logging_collector: 'on',
  log_rotation_age: 0,
  log_rotation_size: 0,
};

/**
 * One PostgreSQL for the whole test run: from a container where a runtime answers, else the embedded one.
 * TEST_POSTGRES=container or TEST_POSTGRES=embedded chooses. Jest runs this outside its own module system: Node erases
 * the types.
 */
export default async function startServer() {
  const server = await choose(process.env.TEST_POSTGRES);
  process.stderr.write(`PostgreSQL of this run: ${server.what}.\n`);
  globalThis.sallyportTestServer = server;
  process.env.SALLYPORT_TEST_SERVER = server.url;
  // For what is made once and copied; servers under another user have to get through.
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-run-'));
  await chmod(folder, 0o711);
  globalThis.sallyportTestFolder = process.env.SALLYPORT_TEST_FOLDER = folder;
}

async function choose(wanted) {
  if (wanted === 'embedded') return embeddedServer();
  if (wanted === 'container') return containerServer();
  if (wanted) throw new Error(`TEST_POSTGRES is "${wanted}": set it to container or embedded, or leave it out.`);
  if (!containersAreHere()) return embeddedServer();
  try {
    return await containerServer();
  } catch (error) {
    process.stderr.write(`No PostgreSQL from a container: ${error.message}\n`);
    return embeddedServer();
  }
}

async function embeddedServer() {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
  // As root, the server's user has to get through.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'database'), durable: false, settings });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { what: 'embedded', url: server.url, stop };
}

async function containerServer() {
  const { GenericContainer, Wait } = await import('testcontainers');
  const image = imageOf('postgres');
  const password = randomBytes(16).toString('hex');
  // Nothing has to survive a crash.
  const all = { ...settings, fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const container = await new GenericContainer(image)
    .withEnvironment({
      POSTGRES_PASSWORD: password,
      POSTGRES_INITDB_ARGS: '--locale-provider=builtin --builtin-locale=C.UTF-8',
    })
    .withCommand(['postgres', ...Object.entries(all).map(([name, value]) => `--${name}=${value}`)])
    .withExposedPorts(5432)
    // By TCP: while it is being initialised, the server answers on its socket only.
    .withHealthCheck({ test: ['CMD', 'pg_isready', '--host=127.0.0.1'], interval: 250, timeout: 1000, retries: 240 })
    .withWaitStrategy(Wait.forHealthCheck())
    .start();
  const url = `postgres://postgres:${password}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  return { what: `${image} in a container`, url, stop: () => container.stop() };
}
