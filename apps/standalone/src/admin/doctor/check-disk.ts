import { statfs } from 'node:fs/promises';
import { codeOf } from '#runtime';
import { fault, find, ok, skipped, warning, type Finding } from './finding.js';

/** Below it PostgreSQL and our own files have no room for long; below the other it is time to look. */
const leastBytes = 32 * 1024 ** 2;
const fewBytes = 1024 ** 3;

/** @param folders of this machine that we write to; what does not exist is passed over */
export function checkDisk(folders: readonly string[]): Promise<Finding> {
  return find('disk', 'Check the folder and its permissions.', async () => {
    const known = (await Promise.all(folders.map(freeOf))).flatMap((found) => found ?? []);
    if (known.length === 0) return skipped('no folder of Sallyport is on this machine');
    const least = known.reduce((one, other) => (other.bytes < one.bytes ? other : one));
    const told = known.map(({ folder, bytes }) => `${folder}: ${(bytes / 1024 ** 3).toFixed(1)} GiB free`).join('; ');
    const fix = `Make room on the disk of ${least.folder}.`;
    if (least.bytes < leastBytes) return fault(told, fix);
    return least.bytes < fewBytes ? warning(told, fix) : ok(told);
  });
}

async function freeOf(folder: string): Promise<{ folder: string; bytes: number } | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { folder, bytes: bavail * bsize };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
