import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SettingsError } from './settings.js';

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
 * A file on disk beside the one that it is for, readable for its owner only. @returns its path
 * @throws {SettingsError} where it can't be written
 */
export async function writeDraft(file: string, text: string): Promise<string> {
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
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const remedy = /^(ENOSPC|EDQUOT)$/.test(code) ? 'Make room on its disk.' : 'Check the permissions of its folder.';
    throw new SettingsError(`${file} cannot be written (${code}). ${remedy}`);
  }
  return draft;
}

/** The name of a new file is safe only when its folder is on disk. */
export async function syncFolder(folder: string): Promise<void> {
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
    await mkdir(folder, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else has made it meanwhile; or it is a link that leads nowhere.
      if (error.code !== 'EEXIST' || !(await isFolder(folder))) throw error;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  throw Object.assign(new Error(`${path} is no folder.`), { code: 'ENOTDIR' });
}
