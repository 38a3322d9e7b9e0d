/** Why the signer does not sign a tenant's log, by name. */
export const refusals = {
  entry_missing: 'The log ends before its last checkpoint: it was cut off, or the database was restored from a backup.',
  entry_differs: 'The log has another entry where its last checkpoint was: it was rewritten.',
  chain_broken: 'An entry since the last checkpoint does not follow from its event and the entry before.',
  checkpoint_contradicted: 'The log contradicts a checkpoint that was signed.',
  kept_unreadable: 'What was kept of the last checkpoint cannot be read.',
  not_kept: 'The next checkpoint cannot be kept outside of the database.',
} as const;
export type RefusalReason = keyof typeof refusals;

/** The log of a tenant is not what the signer has seen of it. */
export class LogRefusal extends Error {
  override name = 'LogRefusal';

  constructor(
    readonly reason: RefusalReason,
    /** The entry that it is about. */
    readonly sequence: number,
    cause?: unknown,
  ) {
    super(refusals[reason], { cause });
  }
}
