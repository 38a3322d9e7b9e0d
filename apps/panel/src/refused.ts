import { SallyportError } from '#client';
import type { Decision } from './answers.js';
import { goTo, wordsFor, type PanelContext } from './site.js';

/** What Sallyport refused, for the page that asked. */
export interface Refused {
  readonly words: string;
  readonly status: 409 | 422 | 429 | 503;
  /** Where it says that nothing is accepted for a while: until when, ISO 8601. */
  readonly lockedUntil?: string | undefined;
}

/**
 * The refusal in an error that was caught.
 * @throws the error itself where it is none of Sallyport's
 */
export function refusedBy(c: PanelContext, error: unknown): Refused {
  if (!(error instanceof SallyportError)) throw error;
  const { status } = error;
  return {
    words: wordsFor(c, error),
    status: status === 429 || status === 503 || status === 409 ? status : 422,
    lockedUntil: error.lockedUntil,
  };
}

/** The field of a form that a refusal is about, if it is about one. */
export function fieldOf(error: unknown): string | undefined {
  if (!(error instanceof SallyportError)) return undefined;
  if (['phone_invalid', 'country_not_allowed', 'sms_blocked'].includes(error.code)) return 'phone';
  return error.errors?.[0]?.pointer.slice(1);
}

/** Makes a call, and goes to a page that says what came of it. */
export async function attempt(
  c: PanelContext,
  to: string,
  done: string,
  call: () => Promise<unknown>,
): Promise<Response> {
  try {
    await call();
    return goTo(c, to, done);
  } catch (error) {
    return goTo(c, to, refusedBy(c, error).words, 'refused');
  }
}

/** What a person is told who is not let in. */
export const refusalOf = (c: PanelContext, decision: Decision) =>
  decision.decision === 'deny' ? decision.userMessage : c.var.words.fault.unexpected;
