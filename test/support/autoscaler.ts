import { setTimeout as sleep } from 'node:timers/promises';
import { seriesIn } from './metrics.js';

/** One thing that the autoscaler saw or did, in its order. */
export interface Step {
  readonly seconds: number;
  readonly workers: number;
  readonly started: boolean;
}

export interface AutoscalerOptions {
  /** `/metrics` of a relay. */
  readonly metricsUrl: string;
  readonly queue: string;
  /** Age of the oldest job above which one worker more is started. */
  readonly aboveSeconds: number;
  readonly most: number;
  /** Starts one more; settles once it works. */
  start(): Promise<unknown>;
}

/**
 * What KEDA does with the example in docs/monitoring, as far as it matters here: it looks at the age of the oldest job, and
 * where that is too high it adds a worker and waits for it. It knows nothing but the metric.
 */
export class Autoscaler {
  readonly steps: Step[] = [];
  private workers = 1;
  private ended = false;
  private running: Promise<void> | undefined;

  constructor(private readonly options: AutoscalerOptions) {}

  begin(): void {
    this.running = this.run();
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.running;
  }

  /** @returns the last age that it saw */
  get age(): number {
    return this.steps.at(-1)?.seconds ?? 0;
  }

  private async run(): Promise<void> {
    const { aboveSeconds, most, start } = this.options;
    while (!this.ended) {
      const seconds = await this.look();
      if (seconds === undefined) {
        await sleep(250);
        continue;
      }
      const started = seconds > aboveSeconds && this.workers < most;
      this.steps.push({ seconds, workers: this.workers, started });
      if (started) {
        await start();
        this.workers += 1;
      }
      await sleep(250);
    }
  }

  /** @returns undefined where the relay has not found it out: nothing is done then */
  private async look(): Promise<number | undefined> {
    const { metricsUrl, queue } = this.options;
    const series = seriesIn(await (await fetch(metricsUrl)).text());
    return series.find((each) => each.name === 'sallyport_queue_oldest_job_seconds' && each.labels['queue'] === queue)
      ?.value;
  }
}
