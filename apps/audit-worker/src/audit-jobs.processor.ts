import { Processor } from '@nestjs/bullmq';
import { JobProcessor } from '#messaging';
import { Log } from '#runtime';
import { Pushing } from './collectors/pushing.js';
import { SealLoop } from './seal-loop.js';

/** Is told of events that wait for their seal, and of sealed ones that wait for collectors. */
@Processor('audit', { concurrency: 1 })
export class AuditJobs extends JobProcessor<'audit'> {
  protected readonly queue = 'audit';
  protected readonly handlers = {
    'seal-events': async () => this.sealing.wake(),
    'push-events': async () => this.pushing.wake(),
  };

  constructor(
    private readonly sealing: SealLoop,
    private readonly pushing: Pushing,
    log: Log,
  ) {
    super(log);
  }
}
