import { late, within, type Logger, type RunningApp } from '#runtime';

interface Step {
  readonly name: string;
  /** Longest wait for its end: together less than 30 s, and the database last. */
  readonly ms: number;
  stop(): Promise<void>;
}

/** What a start has begun, to be stopped in the opposite order. */
export class Steps {
  private readonly taken: Step[] = [];
  private stopping: Promise<void> | undefined;

  /** @param signal ends a start that is under way: no further step is taken */
  constructor(
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param name as in "did not stop in time"
   * @param ms longest wait for its end
   * @throws what `open` throws, and the signal's reason
   */
  async take<T>(name: string, ms: number, open: () => T | Promise<T>, stop: (opened: T) => Promise<void>): Promise<T> {
    this.assertWanted();
    const opened = await open();
    this.taken.push({ name, ms, stop: () => stop(opened) });
    return opened;
  }

  get ending(): boolean {
    return this.stopping !== undefined;
  }

  assertWanted(): void {
    this.signal.throwIfAborted();
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const { name, ms, stop } of this.taken.toReversed()) {
      try {
        if ((await within(ms, stop())) === late) this.logger.warn({ step: name, ms }, 'did not stop in time');
      } catch (error) {
        this.logger.warn({ step: name, err: error }, 'failed while stopping');
      }
    }
  }
}

/** What every part of a start is given. */
export interface Start {
  readonly steps: Steps;
  /** A log for each app. */
  readonly logger: (app: string) => Logger;
  /** Told what takes long. */
  readonly say: (line: string) => void;
  readonly traces: RunningApp;
}
