import { Injectable } from '@nestjs/common';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { purgeExpired } from './purge-expired.js';

/** What it removes does no harm until then. */
const purgeEveryMs = 60_000;

/** Removes what nobody needs any more: as fast as it can while there is more, however fast others write. */
@Injectable()
export class PurgeLoop extends RepeatedWork {
  constructor(
    private readonly database: Database,
    log: Log,
  ) {
    super('purging', log);
  }

  protected async turn(): Promise<number> {
    const { more } = await purgeExpired(this.database);
    return more ? 0 : purgeEveryMs;
  }
}
