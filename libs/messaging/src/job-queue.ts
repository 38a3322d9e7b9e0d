import { Queue, type BackendFactory, type QueueBaseOptions, type RedisQueueBackend } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { atMost } from './patience.js';
import { createPostgresQueues } from './postgres-store.js';
import { QueueTurns } from './queue-turns.js';
import { createRedisQueues } from './redis-store.js';

/**
 * BullMQ's queue, on the store that its connection leads to: `@nestjs/bullmq` 12.0 hands a class its options and no backend
 * (nestjs/bull#2903).
 */
export class JobQueue extends Queue {
  readonly turns = new QueueTurns(this);

  constructor(name: string, options: QueueBaseOptions) {
    super(name, options, backendOf(options));
  }

  /** Waits no longer than 5 s for a store that is away. */
  override async close(): Promise<void> {
    await atMost(super.close());
  }
}

/** How BullMQ reaches the store of a connection. Its types name Redis where any will do. */
export function backendOf({ connection }: QueueBaseOptions): BackendFactory<RedisQueueBackend> {
  const isRedis = connection instanceof Redis || connection instanceof Cluster;
  return (isRedis ? createRedisQueues : createPostgresQueues) as BackendFactory<RedisQueueBackend>;
}
