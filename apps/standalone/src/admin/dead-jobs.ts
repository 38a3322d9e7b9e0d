import { newId } from '#contracts';
import type { Database } from '#persistence';
import { discardJobs, retryJobs, selectDeadJobs, selectJob, type DeadJob } from './dead-jobs.sql.js';

/** Jobs that always failed and were set aside, the oldest first. */
export function listDeadJobs(database: Database): Promise<DeadJob[]> {
  return database.query(selectDeadJobs);
}

/** One job that is not done, set aside or not. */
export function showJob(database: Database, id: string): Promise<object | undefined> {
  return database.one(selectJob, { id });
}

/** Has them published once more. @returns those that were set aside */
export function retryDeadJobs(database: Database, ids: readonly string[]): Promise<DeadJob[]> {
  return database.query(retryJobs, { ids });
}

/** Gives them up. @returns those that were set aside */
export function discardDeadJobs(database: Database, ids: readonly string[]): Promise<DeadJob[]> {
  return database.query(discardJobs, { ids, eventIds: ids.map(() => newId('event')) });
}
