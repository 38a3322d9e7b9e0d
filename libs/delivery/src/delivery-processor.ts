import { Injectable } from '@nestjs/common';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';
import { Deliverer } from './deliverer.js';

/**
 * Delivers what stands in the queue of one kind of message. When the process ends, it waits for answers that providers still
 * owe, and then lets go of its channel.
 */
@Injectable()
export abstract class DeliveryProcessor<Q extends 'sms' | 'email'> extends JobProcessor<Q> {
  protected readonly deliver = (job: { readonly deliveryId: string }) => this.deliverer.deliver(job.deliveryId);

  constructor(
    private readonly deliverer: Deliverer,
    log: Log,
  ) {
    super(log);
  }

  override async beforeApplicationShutdown(): Promise<void> {
    await super.beforeApplicationShutdown();
    await this.deliverer.end();
  }
}
