import { SallyportError, type Sallyport } from '#client';
import { unnoted } from './sallyport.js';
import type { Admission } from './sessions.js';

/** ms that a page waits for the answer. */
const patienceMs = 2000;
/** ms without asking, once there was no answer: or every page would wait for it. */
const pauseMs = 5000;

/**
 * Whether what opened a front door still counts. It does not once its device was removed, replaced, disabled or reset, or got
 * another number, by whatever program. Asked at each use, since the panel does not hear of it.
 */
export class Standing {
  private silentUntil = 0;

  constructor(private readonly people: Sallyport) {}

  /** While Sallyport does not answer, sessions go on: its absence must not stop anybody's work. */
  async holds({ challengeId }: Admission): Promise<boolean> {
    if (challengeId === null || Date.now() < this.silentUntil) return true;
    const params = { path: { challengeId } };
    const signal = AbortSignal.timeout(patienceMs);
    try {
      const { inForce } = await unnoted(() => this.people.get('/v1/challenges/{challengeId}', { params, signal }));
      return inForce;
    } catch (error) {
      if (error instanceof SallyportError && error.code === 'not_found') return false;
      this.silentUntil = Date.now() + pauseMs;
      return true;
    }
  }
}
