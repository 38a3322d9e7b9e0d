/** Why the embedded PostgreSQL can't run: one line that says what and how to mend it. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
  readonly saysAll = true;
}
