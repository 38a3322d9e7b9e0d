import type { Policy, Problem } from '#contracts';
import { refusal } from '../http/refusal.js';
import { refuseLocked } from './refuse-code.js';

/** Until when a challenge can be answered, as its row says. */
export interface ChallengeState {
  readonly challengeStatus: string | null;
  readonly challengeExpiresAt: Date;
  /** The database's time. */
  readonly now: Date;
}

/** Whether a challenge's time is over, also where its row does not say so yet. */
export function isExpired({ challengeStatus, challengeExpiresAt, now }: ChallengeState): boolean {
  return challengeStatus === 'expired' || (challengeStatus === 'pending' && challengeExpiresAt <= now);
}

/** The refusal of a challenge that can no longer be answered. */
export function refuseEnded(policy: Policy, state: ChallengeState): Problem {
  return refusal(policy, isExpired(state) ? 'challenge_expired' : 'challenge_not_pending');
}

/** @throws {Problem} `challenge_expired`, `challenge_not_pending` */
export function assertPending(policy: Policy, state: ChallengeState): void {
  if (isExpired(state) || state.challengeStatus !== 'pending') throw refuseEnded(policy, state);
}

/**
 * Refuses while a lock lasts: right and wrong codes alike.
 * @throws {Problem} `locked`
 */
export function assertUnlocked(
  policy: Policy,
  { lockedUntil, now }: { readonly lockedUntil: Date | null; readonly now: Date },
): void {
  if (lockedUntil !== null && now < lockedUntil) throw refuseLocked(policy, lockedUntil, now);
}
