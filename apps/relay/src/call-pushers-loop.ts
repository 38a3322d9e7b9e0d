import { Injectable } from '@nestjs/common';
import { JobPublisher } from '#messaging';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { sealedUpTo } from './sealed-up-to.sql.js';

const pollMs = 250;

/** Calls an audit worker when the log has grown and there are collectors: they look by themselves, too, but not as often. */
@Injectable()
export class CallPushersLoop extends RepeatedWork {
  /** What had been sealed at the last call. */
  private called: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly publisher: JobPublisher,
    log: Log,
  ) {
    super('calling for collectors', log);
  }

  protected async turn(): Promise<number> {
    const found = await this.database.one(sealedUpTo);
    if (found && found.tx !== this.called) {
      await this.publisher.publish([{ job: 'push-events', id: 'push-events', payload: {} }]);
      this.called = found.tx;
    }
    return pollMs;
  }
}
