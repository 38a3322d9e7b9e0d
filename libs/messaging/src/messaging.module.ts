import { BullModule, BullRegistrar } from '@nestjs/bullmq';
import { Injectable, Module, type DynamicModule, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import type { Worker } from 'bullmq';
import { queueNames } from '#contracts';
import { JobPublisher } from './job-publisher.js';
import { JobQueue } from './job-queue.js';
import { JobStore } from './job-store.js';
import { JobWorker } from './job-worker.js';

BullModule.queueClass = JobQueue;
BullModule.workerClass = JobWorker as unknown as Type<Worker>;

/** Has the processors begin once everything is in place, not while the rest is still being opened. */
@Injectable()
class BeginWork implements OnApplicationBootstrap {
  constructor(private readonly registrar: BullRegistrar) {}

  onApplicationBootstrap(): void {
    this.registrar.register();
  }
}

/** Queues for the processors of a process. What publishes imports `PublishingModule` besides. */
@Module({})
export class MessagingModule {
  /** @param store stays with the caller, who closes it when the application has closed */
  static on(store: JobStore): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      imports: [
        BullModule.forRoot({ ...store.options, extraOptions: { manualRegistration: true } }),
        BullModule.registerQueue(),
      ],
      providers: [{ provide: JobStore, useValue: store }, BeginWork],
      exports: [JobStore],
    };
  }
}

/** The queues to put jobs into. A process that only takes jobs opens none of them. */
@Module({
  imports: [BullModule.registerQueue(...queueNames.map((name) => ({ name })))],
  providers: [JobPublisher],
  exports: [JobPublisher],
})
export class PublishingModule {}
