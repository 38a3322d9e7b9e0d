import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  codeOf,
  createWhole,
  exists,
  generateKeyFile,
  makeFolder,
  replaceWhole,
  requiredSetting,
  SettingsError,
  withWebhookKey,
} from '#runtime';

/** The folder in which one installation keeps what must survive a restart. One process at a time uses it. */
export interface DataDir {
  readonly path: string;
  /** Folder of the embedded database. */
  readonly databaseDir: string;
  release(): Promise<void>;
}

/** Path of the data directory, made if absent and closed to others. */
export async function prepareDataDir(): Promise<string> {
  const path = resolve(requiredSetting('SALLYPORT_DATA_DIR'));
  try {
    await makeFolder(path);
  } catch (error) {
    throw new SettingsError(
      `SALLYPORT_DATA_DIR names ${path}, which cannot be created or used (${codeOf(error)}). Check its path and permissions.`,
    );
  }
  return path;
}

export function databaseDirOf(path: string): string {
  return join(path, 'database');
}

/**
 * Takes the data directory for this process. A lock whose process has gone is taken over.
 * @throws {SettingsError} where another process holds it
 */
export async function takeDataDir(path: string): Promise<DataDir> {
  const holder = await tryLock(path);
  if (holder !== undefined) {
    throw new SettingsError(
      `the data directory ${path} is in use by process ${holder}. Stop that one, or set SALLYPORT_DATA_DIR to another folder.`,
    );
  }
  return { path, databaseDir: databaseDirOf(path), release: () => rm(lockFile(path), { force: true }) };
}

/** @returns the process that holds the directory, or undefined once we do */
async function tryLock(path: string): Promise<number | undefined> {
  const file = lockFile(path);
  for (;;) {
    if (await createWhole(file, ownLock())) return undefined;
    const found = await readFile(file, 'utf8').catch(() => '');
    const pid = holderOf(found);
    if (pid !== undefined) return pid;
    await removeStale(file, found);
  }
}

function lockFile(path: string): string {
  return join(path, 'lock');
}

/** Process id and start time: ids are used again, in containers at once. */
function ownLock(): string {
  return `${process.pid} ${startTimeOf(process.pid) ?? '-'}\n`;
}

/** @returns id of the living process that wrote the lock */
function holderOf(lock: string): number | undefined {
  const [id, started] = lock.trim().split(' ');
  const pid = Number(id);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if (codeOf(error) === 'ESRCH') return undefined;
  }
  const now = startTimeOf(pid);
  return now === undefined || started === undefined || started === '-' || now === started ? pid : undefined;
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since boot; undefined where there is no /proc. */
function startTimeOf(pid: number): string | undefined {
  try {
    // The name in the second field may hold spaces and brackets.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Removes a dead lock if it is still the one we read. One at a time, or two starts could each remove the other's. */
async function removeStale(file: string, seen: string): Promise<void> {
  const turn = `${file}.takeover`;
  try {
    await mkdir(turn);
  } catch {
    await delay(20);
    const made = await stat(turn).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > 5000) await rmdir(turn).catch(() => undefined);
    return;
  }
  try {
    const now = await readFile(file, 'utf8').catch(() => undefined);
    if (now === seen) await rm(file, { force: true });
  } finally {
    await rmdir(turn).catch(() => undefined);
  }
}

export function keyFileOf(path: string): string {
  return join(path, 'keys.json');
}

/** Gives a key file of before there were webhooks their key: what is sealed under it comes into being after that. */
async function addWebhookKey(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const [whole = text] = withWebhookKey(text);
  if (whole !== text) await replaceWhole(file, whole);
}

/**
 * Path of the installation's own key file, generated at the first start.
 * @throws {SettingsError} where there is a database but no key file: new keys could not read it
 */
export async function ownKeyFile(dataDir: string): Promise<string> {
  const file = keyFileOf(dataDir);
  if (await exists(file)) {
    await addWebhookKey(file);
    return file;
  }
  if (await exists(join(databaseDirOf(dataDir), 'PG_VERSION'))) {
    throw new SettingsError(
      `the key file ${file} is gone, and the database cannot be read without it. Restore it from your backup, or set SALLYPORT_KEYS.`,
    );
  }
  await createWhole(file, generateKeyFile());
  return file;
}
