import { Injectable } from '@nestjs/common';
import { JobPublisher } from '#messaging';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { publishBatch, publishOutbox } from './publish-outbox.js';

/** Pause after a turn that published: what is accepted meanwhile goes together. */
const shortestPauseMs = 4;
/** Each turn in vain makes it longer, by half: a message that comes alone waits for half of that as a rule. */
const longestPauseMs = 25;

/** Brings jobs from the outbox to their queues. */
@Injectable()
export class PublishLoop extends RepeatedWork {
  private pauseMs = longestPauseMs;

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
    this.pauseMs = published.length > 0 ? shortestPauseMs : Math.min(this.pauseMs * 1.5, longestPauseMs);
    // Where many lines have little and one has much, a batch is not full though there is more.
    return published.length * 2 >= publishBatch ? 0 : this.pauseMs;
  }
}
