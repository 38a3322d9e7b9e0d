/** How long a session may keep others waiting, and how long it is believed to be there. Milliseconds; 0 is for ever. */
export interface SessionBounds {
  /** A statement that waits for a lock gives up: who comes behind it would wait as long. */
  readonly lockMs: number;
  /** A transaction in which nothing happens is ended, and its locks with it: its process hangs, or is frozen. */
  readonly idleInTransactionMs: number;
  readonly statementMs: number;
}

/** Of the processes: a transaction of theirs takes milliseconds, and their callers wait ten seconds. */
export const processBounds: SessionBounds = { lockMs: 2000, idleInTransactionMs: 5000, statementMs: 30_000 };

/** A peer that does not answer for 10 + 3 × 5 s is gone, and so are the locks of its session. */
const keepAlive = { tcp_keepalives_idle: 10, tcp_keepalives_interval: 5, tcp_keepalives_count: 3 };

/**
 * The settings of PostgreSQL for these bounds, and for statements that are planned once for a connection and not six times:
 * none of them is there for values that are rare in some column, and it is the general plan that `database/plans.spec` looks at.
 */
export function sessionSettings(bounds: SessionBounds): Readonly<Record<string, number | string>> {
  return {
    plan_cache_mode: 'force_generic_plan',
    lock_timeout: bounds.lockMs,
    idle_in_transaction_session_timeout: bounds.idleInTransactionMs,
    statement_timeout: bounds.statementMs,
    ...keepAlive,
  };
}
