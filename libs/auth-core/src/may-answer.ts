import type { Method, Policy } from '#contracts';

/** What a policy says of methods, as far as it decides which devices answer challenges. */
export type MethodRules = Pick<Policy['methods'], 'allowed' | 'notAlone'>;

/** The methods whose devices may be a user's only ones. */
export function standAlone({ allowed, notAlone }: MethodRules): Method[] {
  return allowed.filter((method) => !notAlone.includes(method));
}

/**
 * Whether the policy of this moment lets devices of a method answer a challenge, whatever it said when they were added.
 *
 * `exclusive` has no part in it: that rule is about what may be added. Where devices of two methods were there before it,
 * nothing says which of them is the wrong one, and refusing both would lock their user out.
 *
 * @param proved methods of the user's devices that a code has proved. Disabled ones count: wrong guesses that disable one
 *   device must not take away the others with it.
 */
export function mayAnswer(rules: MethodRules, method: Method, proved: readonly Method[]): boolean {
  if (!rules.allowed.includes(method)) return false;
  const alone = standAlone(rules);
  return alone.includes(method) || proved.some((other) => alone.includes(other));
}
