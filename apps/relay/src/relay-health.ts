import { Injectable } from '@nestjs/common';
import { unpublishedAge, type Database } from '#persistence';
import { Readiness, type AppHealth } from '#process';
import { setAsideJobs } from './reconcile.js';

/** A job is normally published within a second. One that waits longer than this, in seconds, is a fault. */
const longestUnpublishedSeconds = 60;

/** Whether jobs get to the queue, and how many wait for an operator. */
@Injectable()
export class RelayHealth {
  constructor(readiness: Readiness) {
    readiness.watch((looks) => this.look(looks));
  }

  async look(database: Database): Promise<AppHealth> {
    const [jobs, seconds] = await Promise.all([setAsideJobs(database), unpublishedAge(database)]);
    const publishes = seconds <= longestUnpublishedSeconds;
    return {
      checks: { publishing: publishes },
      reasons: publishes ? [] : [`the oldest job has been waiting for the queue for ${Math.round(seconds)} s`],
      setAside: { jobs },
    };
  }
}
