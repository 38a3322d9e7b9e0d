import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A Redis of the test's own, from the PATH. */
export interface RedisServer {
  readonly url: string;
  /** One command, as `redis-cli` would send it. */
  command(name: string, ...args: string[]): Promise<unknown>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether there is a Redis to test with; says so where there is none, so that a skipped test has a printed reason. */
export function redisIsHere(): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return true;
  process.stderr.write('No redis-server on the PATH: tests on Redis are skipped. Install Debian\'s "redis-server".\n');
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('No free port.');
  return address.port;
}

/** @param settings as on the command line: `['--maxmemory-policy', 'allkeys-lru']` */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-redis-'));
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async () => {
    const own = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'yes'];
    child = spawn('redis-server', [...own, ...settings], { stdio: 'ignore' });
    const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
    client.on('error', () => undefined);
    await client.ping();
    client.disconnect();
  };
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    const running = child;
    child = undefined;
    // Ctrl-C reaches it too: it may have ended by itself.
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((done) => running.once('close', done));
    running.kill(signal);
    await ended;
  };
  await start();
  return {
    url,
    start,
    kill: () => kill(),
    async command(name, ...args) {
      const client = new Redis(url);
      try {
        return await client.call(name, ...args);
      } finally {
        client.disconnect();
        await sleep(0);
      }
    },
    async stop() {
      if (child) await kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
