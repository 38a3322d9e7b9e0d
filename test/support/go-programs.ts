import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where Debian's golang-golang-x-mod-dev puts its sources. */
const gopath = '/usr/share/gocode';

/** Whether programs in Go that read logs can be built here. Says so where not. */
export function hasGo(): boolean {
  const found =
    spawnSync('go', ['version']).status === 0 && existsSync(join(gopath, 'src/golang.org/x/mod/sumdb/tlog/tlog.go'));
  if (!found)
    process.stderr.write('No Go with golang.org/x/mod (apt-get install golang-go golang-golang-x-mod-dev): skipped.\n');
  return found;
}

/** Builds `test/support/<name>/main.go`. @returns the program */
export async function buildGo(name: string, folder: string): Promise<string> {
  const program = join(folder, name);
  const go = { GO111MODULE: 'off', GOPATH: gopath, GOCACHE: join(folder, 'cache'), GOFLAGS: '', CGO_ENABLED: '0' };
  await run('go', ['build', '-o', program, join(import.meta.dirname, name, 'main.go')], {
    env: { ...process.env, ...go },
  });
  return program;
}
