import { randomUUID } from 'node:crypto';
import { createRedisBackend, type BackendFactory, type ConnectionOptions, type Job } from 'bullmq';
import { Cluster, Redis, SentinelConnector, type SentinelConnectionOptions } from 'ioredis';
import type { QueueName } from '#contracts';
import { SettingsError, untrustedCertificate, within } from '#runtime';
import { JobStore, type LookedAtQueue, type QueueFigures } from './job-store.js';
import { inTime } from './patience.js';

/** In braces, so that in a cluster all keys of a queue share a slot. */
const prefix = '{sallyport}';

/** Holds what the store calls itself. Lost with the jobs, it is made anew. */
const nameKey = `${prefix}:store`;

/** Longest pause between two tries to connect. */
const longestPauseMs = 2000;

/**
 * Where Redis or Valkey is. Besides plain addresses:
 * `redis://h1:26379,h2:26379/0?sentinel=NAME` asks Sentinels, `redis://h1,h2?cluster=true` joins a cluster;
 * `rediss://` encrypts.
 */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly sentinel: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  readonly tls: boolean;
}

/** @throws {SettingsError} never with the password in its words */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = /^(rediss?):\/\/(?:([^@/]*)@)?([^/?]+)(?:\/(\d*))?(?:\?(.*))?$/.exec(url);
  if (!parts) throw new SettingsError('QUEUE_URL must look like redis://user:password@host:6379/0.');
  const [, scheme, credentials = '', hosts = '', database = '', query = ''] = parts;
  const options = new URLSearchParams(query);
  const sentinel = options.get('sentinel');
  const cluster = options.get('cluster') === 'true';
  const unknown = [...options.keys()].find((name) => name !== 'sentinel' && name !== 'cluster');
  if (unknown) throw new SettingsError(`QUEUE_URL: "${unknown}" is not supported. Use sentinel=NAME or cluster=true.`);
  if (sentinel !== null && cluster) throw new SettingsError('QUEUE_URL: sentinel and cluster cannot be combined.');
  if (cluster && Number(database || 0) !== 0) throw new SettingsError('QUEUE_URL: a cluster supports only database 0.');
  const colon = credentials.indexOf(':');
  const username = colon < 0 ? '' : credentials.slice(0, colon);
  const password = colon < 0 ? credentials : credentials.slice(colon + 1);
  return {
    kind: cluster ? 'cluster' : sentinel === null ? 'single' : 'sentinel',
    nodes: hosts.split(',').map((node) => parseNode(node, sentinel === null ? 6379 : 26_379)),
    sentinel,
    username: username === '' ? null : decodeURIComponent(username),
    password: password === '' ? null : decodeURIComponent(password),
    database: Number(database || 0),
    tls: scheme === 'rediss',
  };
}

function parseNode(text: string, defaultPort: number): { host: string; port: number } {
  const parts = /^(\[[^\]]+\]|[^:@]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(parts?.[2] ?? defaultPort);
  if (!parts?.[1] || port > 65_535) {
    // Without the text: a password with an unwritten %40 ends up here.
    throw new SettingsError('QUEUE_URL has a host or port that is not valid.');
  }
  return { host: parts[1].replace(/^\[|\]$/g, ''), port };
}

/**
 * ioredis's connector with an edge taken off (read in ioredis 6.0.0). What listens for a failover is left over from the
 * connection before: told of one while the client connects anew, it ends the client for good, and nothing is published or
 * taken any more by a process that looks well.
 */
class SentinelsConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override connect(...args: Parameters<SentinelConnector['connect']>): ReturnType<SentinelConnector['connect']> {
    this['failoverDetector']?.cleanup();
    return super.connect(...args);
  }
}

