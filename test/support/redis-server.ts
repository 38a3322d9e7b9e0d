import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../apps/standalone/src/embedded-postgres/free-port.ts';
import { containersAreHere, imageOf } from './containers.ts';

/** What a cut takes off the end of a file: some of the last commands, and a part of one. */
const cutBytes = 4001;

/** A Redis of the test's own: from the PATH, else from a container. */
export interface RedisServer {
  readonly url: string;
  /** One command, as `redis-cli` would send it. */
  command(name: string, ...args: string[]): Promise<unknown>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** The same, and what it had written is gone. */
  killAndEmpty(): Promise<void>;
  /** The same, and the end of what it had written is gone: as a disk leaves it that loses its power. */
  killAndCut(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether there is a Redis to test with; says so where there is none, so that a skipped test has a printed reason. */
export function redisIsHere(): boolean {
  if (isOnPath() || containersAreHere()) return true;
  process.stderr.write(
    'No redis-server on the PATH and no container runtime: tests on Redis are skipped. Install Debian\'s "redis-server".\n',
  );
  return false;
}

function isOnPath(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** @param settings as on the command line: `['--maxmemory-policy', 'allkeys-lru']` */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const all = ['--save', '', '--appendonly', 'yes', ...settings];
  const server = isOnPath() ? await programOf(port, all) : await containerOf(port, all);
  const url = `redis://${server.host}:${port}`;
  const start = async () => {
    await server.start();
    const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
    client.on('error', () => undefined);
    await client.ping();
    client.disconnect();
  };
  await start();
  return {
    url,
    start,
    kill: () => server.kill(),
    killAndEmpty: () => server.killAndEmpty(),
    killAndCut: () => server.killAndCut(),
    async command(name, ...args) {
      const client = new Redis(url);
      try {
        return await client.call(name, ...args);
      } finally {
        client.disconnect();
        await sleep(0);
      }
    },
    stop: () => server.stop(),
  };
}

/** A Redis that can be killed and started again on what it wrote, on one port. */
interface RedisProcess {
  readonly host: string;
  /** Does not wait until it answers. */
  start(): Promise<void>;
  kill(): Promise<void>;
  killAndEmpty(): Promise<void>;
  killAndCut(): Promise<void>;
  /** Ends it if it runs, and removes what it wrote. */
  stop(): Promise<void>;
}

async function programOf(port: number, settings: readonly string[]): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-redis-'));
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = undefined;
    // Ctrl-C reaches it too: it may have ended by itself.
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((done) => running.once('close', done));
    running.kill(signal);
    await ended;
  };
  return {
    host: '127.0.0.1',
    start: async () => {
      const own = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
      child = spawn('redis-server', [...own, ...settings], { stdio: 'ignore' });
    },
    kill: () => end('SIGKILL'),
    killAndEmpty: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true });
      await mkdir(folder);
    },
    killAndCut: async () => {
      await end('SIGKILL');
      const files = (await readdir(join(folder, 'appendonlydir'))).filter((name) => name.endsWith('.incr.aof'));
      for (const path of files.map((name) => join(folder, 'appendonlydir', name))) {
        await truncate(path, Math.max(0, (await stat(path)).size - cutBytes));
      }
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function containerOf(port: number, settings: readonly string[]): Promise<RedisProcess> {
  // Half a second to load, for those who need it.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const started = await new GenericContainer(imageOf('redis'))
    .withCommand(['redis-server', ...settings])
    .withExposedPorts({ container: 6379, host: port })
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .start();
  const { container: containers } = await getContainerRuntimeClient();
  // What a started container of testcontainers does not offer: a kill, and a start of the same one.
  const container = containers.getById(started.getId());
  let runs = true;
  const kill = async () => {
    await container.kill();
    await container.wait();
    runs = false;
  };
  return {
    host: started.getHost(),
    start: async () => {
      if (!runs) await container.start();
      runs = true;
    },
    kill,
    killAndEmpty: async () => {
      await started.exec(['rm', '-rf', '/data/appendonlydir']);
      await kill();
    },
    killAndCut: async () => {
      await started.exec(['sh', '-c', `truncate -s -${cutBytes} /data/appendonlydir/*.incr.aof`]);
      await kill();
    },
    stop: async () => {
      await started.stop();
    },
  };
}
