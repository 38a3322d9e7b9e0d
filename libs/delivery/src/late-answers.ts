import { within } from '#runtime';

/** How long a worker that stops waits for them. With what it has in hand, it has to be out within 30 s. */
const lastWaitMs = 10_000;

/** Answers that providers still owe while their jobs are over: each that is written down spares a repeat. */
export class LateAnswers {
  private readonly awaited = new Set<Promise<void>>();

  /** @param answer never rejects */
  await(answer: Promise<void>): void {
    this.awaited.add(answer);
    void answer.then(() => this.awaited.delete(answer));
  }

  /** Waits for those that come within 10 s. What comes later is forgotten: its attempt counts as unknown by then. */
  async end(): Promise<void> {
    await within(lastWaitMs, Promise.all(this.awaited));
  }
}
