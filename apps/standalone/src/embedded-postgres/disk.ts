import { statfs } from 'node:fs/promises';

/** Below this many bytes PostgreSQL and our own files have no room for long: it writes its log in files of 16 MiB. */
const leastFree = 32 * 1024 * 1024;

/** Whether there is too little room for a database in the folder. */
export async function hasNoRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < leastFree;
}

/** Words for it. */
export function fullDisk(folder: string): string {
  return `the disk of ${folder} is full. Make room, then start again; what was confirmed is kept.`;
}
