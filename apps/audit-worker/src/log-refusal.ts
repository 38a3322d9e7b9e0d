/** Why the signer does not sign a tenant's log, by name. */
export const refusals = {
  entry_missing: 'The log ends before its last checkpoint: it was cut off, or the database was restored from a backup.',
  entry_differs: 'The log has other entries than its last checkpoint saw: it was rewritten.',
  entry_broken: 'An entry since the last checkpoint is missing, or is not that of its event.',
  tree_differs: 'The tree that is kept beside the entries is not theirs: no proof from it would fit a checkpoint.',
  checkpoint_contradicted: 'The log contradicts a checkpoint that was signed.',
  other_origin: 'The last checkpoint has another origin: AUDIT_ORIGIN was changed.',
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
