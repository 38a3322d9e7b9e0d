import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of so many megabytes, or why there is none. */
export function mountDisk(megabytes: number): { path: string } | { refusal: string } {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-disk-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    spawnSync('rmdir', [path]);
    return { refusal: stderr?.trim() || 'no "mount" on the PATH' };
  }
  // The server's user has to get through.
  chmodSync(path, 0o711);
  return { path };
}

/** Makes room. */
export function growDisk(path: string, megabytes: number): void {
  spawnSync('mount', ['-o', `remount,size=${megabytes}m`, path]);
}

export function unmountDisk(path: string): void {
  spawnSync('umount', ['--lazy', path]);
  spawnSync('rmdir', [path]);
}

/** Whether a disk can be filled here; says why not. */
export function canMount(): boolean {
  const trial = mountDisk(1);
  if ('path' in trial) {
    unmountDisk(trial.path);
    return true;
  }
  process.stderr.write(`No disk can be filled here (${trial.refusal}): its tests are passed over.\n`);
  return false;
}
