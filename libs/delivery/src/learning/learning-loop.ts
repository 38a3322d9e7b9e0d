import { Injectable } from '@nestjs/common';
import { RepeatedWork } from '#process';
import { Log } from '#runtime';
import { RouteLearning } from './learn-routes.js';

/** What is learned comes from codes that are two minutes old. */
const everyMs = 10_000;

/** Learns the order of routes, and follows it. */
@Injectable()
export class LearningLoop extends RepeatedWork {
  constructor(
    private readonly learning: RouteLearning,
    log: Log,
  ) {
    super('learning the order of routes', log);
  }

  protected async turn(): Promise<number> {
    const { changes, behind } = await this.learning.learn();
    for (const change of changes) this.log.pino.warn(change, 'routes were reordered');
    await this.learning.follow();
    return behind ? 0 : everyMs;
  }
}
