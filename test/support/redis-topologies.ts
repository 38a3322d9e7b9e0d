import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../apps/standalone/src/embedded-postgres/free-port.js';
import { startRedis, type RedisServer } from './redis-server.js';

/** Whether Redis can be asked to encrypt, with a certificate made here; says so where it can't. */
export function tlsIsHere(): boolean {
  const refusals: string[] = [];
  if (spawnSync('openssl', ['version']).status !== 0) refusals.push('no openssl on the PATH');
  // Without TLS in it, it does not know the setting.
  const asked = spawnSync('redis-server', ['--tls-port', '0', '--port', '0', '--save', 'x'], { encoding: 'utf8' });
  if (`${asked.stdout}${asked.stderr}`.includes('tls-port')) refusals.push('redis-server was built without TLS');
  if (refusals.length > 0) process.stderr.write(`Tests of Redis with TLS are skipped: ${refusals.join(', ')}.\n`);
  return refusals.length === 0;
}

export interface PrivateCa {
  /** The CA's certificate, a PEM file. */
  readonly file: string;
  /** Settings of a Redis whose certificate it signed, for the name `localhost` and nothing else. */
  readonly settings: readonly string[];
  remove(): void;
}

export function makePrivateCa(): PrivateCa {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ca-'));
  const openssl = (...args: string[]) => {
    const made = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
  };
  const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(...fresh, '-subj', '/CN=A private CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
  const forName = ['-subj', '/CN=redis', '-addext', 'subjectAltName=DNS:localhost'];
  openssl(...fresh, ...signed, ...forName, '-keyout', 'redis.key', '-out', 'redis.pem');
  const path = (name: string) => join(folder, name);
  return {
    file: path('ca.pem'),
    settings: [
      '--tls-cert-file',
      path('redis.pem'),
      '--tls-key-file',
      path('redis.key'),
      '--tls-ca-cert-file',
      path('ca.pem'),
      '--tls-auth-clients',
      'no',
    ],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits until something is so; the test's own time limit says when it never will be. */
async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(50);
}

/** One command, under the credentials of the address. */
export async function commandAs(url: string, name: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(url);
  try {
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}

export interface RedisGroup {
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

export interface RedisCluster extends RedisGroup {
  /** What stands in the address of the queue, as in `127.0.0.1:7001,127.0.0.1:7002`. */
  readonly hosts: string;
}

/**
 * Three masters that share the slots evenly.
 * @param options.standbyOf a key: whoever has its slot gets a replica, the last of the nodes
 * @param options.ca where given, they encrypt, among themselves too, and call themselves `localhost`
 */
export async function startCluster(options: { standbyOf?: string; ca?: PrivateCa } = {}): Promise<RedisCluster> {
  const masters = 3;
  const { standbyOf } = options;
  const nodes: RedisServer[] = [];
  const buses: number[] = [];
  const hosts: string[] = [];
  for (let n = 0; n < (standbyOf === undefined ? masters : masters + 1); n += 1) {
    const bus = await freePort();
    const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-port', String(bus)];
    if (options.ca) {
      const port = String(await freePort());
      settings.push(...options.ca.settings, '--tls-port', port, '--tls-cluster', 'yes', '--tls-replication', 'yes');
      settings.push('--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname');
      hosts.push(`localhost:${port}`);
    }
    const node = await startRedis(settings);
    if (!options.ca) hosts.push(new URL(node.url).host);
    nodes.push(node);
    buses.push(bus);
  }
  const [first] = nodes;
  const share = Math.ceil(16_384 / masters);
  for (const [n, node] of nodes.entries()) {
    const from = String(n * share);
    const to = String(Math.min((n + 1) * share, 16_384) - 1);
    if (n < masters) await node.command('cluster', 'addslotsrange', from, to);
    // Apart from the epochs that they begin with, two of them could claim one.
    await node.command('cluster', 'set-config-epoch', String(n + 1));
    if (node !== first) {
      await first?.command('cluster', 'meet', '127.0.0.1', new URL(node.url).port, String(buses[n]));
    }
  }
  const say = async (node: RedisServer, what: string) => (await node.command('cluster', what)) as string;
  const agreed = async () => {
    const all = await Promise.all(nodes.map((node) => say(node, 'info')));
    return all.every((info) => info.includes('state:ok') && info.includes(`known_nodes:${nodes.length}`));
  };
  await until(agreed);
  const standby = nodes[masters];
  if (standby && first && standbyOf !== undefined) {
    const slot = Number(await first.command('cluster', 'keyslot', standbyOf));
    const master = nodes[Math.floor(slot / share)] as RedisServer;
    await standby.command('cluster', 'replicate', await say(master, 'myid'));
    await until(async () => ((await standby.command('info', 'replication')) as string).includes('link_status:up'));
  }
  await until(agreed);
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  return { nodes, hosts: hosts.slice(0, masters).join(), stop };
}

export interface WatchedPair extends RedisGroup {
  /** Where the Sentinel is, as in `127.0.0.1:26379`. */
  readonly sentinel: string;
  /** Address of whoever is master now, by the Sentinel, as in `redis://127.0.0.1:6379`. */
  master(): Promise<string>;
  /** Settles once the Sentinel has announced another master. */
  announcement(): Promise<void>;
}

/** A master and its replica, and a Sentinel that promotes it. All ask for the password, but for the Sentinel. */
export async function startWatchedPair(name: string, password: string): Promise<WatchedPair> {
  const master = await startRedis();
  const portOf = ({ url }: RedisServer) => new URL(url).port;
  const replica = await startRedis(['--replicaof', `127.0.0.1 ${portOf(master)}`, '--masterauth', password]);
  const nodes = [master, replica];
  for (const node of nodes) {
    await node.command('config', 'set', 'masterauth', password);
    await node.command('config', 'set', 'requirepass', password);
  }
  // A Sentinel asks its master for replicas at once, and then every ten seconds.
  const asOwner = replica.url.replace('//', `//:${encodeURIComponent(password)}@`);
  await until(async () => String(await commandAs(asOwner, 'info', 'replication')).includes('link_status:up'));
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sentinel-'));
  const port = await freePort();
  const configuration = `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor ${name} 127.0.0.1 ${portOf(master)} 1
sentinel auth-pass ${name} ${password}
sentinel down-after-milliseconds ${name} 1000
sentinel failover-timeout ${name} 5000
`;
  writeFileSync(join(folder, 'sentinel.conf'), configuration);
  const sentinel = spawn('redis-server', [join(folder, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  // Only a replica whose link it has seen up can be promoted.
  await until(async () => {
    const replicas = JSON.stringify(await client.call('sentinel', 'replicas', name));
    return /"master-link-status"(,|:)"ok"/.test(replicas) && /"flags"(,|:)"slave"/.test(replicas);
  });
  return {
    nodes,
    sentinel: `127.0.0.1:${port}`,
    async master() {
      const [host, of] = (await client.call('sentinel', 'get-master-addr-by-name', name)) as [string, string];
      return `redis://${host}:${of}`;
    },
    async announcement() {
      const listener = client.duplicate();
      await listener.subscribe('+switch-master');
      await once(listener, 'message');
      listener.disconnect();
    },
    async stop() {
      client.disconnect();
      const ended = once(sentinel, 'close');
      sentinel.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
