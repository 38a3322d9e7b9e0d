import { Injectable } from '@nestjs/common';
import { JobPublisher } from '#messaging';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { publishBatch, publishOutbox } from './publish-outbox.js';

const busyPollMs = 50;
const idlePollMs = 250;

/** Brings jobs from the outbox to their queues. */
@Injectable()
export class PublishLoop extends RepeatedWork {
  constructor(
    private readonly database: Database,
    private readonly publisher: JobPublisher,
    log: Log,
  ) {
    super('publishing', log);
  }

  protected async turn(): Promise<number> {
    const published = await publishOutbox(this.database, this.publisher);
    for (const { id, job, payload } of published) {
      this.log.pino.info({ eventId: id, job, requestId: payload.requestId }, 'published');
    }
    if (published.length === publishBatch) return 0;
    return published.length > 0 ? busyPollMs : idlePollMs;
  }
}