function connect(address: RedisAddress): Redis | Cluster {
  const { nodes, username, password, tls, sentinel, database } = address;
  const retry = (times: number) => Math.min(times * 100, longestPauseMs);
  const common = {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    // BullMQ's blocking commands wait for as long as it takes.
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    connectTimeout: 5000,
    retryStrategy: retry,
  };
  if (address.kind === 'cluster') {
    return new Cluster([...nodes], {
      redisOptions: common,
      clusterRetryStrategy: retry,
      // By its name, not the address that it resolves to: certificates are made out to names.
      dnsLookup: (host, done) => done(null, host),
    });
  }
  const [node] = nodes;
  if (sentinel !== null) {
    const ofSentinels = {
      ...(password === null ? {} : { sentinelPassword: password }),
      ...(tls ? { sentinelTLS: {} } : {}),
      // A master that hangs closes no connection: the Sentinels say that it is one no more.
      failoverDetector: true,
      Connector: SentinelsConnector,
    };
    return new Redis({ ...common, ...ofSentinels, sentinels: [...nodes], name: sentinel, db: database });
  }
  return new Redis({ ...common, host: node?.host ?? '127.0.0.1', port: node?.port ?? 6379, db: database });
}

/** @throws {SettingsError} where Redis may throw jobs away: at its limit, allkeys-lru evicted 6,972 of 12,000 acknowledged jobs */
async function assertNoEviction(client: Redis | Cluster): Promise<void> {
  // A cluster that has not answered yet has no masters to look at.
  await client.ping();
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  for (const node of nodes) {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await node.info('memory'))?.[1];
    if (policy !== undefined && policy !== 'noeviction') {
      throw new SettingsError(
        `QUEUE_URL: Redis has maxmemory-policy ${policy} and would drop jobs when its memory is full. Run "redis-cli config set maxmemory-policy noeviction" and set it in redis.conf.`,
      );
    }
  }
}

/** What a Redis says that is there and takes nothing, by the first word of it. */
const unwritable: Readonly<Record<string, string>> = {
  OOM: 'Redis is at its memory limit and takes no more jobs. Raise maxmemory, or make room.',
  MISCONF:
    'Redis cannot write to its disk and accepts no more jobs (MISCONF). Free disk space there and check its log.',
  READONLY: 'this Redis is a replica and takes no jobs. QUEUE_URL has to name the master, or the Sentinels.',
  NOREPLICAS: 'Redis has too few replicas and takes no jobs (min-replicas-to-write).',
  LOADING: 'Redis is still reading its files. It takes jobs in a moment.',
  MASTERDOWN: 'this Redis is a replica that has lost its master.',
  CLUSTERDOWN: 'the cluster of Redis is down.',
};

/** @throws {SettingsError} ioredis would go on with database 0, without a word (read in 6.0.0) */
async function assertDatabase(client: Redis | Cluster, { database }: RedisAddress): Promise<void> {
  if (client instanceof Cluster || database === 0) return;
  try {
    await client.select(database);
  } catch (error) {
    if (!/index|NOPERM/i.test((error as Error).message)) throw error;
    throw new SettingsError(
      `QUEUE_URL: Redis has no database ${database} (by default there are 16, from 0 to 15). Name another one, or raise "databases" in redis.conf.`,
    );
  }
}

async function nameOfStore(client: Redis | Cluster): Promise<string> {
  // Refused where Redis takes no writes, also where the name is there already.
  await client.set(nameKey, randomUUID(), 'NX');
  return (await client.get(nameKey)) ?? '';
}

function explain(error: unknown): unknown {
  const { message = '', code = '' } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (/^(NOAUTH|WRONGPASS|ERR AUTH)/.test(message)) {
    return new SettingsError('Redis rejected the login. Check QUEUE_URL.');
  }
  if (message.includes('No such master')) {
    return new SettingsError('QUEUE_URL: the Sentinels do not know a master with this name. Check sentinel=NAME.');
  }
  const full = unwritable[/^[A-Z]+/.exec(message)?.[0] ?? ''];
  if (full !== undefined) return Object.assign(new Error(full, { cause: error }), { saysAll: true });
  if (message.startsWith('NOPERM')) {
    return new SettingsError(
      'Redis does not allow this user to run a command. See the runbook for the permissions that it needs.',
    );
  }
  if (untrustedCertificate.test(code)) {
    return new SettingsError(
      `QUEUE_URL: the certificate of Redis is not trusted (${code}). NODE_EXTRA_CA_CERTS names the file of a CA of your own.`,
    );
  }
  return error;
}

