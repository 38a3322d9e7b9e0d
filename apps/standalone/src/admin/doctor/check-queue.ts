import { pino } from 'pino';
import { openJobStore } from '#messaging';
import { knownQueueStore, type Database } from '#persistence';
import { reaching, type SettingName } from '#runtime';
import { fault, find, ok, warning, type Finding } from './finding.js';

/** What there is to say is in the finding. It reads no setting: LOG_LEVEL may be what is wrong. */
const silent = pino({ level: 'silent' });

/**
 * Whether the queue can be opened and takes jobs, and whether the relay publishes to the same.
 * @param setting which one named it
 */
export function checkQueue(database: Database, url: string, setting: SettingName): Promise<Finding> {
  const kind = /^rediss?:/.test(url) ? 'Redis' : 'PostgreSQL';
  const fix = `Start ${kind}, or correct ${setting}.`;
  return find('queue', fix, async () => {
    const store = await reaching(setting, openJobStore(url, silent));
    try {
      const own = await store.probe();
      const known = await knownQueueStore(database);
      if (known === undefined) {
        return warning(`${kind} takes jobs; no relay has published to any queue yet`, 'Start the relay.');
      }
      return known === own
        ? ok(`${kind} takes jobs, and the relay publishes to it`)
        : fault(
            `${kind} takes jobs, but the relay publishes to another queue`,
            'Give all processes the same QUEUE_URL and start them again.',
          );
    } finally {
      await store.close();
    }
  });
}
