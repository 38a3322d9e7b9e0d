import { Injectable } from '@nestjs/common';
import { JobPublisher } from '#messaging';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { anyUnsealed } from './any-unsealed.sql.js';

const pollMs = 250;

/**
 * Calls an audit worker where events stand above what is sealed. Not each event has a job of its own: one call is enough for
 * all that wait, and while it waits itself the queue ignores a second one.
 */
@Injectable()
export class CallSealerLoop extends RepeatedWork {
  constructor(
    private readonly database: Database,
    private readonly publisher: JobPublisher,
    log: Log,
  ) {
    super('calling for seals', log);
  }

  protected async turn(): Promise<number> {
    const found = await this.database.one(anyUnsealed);
    if (found?.waiting) {
      await this.publisher.publish([{ job: 'seal-events', id: 'seal-events', payload: {} }]);
    }
    return pollMs;
  }
}
