import type { Database } from '#persistence';
import { sealAgain, selectSetAside, type SetAsideEvent } from './set-aside-events.sql.js';

/** Events that could not be sealed into the audit log, the oldest first. */
export function listSetAsideEvents(database: Database): Promise<SetAsideEvent[]> {
  return database.query(selectSetAside);
}

/** Gives them to the sealer once more, as after an update that can take them. @returns those that had been set aside */
export function sealEventsAgain(database: Database, ids: readonly string[]): Promise<SetAsideEvent[]> {
  return database.query(sealAgain, { ids });
}
