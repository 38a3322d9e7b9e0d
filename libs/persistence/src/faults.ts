/** `disk_full` (PostgreSQL, Appendix A). */
const diskFull = '53100';
/** `deadlock_detected` (PostgreSQL, Appendix A). */
const deadlockDetected = '40P01';

/** A call that could not reach PostgreSQL, or lost it in the middle. */
export function isConnectionFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: string }).code ?? '';
  if (/^(08|57P0|53300|25006)/.test(code) || /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)/.test(code)) return true;
  return /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(error.message);
}

/** PostgreSQL found no room on its disk. Nothing of the statement has been done. */
export function isDiskFull(error: unknown): boolean {
  return ((error ?? {}) as { code?: string }).code === diskFull;
}

/**
 * Whether a statement failed by what it met (values, other rows, locks, room), not by its connection or its plan: the next
 * one may go by the same connection.
 */
export function leavesConnectionWell(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string };
  return /^(22|23|40)/.test(code) || isDiskFull(error) || isWaitFault(error);
}

/** `lock_not_available`, and `query_canceled` where a statement took too long: nothing of it has been done. */
export function isWaitFault(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string };
  return code === '55P03' || code === '57014';
}

/** PostgreSQL gave a statement up to end a deadlock: it has left nothing behind. */
export function isDeadlock(error: unknown): boolean {
  return ((error ?? {}) as { code?: string }).code === deadlockDetected;
}
