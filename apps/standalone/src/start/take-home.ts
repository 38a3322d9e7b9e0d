import { loadKeys, optionalSetting, tryPorts, type Keys } from '#runtime';
import type { AppHealth } from '#process';
import { ownKeyFile, prepareDataDir, takeDataDir } from '../home/data-dir.js';
import { hasNoRoom } from '../embedded-postgres/disk.js';
import type { Start } from './steps.js';
import { wantedPorts } from './wanted-ports.js';

/** What is this installation's own, and survives a restart. */
export interface Home {
  /** The data directory. */
  readonly path: string;
  /** Folder of the embedded database. */
  readonly databaseDir: string;
  readonly keys: Keys;
}

/**
 * Takes the data directory and the keys, and tries the ports: what is wrong shows before anything takes its time.
 * @throws {SettingsError}
 */
export async function takeHome({ steps }: Start, withInbox: boolean): Promise<Home> {
  const path = await prepareDataDir();
  const { databaseDir } = await steps.take(
    'data directory',
    500,
    () => takeDataDir(path),
    (dataDir) => dataDir.release(),
  );
  await tryPorts(wantedPorts(withInbox));
  const keyFile = optionalSetting('SALLYPORT_KEYS') ?? (await ownKeyFile(path));
  const keys = loadKeys(['sealing', 'webhook', 'pepper', 'proof', 'checkpoint'], { SALLYPORT_KEYS: keyFile });
  return { path, databaseDir, keys };
}

export async function diskHealth({ path }: Home): Promise<AppHealth> {
  const disk = !(await hasNoRoom(path));
  return { checks: { disk }, reasons: disk ? [] : [`the disk of ${path} is full. Make room`] };
}
