import { Problem, type Policy, type ProblemCode, type ProblemDetails } from '#contracts';

/** A refusal for someone who logs in: with whom to ask for help, where the policy names one. */
export function refusal(policy: Policy, code: ProblemCode, details: ProblemDetails = {}): Problem {
  const { supportContact } = policy;
  return new Problem(code, supportContact === null ? details : { ...details, supportContact });
}
