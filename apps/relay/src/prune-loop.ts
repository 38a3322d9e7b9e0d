import { Injectable } from '@nestjs/common';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { pruneLogs } from './prune-logs.js';

/** Something is due once a day. */
const lookEveryMs = 600_000;

/** Prunes the logs of tenants that do not keep their events for ever: a batch of each in turn while there is more. */
@Injectable()
export class PruneLoop extends RepeatedWork {
  private told = '';

  constructor(
    private readonly database: Database,
    log: Log,
  ) {
    super('pruning', log);
  }

  protected async turn(): Promise<number> {
    const { pruned, unwitnessed, failed } = await pruneLogs(this.database);
    for (const each of pruned) this.log.pino.info(each, 'events were pruned from the audit log');
    for (const { tenantId, error } of failed) {
      this.log.pino.error({ tenantId, err: error }, 'an audit log could not be pruned and will be tried again');
    }
    // Once for each set of them.
    if (unwitnessed.length > 0 && unwitnessed.join() !== this.told) {
      this.log.pino.warn(
        { tenantIds: unwitnessed },
        'events are kept longer than the policy says: no witness has signed these audit logs (AUDIT_WITNESSES)',
      );
    }
    this.told = unwitnessed.join();
    return pruned.length > 0 ? 0 : lookEveryMs;
  }
}
