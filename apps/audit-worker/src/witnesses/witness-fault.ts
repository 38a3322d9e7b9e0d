/** Why a witness has not cosigned a checkpoint, by name. It is asked again. */
export const faults = {
  unreachable: 'It cannot be reached.',
  late: 'It did not answer in time.',
  failing: 'It answered that it cannot do it now.',
  redirects: 'It answered with a redirect, which is not followed. Correct its address in AUDIT_WITNESSES.',
  log_unknown: 'It does not watch this log with this key: its operator has to add the public key of the log.',
  request_refused: 'It does not accept the request.',
  answer_too_long: 'Its answer is too long.',
  answer_malformed: 'Its answer is no cosignature.',
  cosignature_missing: 'Its answer has no cosignature by its key in AUDIT_WITNESSES.',
  cosignature_wrong: 'Its cosignature does not verify with its key in AUDIT_WITNESSES.',
  entries_missing: 'The database lacks entries that the checkpoint is about.',
  overtaken: 'It cosigned another checkpoint meanwhile.',
  checkpoint_strange: 'The newest checkpoint in the database is not signed with the key of this worker.',
} as const;

/** Why a witness will not cosign this log: it has cosigned another one of the same name. */
export const refusals = {
  rewritten: 'The log does not continue the tree that the witness cosigned: it was rewritten.',
  forked: 'The witness cosigned another tree of the same size: the log was rewritten, or there are two.',
  cut_off:
    'The witness cosigned more entries than the log has: it was cut off, or the database was restored from a backup.',
} as const;

export type FaultReason = keyof typeof faults;
export type RefusalReason = keyof typeof refusals;

/** No cosignature this time. */
export class WitnessFault extends Error {
  override name = 'WitnessFault';

  constructor(
    readonly reason: FaultReason,
    /** What it said, as a status. */
    readonly status?: number,
  ) {
    super(faults[reason]);
  }

  /** Whether the next log would most likely find the same. */
  get isOfWitness(): boolean {
    return ['unreachable', 'late', 'failing', 'redirects'].includes(this.reason);
  }
}

/** What somebody has to look at: the log contradicts what the witness knows. */
export class WitnessRefusal extends Error {
  override name = 'WitnessRefusal';

  constructor(
    readonly reason: RefusalReason,
    /** Entries of the last tree that the witness cosigned. Null where it did not tell. */
    readonly cosignedSize: number | null,
  ) {
    super(refusals[reason]);
  }
}
