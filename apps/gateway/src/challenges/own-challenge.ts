import { Problem } from '#contracts';
import { isOwn, type Caller } from '../http/caller.js';
import { assertClock, effectivePolicy, type PolicyInForce } from '../rows/user-row.js';
import { assertPending, type ChallengeState } from '../verification/assert-open.js';

/**
 * The challenge that a call names, where it is the caller's to see.
 * @throws {Problem} `not_found`
 */
export function ownChallenge<Row extends { readonly application: string | null }>(
  caller: Pick<Caller, 'application'>,
  row: Row | undefined,
): Row {
  if (!row || !isOwn(caller, row.application)) throw noSuchChallenge();
  return row;
}

export function noSuchChallenge(): Problem {
  return new Problem('not_found', { detail: 'There is no such challenge.' });
}

/**
 * The policy of a challenge that can still be answered.
 * @throws {Problem} `challenge_not_pending`, `challenge_expired`, `unavailable`
 */
export function policyOfPending(row: ChallengeState & Parameters<typeof effectivePolicy>[0]): PolicyInForce {
  assertClock(row.now);
  const policy = effectivePolicy(row);
  assertPending(policy, row);
  return policy;
}
