import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { SealLoop } from './seal-loop.js';
import { CheckpointSigner } from './sign-checkpoints.js';
import { Cosigning } from './witnesses/cosigning.js';

/** Pause between two looks for logs that are due for a checkpoint. */
const pollMs = 1000;

/** A process that drains has 30 s for everything; what it does not seal, the next one will. */
const lastSealingMs = 10_000;

/** Pause between two tries of a worker that ends, in ms. */
const lockPauseMs = 50;

/** Signs checkpoints: beside the sealing, not in turn with it, since to read a long log anew may take minutes. */
@Injectable()
export class SignLoop extends RepeatedWork {
  private readonly ending = new AbortController();

  constructor(
    private readonly signer: CheckpointSigner,
    private readonly sealing: SealLoop,
    private readonly cosigning: Cosigning,
    log: Log,
  ) {
    super('signing', log);
  }

  override onModuleDestroy(): void {
    this.ending.abort();
    super.onModuleDestroy();
  }

  override async beforeApplicationShutdown(): Promise<void> {
    await super.beforeApplicationShutdown();
    try {
      const late = AbortSignal.timeout(lastSealingMs);
      await this.sealing.finish(late);
      await this.signer.sign(true, late);
      // Another worker that ends at the same time may hold the lock of signing.
      while (this.signer.lateMs > 0 && !late.aborted) {
        await sleep(lockPauseMs);
        await this.signer.sign(true, late);
      }
    } catch (error) {
      // Nothing is lost: the next worker goes on where this one ends.
      this.log.pino.warn({ err: error }, 'the last checkpoint could not be signed');
    }
  }

  protected async turn(): Promise<number> {
    try {
      if ((await this.signer.sign(false, this.ending.signal)) > 0) this.cosigning.wake();
    } catch (error) {
      if (!this.ending.signal.aborted) throw error;
    }
    return pollMs;
  }
}
