import { createHash, randomBytes } from 'node:crypto';
import type { Action } from './actions.js';
import type { EnrolledDevice, OpenedChallenge } from './answers.js';
import type { Person } from './people.js';

/** A second factor that is asked for at this moment. The browser knows none of it but the page. */
export interface Check {
  /** Stands in its page: a code that was meant for one check never approves another that took its place meanwhile. */
  readonly id: string;
  readonly challenge: OpenedChallenge;
  /** What happens once it is approved. */
  readonly action: Action | { readonly kind: 'sign-in' };
  /** Codes that were sent, by device; `resendAt` in ms of `Date.now()`. */
  readonly sent: Map<string, { readonly resendAt: number }>;
}

/** A device that is being added: what its answer showed once, until it is verified. */
export interface Enrolment {
  readonly device: EnrolledDevice;
  /** ms of `Date.now()` */
  readonly resendAt: number;
  /** Whether its recovery codes are saved, where they have to be before it counts. */
  readonly saved: boolean;
  /** Id of the device that goes when this one is verified. */
  readonly replaces: string | null;
}

/** Shown on the next page, once. */
export interface Notice {
  readonly kind: 'done' | 'refused';
  readonly text: string;
  /** The form that was refused: shown again as it was filled in, the words beside the field where one is to blame. */
  readonly form?: { readonly values: Readonly<Record<string, string>>; readonly field: string | undefined };
}

/** One browser of one person, from the right password on. */
export interface Session {
  readonly person: Person;
  /** Front door by which it came. */
  readonly application: string;
  /** Whether the second door is open, too. */
  readonly signedIn: boolean;
  /** Id of the device that opened it; null where none did, or where it is not known: a trusted browser, a recovery code. */
  readonly admittedBy: string | null;
  /** Where to go then: a path of this panel. */
  readonly next: string;
  readonly check: Check | null;
  /** A login that goes on once a first device is verified. */
  readonly enroll: OpenedChallenge | null;
  readonly enrolment: Enrolment | null;
  /** New recovery codes, until they are saved. */
  readonly recoveryCodes: readonly string[] | null;
  readonly notice: Notice | null;
}

interface Kept {
  session: Session;
  readonly endsAt: number;
  idleAt: number;
}

const minute = 60_000;
/** Between password and second step. A challenge lives no longer. */
const openingMs = 15 * minute;
const signedInMs = 12 * 60 * minute;
const idleMs = 60 * minute;
const capacity = 10_000;

/** Sessions by a random token that only the browser has: here is its hash. They live in memory and end with the process. */
export class Sessions {
  private readonly byHash = new Map<string, Kept>();

  /** @returns the token for the cookie */
  open(session: Session): string {
    for (const [hash, { endsAt, idleAt }] of this.byHash) {
      if (this.byHash.size < capacity && Date.now() < Math.min(endsAt, idleAt)) break;
      this.byHash.delete(hash);
    }
    const token = randomBytes(32).toString('base64url');
    const endsAt = Date.now() + (session.signedIn ? signedInMs : openingMs);
    this.byHash.set(hashOf(token), { session, endsAt, idleAt: Date.now() + idleMs });
    return token;
  }

  find(token: string): Session | undefined {
    const kept = this.byHash.get(hashOf(token));
    if (!kept) return undefined;
    if (Date.now() >= Math.min(kept.endsAt, kept.idleAt)) {
      this.end(token);
      return undefined;
    }
    kept.idleAt = Date.now() + idleMs;
    return kept.session;
  }

  /** What is left out stays. An ended session stays ended. */
  change(token: string, change: Partial<Session>): void {
    const kept = this.byHash.get(hashOf(token));
    if (kept) kept.session = { ...kept.session, ...change };
  }

  end(token: string): void {
    this.byHash.delete(hashOf(token));
  }

  /**
   * Ends the sessions of a person, and logins under way: what let them in counts no more.
   * @param options `but`: token of one that goes on; `admittedBy`: those only that no other device has let in. A login
   *   under way is told by Sallyport then, which knows that device no more
   */
  endAll(
    { accountId, id }: Pick<Person, 'accountId' | 'id'>,
    options: { readonly but?: string | undefined; readonly admittedBy?: string | undefined } = {},
  ): void {
    const kept = options.but === undefined ? undefined : hashOf(options.but);
    const { admittedBy: device } = options;
    for (const [hash, { session }] of this.byHash) {
      const { person, signedIn, admittedBy } = session;
      if (hash === kept || person.accountId !== accountId || person.id !== id) continue;
      if (device === undefined || (signedIn && (admittedBy === null || admittedBy === device)))
        this.byHash.delete(hash);
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
