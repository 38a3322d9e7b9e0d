/** What was read is no such thing: it breaks its format, whoever wrote it. */
export class MalformedError extends Error {
  override name = 'MalformedError';

  constructor(
    readonly what: 'checkpoint' | 'entry' | 'key' | 'note' | 'policy' | 'proof' | 'tree state',
    message: string,
  ) {
    super(message);
  }
}

/** Why something well-formed must not be believed. */
export const unverified = {
  signature_wrong: 'A signature of a known key does not verify.',
  log_key_unknown: 'No known key of this log signed it.',
  quorum_missed: 'Too few of the witnesses that the policy asks for cosigned it.',
  inclusion_wrong: 'The entry is not at this place in the tree that the checkpoint saw.',
} as const;
export type UnverifiedReason = keyof typeof unverified;

/** Well-formed, and not to be believed. */
export class UnverifiedError extends Error {
  override name = 'UnverifiedError';

  constructor(readonly reason: UnverifiedReason) {
    super(unverified[reason]);
  }
}
