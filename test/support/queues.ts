import 'reflect-metadata';
import { Processor } from '@nestjs/bullmq';
import type { DynamicModule, INestApplicationContext, Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { QueueName } from '#contracts';
import {
  JobProcessor,
  JobPublisher,
  MessagingModule,
  openJobStore,
  PublishingModule,
  type Handlers,
  type JobStore,
  type Publication,
} from '#messaging';
import { Log, type Logger } from '#runtime';
import { CoreModule } from '#process';

/** Work being taken from a queue. */
export interface Consumer {
  close(): Promise<void>;
}

/** The queues at an address as the processes have them: what the relay publishes by, and processors of a test's own. */
export class Queues {
  private readonly consumers = new Set<Consumer>();

  constructor(
    readonly store: JobStore,
    private readonly context: INestApplicationContext,
    private readonly publisher: JobPublisher,
  ) {}

  publish(list: readonly Publication[]): Promise<void> {
    return this.publisher.publish(list);
  }

  faultOf(...about: Parameters<JobPublisher['faultOf']>): Promise<string | undefined> {
    return this.publisher.faultOf(...about);
  }

  waiting(...about: Parameters<JobPublisher['waiting']>): Promise<ReadonlySet<string>> {
    return this.publisher.waiting(...about);
  }

  remove(...about: Parameters<JobPublisher['remove']>): Promise<void> {
    return this.publisher.remove(...about);
  }

  probe(): Promise<string> {
    return this.store.probe();
  }

  /** Begins to take jobs from a queue. While the queue is away it keeps trying. */
  consume<Q extends QueueName>(
    queue: Q,
    handlers: Handlers<Q>,
    options: { readonly concurrency: number; readonly logger: Logger },
  ): Consumer {
    const module = { module: class Consuming {}, providers: [processorOf(queue, handlers, options.concurrency)] };
    const started = start(this.store, options.logger, module);
    const consumer = {
      close: async () => {
        this.consumers.delete(consumer);
        await (await started).close();
      },
    };
    this.consumers.add(consumer);
    return consumer;
  }

  /** Closes what still consumes, then the queues and their connections. */
  async close(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.close()));
    await this.context.close();
    await this.store.close();
  }
}

/** Opens the queues at an address, as a process does. */
export async function openQueues(url: string, logger: Logger): Promise<Queues> {
  const store = await openJobStore(url, logger);
  try {
    const context = await start(store, logger, { module: PublishingModule });
    return new Queues(store, context, context.get(JobPublisher, { strict: false }));
  } catch (error) {
    await store.close();
    throw error;
  }
}

function start(store: JobStore, logger: Logger, own: DynamicModule): Promise<INestApplicationContext> {
  const core = CoreModule.with({ database: null as never, readiness: null as never, logger });
  const root = { module: class Root {}, imports: [core, MessagingModule.on(store), own] };
  return NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
}

function processorOf<Q extends QueueName>(queue: Q, handlers: Handlers<Q>, concurrency: number): Provider {
  @Processor(queue, { concurrency })
  class Consume extends JobProcessor<Q> {
    protected readonly queue = queue;
    protected readonly handlers = handlers;
  }
  return { provide: Consume, useFactory: (log: Log) => new Consume(log), inject: [Log] };
}
