import { unpublishedAge, type Database } from '#persistence';
import type { AppHealth } from '#process';
import { ageOfUnsealed } from './standstill.sql.js';

/** Both are normally done within seconds. */
const longestSeconds = 60;

/**
 * Whether others do with this gateway's work what they should. Where no relay or audit worker runs there is nobody else who
 * could tell; and to take the gateway out would make nothing better.
 */
export async function standstill(database: Database): Promise<AppHealth> {
  const [unpublished, unsealed] = await Promise.all([unpublishedAge(database), unsealedAge(database)]);
  const others = { publishing: unpublished <= longestSeconds, sealing: unsealed <= longestSeconds };
  return {
    others,
    reasons: [
      ...(others.publishing ? [] : [`no relay publishes: the oldest job waits since ${Math.round(unpublished)} s`]),
      ...(others.sealing ? [] : [`no audit worker seals: the oldest event waits since ${Math.round(unsealed)} s`]),
    ],
  };
}

async function unsealedAge(database: Database): Promise<number> {
  return (await database.one(ageOfUnsealed))?.seconds ?? 0;
}
