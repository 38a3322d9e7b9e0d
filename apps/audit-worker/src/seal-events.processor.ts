import { Processor } from '@nestjs/bullmq';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';
import { SealLoop } from './seal-loop.js';

/** Is told of events that wait for their seal. */
@Processor('audit', { concurrency: 1 })
export class SealEvents extends JobProcessor<'audit'> {
  protected readonly queue = 'audit';
  protected readonly handlers = { 'seal-events': async () => this.sealing.wake() };

  constructor(
    private readonly sealing: SealLoop,
    log: Log,
  ) {
    super(log);
  }
}
