import { createHash, randomBytes } from 'node:crypto';
import type { Action } from './actions.js';
import type { EnrolledDevice, OpenedChallenge } from './answers.js';
import type { Person } from './people.js';

/** A second factor that is asked for at this moment. The browser knows none of it but the page. */
export interface Check {
  /** Stands in its page: a code that was meant for one check never approves another that took its place meanwhile. */
  readonly id: string;
  /** Checks of the same that it took the place of: their pages may still be open in other tabs. */
  readonly before: readonly string[];
  readonly challenge: OpenedChallenge;
  /** What happens once it is approved. */
  readonly action: Action | { readonly kind: 'sign-in' };
  /** Codes that were sent, by device; `resendAt` in ms of `Date.now()`. */
  readonly sent: Map<string, { readonly resendAt: number }>;
  /** Whether its attempts are used up. Another challenge takes its place at the person's next step. */
  readonly over: boolean;
}

/** A device that is being added, with its secret and recovery codes, which Sallyport showed once. */
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

/** What opened a front door. */
export interface Admission {
  /** Id of the device; null where none did, or where it is not known: a trusted browser, a recovery code. */
  readonly deviceId: string | null;
  /** Id of the challenge that was approved; null where none was asked for. */
  readonly challengeId: string | null;
}

/** A login from the right password on, until its front door is open. */
export interface Login {
  readonly application: string;
  /** Where one goes on once a first device is verified, where the company requires one. */
  readonly enroll: OpenedChallenge | null;
}

/** One browser of one person, from the right password on. */
export interface Session {
  readonly person: Person;
  /** Front doors that are open to it, by application. */
  readonly admissions: Readonly<Record<string, Admission>>;
  readonly login: Login | null;
  /** Where the newest login leads: a path of this panel. */
  readonly next: string;
  readonly check: Check | null;
  readonly enrolment: Enrolment | null;
  /** New recovery codes, until they are saved. */
  readonly recoveryCodes: readonly string[] | null;
  readonly notice: Notice | null;
}

/** Whether a front door is open: this one, or any. */
export function isIn({ admissions }: Session, application?: string): boolean {
  return application === undefined ? Object.keys(admissions).length > 0 : Object.hasOwn(admissions, application);
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
/** An answer that brings a new token may be lost, or overtaken by a second press of the button. */
const successionMs = 10_000;
const capacity = 10_000;

/** Sessions by a random token that only the browser has: here is its hash. They live in memory and end with the process. */
export class Sessions {
  private readonly byHash = new Map<string, Kept>();
  /** By the hash of a token, the one that took its place. */
  private readonly successors = new Map<string, { readonly token: string; readonly until: number }>();

  /**
   * Begins a session under a new token, and ends the one before in the same browser.
   * @param before token of the one before. Where its person goes on in the new one, that ends no later than it would have
   * @returns the token for the cookie
   */
  open(session: Session, before?: string): string {
    for (const [hash, { endsAt, idleAt }] of this.byHash) {
      if (this.byHash.size < capacity && Date.now() < Math.min(endsAt, idleAt)) break;
      this.byHash.delete(hash);
    }
    const token = randomBytes(32).toString('base64url');
    const old = before === undefined ? undefined : this.byHash.get(hashOf(before));
    const goesOn = old && isIn(old.session) && isIn(session) && isSame(old.session.person, session.person);
    const endsAt = goesOn ? old.endsAt : Date.now() + (isIn(session) ? signedInMs : openingMs);
    this.byHash.set(hashOf(token), { session, endsAt, idleAt: Date.now() + idleMs });
    if (before !== undefined) this.end(before);
    return token;
  }

  /** `open`, where for some seconds the token before still leads to the new session. */
  succeed(session: Session, before: string): string {
    for (const [hash, { until }] of this.successors) {
      if (Date.now() < until) break;
      this.successors.delete(hash);
    }
    const token = this.open(session, before);
    this.successors.set(hashOf(before), { token, until: Date.now() + successionMs });
    return token;
  }

  /** The token that took the place of this one a moment ago; the token itself where none did. */
  newest(token: string): string {
    const next = this.successors.get(hashOf(token));
    return next && Date.now() < next.until ? this.newest(next.token) : token;
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

  /** Changes what is given. A session that has ended stays ended. */
  change(token: string, change: Partial<Session>): void {
    const kept = this.byHash.get(hashOf(token));
    if (kept) kept.session = { ...kept.session, ...change };
  }

  end(token: string): void {
    this.byHash.delete(hashOf(token));
  }

  /**
   * Ends the sessions of a person, and logins under way, since what let them in no longer counts.
   * @param options `but`: token of a session that goes on; `admittedBy`: id of a device; then only front doors that it may
   *   have opened are closed, and logins under way go on: Sallyport no longer accepts that device in them
   */
  endAll(
    person: Pick<Person, 'accountId' | 'id'>,
    options: { readonly but?: string | undefined; readonly admittedBy?: string | undefined } = {},
  ): void {
    const but = options.but === undefined ? undefined : hashOf(options.but);
    const { admittedBy: device } = options;
    for (const [hash, kept] of this.byHash) {
      if (hash === but || !isSame(kept.session.person, person)) continue;
      if (device === undefined) this.byHash.delete(hash);
      else this.close(hash, kept, ({ deviceId }) => deviceId === null || deviceId === device);
    }
  }

  /** Closes a front door of one session, since what opened it no longer counts. */
  closeDoor(token: string, application: string): void {
    const hash = hashOf(token);
    const kept = this.byHash.get(hash);
    if (kept) this.close(hash, kept, (_, name) => name === application);
  }

  private close(hash: string, kept: Kept, which: (admission: Admission, application: string) => boolean): void {
    const { session } = kept;
    if (!isIn(session)) return;
    const left = Object.entries(session.admissions).filter(([name, admission]) => !which(admission, name));
    if (left.length === 0 && session.login === null) this.byHash.delete(hash);
    else kept.session = { ...session, admissions: Object.fromEntries(left) };
  }
}

export const isSame = (one: Pick<Person, 'accountId' | 'id'>, other: Pick<Person, 'accountId' | 'id'>) =>
  one.accountId === other.accountId && one.id === other.id;

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