/**
 * BullMQ's backend with two edges taken off (read in BullMQ 6.7.0 and ioredis 6.0.0). After a fault the worker waits until
 * its connection is back, and a cluster in the middle of a failover never settles that promise: the worker would stand
 * still for ever, with a good connection. And when it closes it waits for the end of its connection, which never comes
 * for one that is being made.
 */
export const createRedisQueues: BackendFactory = (...args) => {
  const backend = createRedisBackend(...args);
  const orLater = async (work: Promise<void>) => void (await within(longestPauseMs, work, { ref: false }));
  const reconnect = backend.reconnectBlocking.bind(backend);
  backend.reconnectBlocking = () => orLater(reconnect());
  const disconnect = backend.disconnectBlocking.bind(backend);
  backend.disconnectBlocking = (wait) => orLater(disconnect(wait));
  return backend;
};

async function figuresOf(name: QueueName, queue: LookedAtQueue, looked: number): Promise<QueueFigures> {
  const [counts, head] = await Promise.all([
    queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active'),
    queue.getJobs(['waiting', 'prioritized'], 0, looked - 1, true),
  ]);
  const { waiting = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
  // One that a worker has taken meanwhile may be no more.
  const added = head.flatMap((job?: Job) => (job?.attemptsStarted === 0 ? [job.timestamp] : []));
  const oldestAt = added.length === 0 ? null : Math.min(...added);
  return { queue: name, waiting: waiting + prioritized, delayed, active, oldestAt };
}

/** Queues in Redis or Valkey: for scale. */
export class RedisStore extends JobStore {
  readonly options;
  private readonly address: RedisAddress;
  private readonly shared: Redis | Cluster;
  private readonly refused = Promise.withResolvers<never>();
  /** Why there is no connection. */
  private fault: unknown;

  /** @throws {SettingsError} where the address is wrong */
  constructor(
    url: string,
    private readonly onError: (error: Error) => void,
  ) {
    super();
    this.address = parseRedisUrl(url);
    this.shared = connect(this.address);
    this.options = { connection: this.shared as ConnectionOptions, prefix };
    this.refused.promise.catch(() => undefined);
    const note = (error: Error) => this.note(error);
    this.shared.on('error', note);
    this.shared.on('ready', () => (this.fault = undefined));
    // A cluster tells of its nodes apart, and of itself only that none of them answers.
    if (this.shared instanceof Cluster) this.shared.on('node error', note);
  }

  async assertSafe(): Promise<void> {
    const looked = assertNoEviction(this.shared).then(() => assertDatabase(this.shared, this.address));
    await Promise.race([looked, this.refused.promise]);
  }

  async probe(): Promise<string> {
    try {
      return await inTime('answer', this.look());
    } catch (error) {
      throw this.explain(error);
    }
  }

  async figures(queues: Readonly<Record<QueueName, LookedAtQueue>>, looked: number): Promise<QueueFigures[]> {
    return inTime(
      'answer',
      Promise.all(Object.entries(queues).map(([name, queue]) => figuresOf(name as QueueName, queue, looked))),
    );
  }

  async close(): Promise<void> {
    this.shared.disconnect();
  }

  /** While there is no connection, commands wait for one: what they miss says why. */
  explain(error: unknown): unknown {
    return explain(error instanceof SettingsError ? error : (this.fault ?? error));
  }

  private note(error: Error): void {
    this.fault = error;
    // What the operator has to mend is not worth a wait.
    if (explain(error) instanceof SettingsError) this.refused.reject(error);
    this.onError(error);
  }

  private async look(): Promise<string> {
    await assertDatabase(this.shared, this.address);
    return nameOfStore(this.shared);
  }
}
