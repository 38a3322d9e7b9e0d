import type { EventName, JobName } from '#contracts';

/** Columns, separated by commas; `*` is all of a table's, those to come included. */
type Columns = string;

interface TableRights {
  readonly select?: Columns;
  readonly insert?: Columns;
  readonly update?: Columns;
  readonly delete?: true;
}

export interface RoleRights {
  readonly tables: Readonly<Record<string, TableRights>>;
  /** Events that it may write, whomever they are about. */
  readonly events: readonly EventName[];
  /** Events that it may write about a user, and those of `eventsOfAddresses` about nobody as well: account and user must be those of the row that `user_ref` names. */
  readonly eventsOfUsers: readonly EventName[];
  /** Jobs that it may start. */
  readonly jobs: readonly JobName[];
  /** Functions that it may call, which do what it may not. */
  readonly functions?: readonly string[];
}

/** A mail to whoever looks after a webhook may fail as one to a user does. */
export const eventsOfAddresses: readonly EventName[] = ['notice.failed', 'notice.expired'];

/** Whoever writes events chooses neither their time nor their transaction, so nobody can write into the past. */
export const newEvents = 'id, tenant_id, type, account_id, user_id, user_ref, request_id, data';
/** What is personal is sealed by the gateway; the statement that it shares with the delivery workers names the column. */
export const newPersonalEvents = `${newEvents}, personal_sealed`;
export const newJobs = 'id, job, line, payload';
