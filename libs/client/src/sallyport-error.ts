import type { components } from './api.js';

type Problem = components['schemas']['Problem'];

/** Why Sallyport refused; the table of refusals says when each is given. */
export type ErrorCode = Problem['code'];

/** What is known of a refusal. Where the client itself refuses, there is no request that had an id. */
export type Refusal = Pick<Problem, 'code' | 'status' | 'title'> & Partial<Problem>;

/**
 * A refusal, by its `code`. Show `userMessage` to the user where there is one, or words of your own by `code`;
 * `message` and `detail` are English, for the log.
 *
 * `unavailable` is also what is thrown where no answer came, or none of Sallyport's; `cause` says why.
 */
export class SallyportError extends Error {
  override readonly name = 'SallyportError';
  readonly code: ErrorCode;
  /** HTTP status; where no answer came, the one that goes with the code. */
  readonly status: number;
  readonly title: string;
  /** To be quoted to whoever runs Sallyport; undefined where no answer of its own came. */
  readonly requestId: string | undefined;
  declare readonly detail?: string;
  /** Words for the user, in the language of the user's or the account's locale, else of the call's `language`. */
  declare readonly userMessage?: string;
  /** Faults of a request: JSON pointer (RFC 6901) and words. */
  declare readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Seconds. */
  declare readonly retryAfter?: number;
  declare readonly attemptsLeft?: number;
  /** ISO 8601, UTC. */
  declare readonly lockedUntil?: string;
  declare readonly quota?: { readonly limit: number; readonly used: number; readonly resetsAt: string };
  declare readonly supportContact?: string;

  constructor(refusal: Refusal, options?: { readonly cause: unknown }) {
    super(`${refusal.code}: ${refusal.detail ?? refusal.title}`, options);
    const { type: _, code, status, title, requestId, ...details } = refusal;
    this.code = code;
    this.status = status;
    this.title = title;
    this.requestId = requestId;
    Object.assign(this, details);
  }
}

/** Nobody answered, or somebody else than Sallyport. */
export function unavailable(detail: string, more: { status?: number; cause?: unknown } = {}): SallyportError {
  const { status = 503, ...options } = more;
  return new SallyportError(
    { code: 'unavailable', status, title: 'Unavailable', detail },
    'cause' in options ? { cause: options.cause } : undefined,
  );
}
