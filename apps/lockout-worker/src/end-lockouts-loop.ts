import { Injectable } from '@nestjs/common';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { endLockouts } from './end-lockouts.js';
import { batchSize } from './end-lockouts.sql.js';

/** Pause between two looks for lockouts whose time is over. */
const pollMs = 1000;

/** Ends lockouts whose time is over. */
@Injectable()
export class EndLockoutsLoop extends RepeatedWork {
  constructor(
    private readonly database: Database,
    log: Log,
  ) {
    super('ending lockouts', log);
  }

  protected async turn(): Promise<number> {
    const ended = await endLockouts(this.database);
    return ended === batchSize ? 0 : pollMs;
  }
}
