import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { newId } from '#contracts';
import { Database } from '#persistence';
import { Log } from '#runtime';
import { RepeatedWork } from '#process';
import { countSealed } from './count-sealed.js';
import { sealEvents } from './seal-events.js';
import { tellSealing } from './tell-sealing.js';

/** Woken at every event, it still waits this long between two batches: one is cheaper than many. */
const gatherMs = 20;

/** How often it looks by itself, in ms, so that a queue that is away or has lost a call delays seals and stops none. */
export class LookEvery {
  constructor(readonly ms: number) {}
}

/** Seals events, and has the logs tell when it begins and ends. A job tells when there are some. */
@Injectable()
export class SealLoop extends RepeatedWork {
  private readonly workerId = newId('auditWorker');
  private begun = false;

  constructor(
    private readonly database: Database,
    private readonly look: LookEvery,
    log: Log,
  ) {
    super('sealing', log);
  }

  /** Seals what there is, once the turns have ended. */
  async finish(late: AbortSignal): Promise<void> {
    await this.stop();
    if (this.begun) await tellSealing(this.database, 'stopped', this.workerId);
    while ((await this.seal()) && !late.aborted);
  }

  protected async turn(): Promise<number> {
    if (!this.begun) {
      await tellSealing(this.database, 'started', this.workerId);
      this.begun = true;
    }
    if (await this.seal()) return 0;
    await sleep(gatherMs);
    return this.look.ms;
  }

  /** @returns whether there may be more */
  private async seal(): Promise<boolean> {
    const { sealed, more, requestIds, events, setAside } = await sealEvents(this.database);
    countSealed(events);
    if (sealed > 0) this.log.pino.info({ sealed, requestIds }, 'events sealed');
    for (const event of setAside) this.log.pino.error(event, 'an event could not be encoded and was set aside');
    return more;
  }
}
