import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SettingsError } from './read-settings.js';

/**
 * Replaces a file in one step, readable for its owner only: a reader sees the old one or the new one, never a part, also
 * after a crash. When it returns, the new one is on disk.
 * @throws {SettingsError} where it can't be written
 */
export async function replaceWhole(file: string, text: string): Promise<void> {
  const draft = await writeDraft(file, text);
  await rename(draft, file);
  await syncFolder(dirname(file));
}

/**
 * Makes a file in one step, readable for its owner only.
 * @returns false where the file is there already
 * @throws {SettingsError} where it can't be written
 */
export async function createWhole(file: string, text: string): Promise<boolean> {
  const draft = await writeDraft(file, text);
  try {
    await link(draft, file);
    await syncFolder(dirname(file));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new SettingsError(`${file} cannot be written (${codeOf(error)}). Check the permissions of its folder.`);
  } finally {
    await rm(draft, { force: true });
  }
}

/** @throws {SettingsError} where no file can be kept in the folder */
export async function assertKeepsFiles(folder: string): Promise<void> {
  await rm(await writeDraft(join(folder, 'probe'), ''));
  await syncFolder(folder);
}

/** Whether anything that this process can see is at the path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What the system calls a fault, as in `ENOENT`, for words that name it. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

/**
 * A file on disk beside the one that it is for, readable for its owner only. @returns its path
 * @throws {SettingsError} where it can't be written
 */
async function writeDraft(file: string, text: string): Promise<string> {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(draft, { force: true });
    const code = codeOf(error);
    const remedy = /^(ENOSPC|EDQUOT)$/.test(code) ? 'Make room on its disk.' : 'Check the permissions of its folder.';
    throw new SettingsError(`${file} cannot be written (${code}). ${remedy}`);
  }
  return draft;
}

/** The name of a new file is safe only when its folder is on disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().catch(() => undefined);
  await handle.close();
}

/**
 * Makes a folder and those above it that are missing, closed to others. Not by `mkdir` of Node.js with `recursive`: in a
 * file system that takes no new folders, such as /proc, that one tries for ever (Node.js 24).
 * @throws what the file system says
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; !(await isFolder(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await mkdir(folder, { mode: 0o700 }).catch(async (error: unknown) => {
      // Somebody else has made it meanwhile; or it is a link that leads nowhere.
      if (codeOf(error) !== 'EEXIST' || !(await isFolder(folder))) throw error;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  throw Object.assign(new Error(`${path} is no folder.`), { code: 'ENOTDIR' });
}
