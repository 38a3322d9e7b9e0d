import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { count, Log } from '#runtime';

const everyMs = 60_000;

/** Counts receipts that were refused, and tells the log of them: the first of each provider at once, those that follow once a minute, as a number. */
@Injectable()
export class RefusedReceipts implements BeforeApplicationShutdown {
  private readonly counts = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly log: Log) {}

  /** @param provider one that is configured: who may choose any name could fill the log */
  note(provider: string): void {
    count('sallyport_receipts_refused_total', { provider });
    const before = this.counts.get(provider);
    this.counts.set(provider, (before ?? 0) + 1);
    if (before === undefined) this.tell(provider);
    this.timer ??= setInterval(() => this.tellAll(), everyMs).unref();
  }

  beforeApplicationShutdown(): void {
    this.tellAll();
    clearInterval(this.timer);
  }

  private tellAll(): void {
    for (const [provider, refused] of this.counts) {
      if (refused > 0) this.tell(provider);
      else this.counts.delete(provider);
    }
  }

  private tell(provider: string): void {
    const refused = this.counts.get(provider);
    this.log.pino.warn({ provider, refused }, 'receipts were refused: their signature is missing, wrong or too old');
    this.counts.set(provider, 0);
  }
}
