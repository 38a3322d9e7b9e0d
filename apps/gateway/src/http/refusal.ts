import { Problem, type Policy, type ProblemCode, type ProblemDetails } from '#contracts';
import { isRefusalName, refusalWords, languageFor, type Language, type RefusalName } from '#words';

export interface RefusalDetails extends ProblemDetails {
  /** Closer words for the user than those of the code. */
  readonly wordsFor?: RefusalName;
}

/**
 * A refusal for someone who logs in: with whom to ask for help, where the policy names one, and in their language.
 * @param policy as `effectivePolicy` gives it, so that it brings the user's locale along
 */
export function refusal(
  policy: Policy & { readonly locale?: string | null },
  code: ProblemCode,
  details: RefusalDetails = {},
): Problem {
  const { supportContact, locale = null } = policy;
  return new Problem(code, { ...details, locale, ...(supportContact === null ? {} : { supportContact }) });
}

/**
 * What the user reads of a refusal.
 * @param asked the language of the request, for users without one of their own
 * @returns undefined for what only the panel's developers can mend
 */
export function userMessage({ code, details }: Problem, asked: Language): string | undefined {
  const name = details.wordsFor ?? code;
  if (!isRefusalName(name)) return undefined;
  return refusalWords(languageFor(details.locale ?? asked), name, details);
}
