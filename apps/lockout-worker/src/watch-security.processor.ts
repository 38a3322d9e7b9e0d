import { Processor } from '@nestjs/bullmq';
import type { JobPayload } from '#contracts';
import { JobProcessor } from '#messaging';
import { Database, Sealer } from '#persistence';
import { Log } from '#runtime';
import { announceLockout } from './announce-lockout.js';
import { examineRejection } from './examine-rejection.js';
import { notifyOwner } from './notify-owner.js';
import { tellOfWebhook } from './tell-of-webhook.js';

/** Jobs at the same time. They are short, and nobody waits for them. */
const concurrency = 4;

/** Looks at wrong codes and lockouts: warns of patterns, tells owners what changed, and whoever looks after a webhook that it is disabled. */
@Processor('security', { concurrency })
export class WatchSecurity extends JobProcessor<'security'> {
  protected readonly queue = 'security';
  protected readonly handlers = {
    'examine-rejection': (job: JobPayload<'examine-rejection'>) => examineRejection(this.parts, job),
    'announce-lockout': (job: JobPayload<'announce-lockout'>) => announceLockout(this.parts, job),
    'tell-of-webhook': (job: JobPayload<'tell-of-webhook'>) => tellOfWebhook(this.parts, job),
    'notify-owner': (job: JobPayload<'notify-owner'>) => notifyOwner(this.parts, job),
  };
  private readonly parts;

  constructor(database: Database, sealer: Sealer, log: Log) {
    super(log);
    this.parts = { database, sealer, logger: log.pino };
  }
}
