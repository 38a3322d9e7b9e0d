import { setTimeout as delay } from 'node:timers/promises';
import { optionalSetting, SettingsError } from '#runtime';
import { databaseDirOf, prepareDataDir, takeDataDir } from './data-dir.js';
import { runningServerUrl, startEmbeddedPostgres } from '../embedded-postgres/start.js';

export interface ProvidedDatabase {
  readonly url: string;
  /** Whether it is of this installation's own, and so brought up to date without being asked. */
  readonly embedded: boolean;
  release(): Promise<void>;
}

/**
 * The database for a command of the shell: DATABASE_URL, else the embedded one, which is used beside a running
 * `npm start` or started for the moment.
 * @throws {SettingsError}
 */
export async function provideDatabase(): Promise<ProvidedDatabase> {
  const url = optionalSetting('DATABASE_URL');
  if (url !== undefined) return { url, embedded: false, release: () => Promise.resolve() };

  const path = await prepareDataDir();
  for (let waited = 0; ; waited += 100) {
    const running = await runningServerUrl(databaseDirOf(path));
    if (running !== undefined) return { url: running, embedded: true, release: () => Promise.resolve() };
    try {
      const dataDir = await takeDataDir(path);
      try {
        const server = await startEmbeddedPostgres({ dataDir: dataDir.databaseDir, durable: true });
        const release = async () => {
          await server.stop();
          await dataDir.release();
        };
        return { url: server.url, embedded: true, release };
      } catch (error) {
        await dataDir.release();
        throw error;
      }
    } catch (error) {
      // A start or a stop is under way in another process.
      if (!(error instanceof SettingsError) || waited >= 10_000) throw error;
      await delay(100);
    }
  }
}
