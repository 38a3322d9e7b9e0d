/** One row of the table of refusals: HTTP status, title, and the words used when the thrower adds none. */
interface ProblemRow {
  readonly status: number;
  readonly title: string;
  readonly words: string;
}

/**
 * Every refusal that Sallyport can answer. Domain code throws by code; only the gateway's filter knows HTTP.
 * Stored answers of idempotent calls leave out 409, 429 and 5xx, so the status also says what a retry may expect.
 */
export const problems = {
  invalid_request: { status: 400, title: 'Invalid request', words: 'The request does not match its schema.' },
  unauthenticated: {
    status: 401,
    title: 'Not authenticated',
    words: 'Send a valid API key as "Authorization: Bearer sp_…".',
  },
  insufficient_scope: {
    status: 403,
    title: 'Insufficient scope',
    words: 'This API key lacks the scope that the call needs.',
  },
  receipt_refused: {
    status: 403,
    title: 'Receipt refused',
    words: 'The signature of this receipt is missing, wrong or too old.',
  },
  not_found: { status: 404, title: 'Not found', words: 'This object does not exist.' },
  http_method_not_allowed: {
    status: 405,
    title: 'HTTP method not allowed',
    words: 'This address does not support this HTTP method.',
  },
  challenge_not_pending: {
    status: 409,
    title: 'Challenge not pending',
    words: 'This challenge has ended. Start a new one.',
  },
  device_not_verified: {
    status: 409,
    title: 'Device not verified',
    words: 'This device has not been verified yet.',
  },
  device_already_verified: {
    status: 409,
    title: 'Device already verified',
    words: 'This device is already verified.',
  },
  method_conflict: {
    status: 409,
    title: 'Method conflict',
    words:
      'Another method is in use, and the policy allows only one. Name the device that the new one replaces in `replaces`.',
  },
  recovery_codes_not_acknowledged: {
    status: 409,
    title: 'Recovery codes not acknowledged',
    words: 'Confirm that the recovery codes have been saved, then send the code again.',
  },
  last_device: {
    status: 409,
    title: 'Last device',
    words: 'This is the last device, and two-factor authentication is on. Add another device or turn it off first.',
  },
  two_factor_required: {
    status: 409,
    title: 'Two-factor authentication required',
    words: 'The company requires two-factor authentication.',
  },
  webhook_limit_reached: {
    status: 409,
    title: 'Webhook limit reached',
    words: 'This tenant has as many webhooks as it can have. Delete one first.',
  },
  webhook_disabled: {
    status: 409,
    title: 'Webhook disabled',
    words: 'This webhook is disabled. Enable it first.',
  },
  webhook_delivery_queued: {
    status: 409,
    title: 'Webhook delivery queued',
    words: 'This delivery has not ended yet. It is retried until it arrives or its time is up.',
  },
  idempotency_in_progress: {
    status: 409,
    title: 'Request in progress',
    words: 'A request with this Idempotency-Key is still running. Try again in a moment.',
  },
  challenge_expired: { status: 410, title: 'Challenge expired', words: 'This challenge has expired. Start a new one.' },
  enrolment_expired: {
    status: 410,
    title: 'Enrolment expired',
    words: 'The time to verify this device is over. Add the device again.',
  },
  code_invalid: { status: 422, title: 'Code invalid', words: 'This code is incorrect. Check it and try again.' },
  code_already_used: {
    status: 422,
    title: 'Code already used',
    words: 'This code was used before. Wait until your app shows a new one.',
  },
  code_expired: { status: 422, title: 'Code expired', words: 'This code has expired. Request a new one.' },
  recovery_code_invalid: {
    status: 422,
    title: 'Recovery code invalid',
    words: 'This recovery code is incorrect or was used before.',
  },
  phone_invalid: {
    status: 422,
    title: 'Phone number invalid',
    words: 'This phone number cannot receive SMS. Enter it with the country code, for example +31 6 12345678.',
  },
  country_not_allowed: {
    status: 422,
    title: 'Country not allowed',
    words: 'Codes cannot be sent to phone numbers in this country.',
  },
  method_not_allowed: { status: 422, title: 'Method not allowed', words: 'The policy does not allow this method.' },
  sms_blocked: { status: 422, title: 'SMS blocked', words: 'SMS messages to this number are blocked.' },
  proof_required: {
    status: 422,
    title: 'Proof required',
    words:
      'This call needs a new proof in the Sallyport-Proof header. Approve a challenge with the right purpose first.',
  },
  proof_invalid: {
    status: 422,
    title: 'Proof invalid',
    words: 'This proof is for something else, has expired or has already been used.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key reused',
    words: 'This Idempotency-Key was already used with a different body or proof. Use a new key for a new request.',
  },
  locked: { status: 429, title: 'Locked', words: 'Too many wrong codes. Wait until the lockout ends.' },
  resend_too_soon: {
    status: 429,
    title: 'Resend too soon',
    words: 'A code was sent a moment ago. Wait before you request another one.',
  },
  sms_quota_exceeded: {
    status: 429,
    title: 'SMS quota exceeded',
    words: 'Today’s limit of text messages has been reached. Use an authenticator app to sign in, or contact support.',
  },
  send_limit_reached: {
    status: 429,
    title: 'Send limit reached',
    words: 'No more codes can be sent for this challenge. Start a new one.',
  },
  rate_limited: { status: 429, title: 'Rate limited', words: 'Too many requests. Wait and try again.' },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    words: 'Sallyport is temporarily unavailable. No attempt was used. Try again.',
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** One fault of a request: RFC 6901 JSON pointer into the body (or `/path/…`, `/query/…`, `/headers/…`) and words. */
export interface RequestFault {
  readonly pointer: string;
  readonly detail: string;
}

export interface Quota {
  readonly limit: number;
  readonly used: number;
  /** ISO 8601, UTC: the next midnight in the account's time zone. */
  readonly resetsAt: string;
}

export interface ProblemDetails {
  /** Words for this case; the table's words where absent. */
  readonly detail?: string;
  readonly errors?: readonly RequestFault[];
  /** Whole seconds, also sent as `Retry-After`. */
  readonly retryAfter?: number;
  readonly attemptsLeft?: number;
  /** ISO 8601, UTC. */
  readonly lockedUntil?: string;
  readonly quota?: Quota;
  readonly supportContact?: string;
  /** Not part of the answer: name of the words for the user where there are closer ones than those of the code. */
  readonly wordsFor?: string;
  /** Not part of the answer: locale of the user that it is for, null where none was given. */
  readonly locale?: string | null;
}

/** A refusal by its code. The message is the words that the caller reads: never put a secret in `details`. */
export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
  ) {
    super(details.detail ?? problems[code].words);
    this.name = 'Problem';
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** A refusal of one field of the body. */
export function invalidRequest(pointer: string, detail: string): Problem {
  return new Problem('invalid_request', { detail, errors: [{ pointer, detail }] });
}
