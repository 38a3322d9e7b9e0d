import { readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where the folder really is, even if it is yet to be made. */
export async function realFolder(named: string): Promise<string> {
  try {
    return await realpath(named);
  } catch {
    const target = await readlink(named).catch(() => undefined);
    return target ?? join(await realpath(dirname(named)), basename(named));
  }
}

/** As in `#runtime`, which this folder does without. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** As in `#runtime`. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
