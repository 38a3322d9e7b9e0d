import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../apps/standalone/src/embedded-postgres/free-port.js';

const home = '/usr/lib/postgresql';

/** Where Debian's newest PostgreSQL is, with its tools; undefined where there is none. */
export function debianBinaries(): string | undefined {
  const versions = existsSync(home) ? readdirSync(home).toSorted((one, other) => Number(other) - Number(one)) : [];
  const needed = ['initdb', 'postgres', 'pg_dump', 'pg_restore', 'pg_basebackup'];
  return versions
    .map((version) => join(home, version, 'bin'))
    .find((path) => needed.every((name) => existsSync(join(path, name))));
}

/** A cluster of its own, made and served by Debian's binaries, and its tools. */
export interface DebianPostgres {
  readonly url: string;
  /** `pg_dump` of the cluster's database, as a file. */
  dump(name: string): Promise<string>;
  /** `pg_restore` of such a file into an empty database of any cluster. */
  restore(file: string, url: string): Promise<void>;
  /** `pg_basebackup`: a copy of the whole cluster's files, as it is now, which another server is started on. */
  baseBackup(): Promise<{ start(): Promise<DebianPostgres>; remove(): Promise<void> }>;
  stop(): Promise<void>;
}

const run = promisify(execFile);

export async function startDebianPostgres(binaries: string): Promise<DebianPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-debian-'));
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  await ownFolder(data);
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'];
  const made = spawnSync(join(binaries, 'initdb'), args, { ...serverUser() });
  if (made.status !== 0) throw new Error(String(made.stderr));
  return serve(binaries, folder, data);
}

/** @param folder for what is made of the cluster, which goes with it */
async function serve(binaries: string, folder: string, data: string): Promise<DebianPostgres> {
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=200'];
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...serverUser(), stdio: 'ignore' },
  );
  const ended = new Promise((done) => server.once('close', done));
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilItAnswers(url);
  return {
    url,
    async dump(name) {
      const file = join(folder, `${name}.dump`);
      await run(join(binaries, 'pg_dump'), ['--format=custom', `--file=${file}`, url]);
      return file;
    },
    async restore(file, target) {
      // Roles are the cluster's: rights are granted anew by `npm run migrate`.
      await run(join(binaries, 'pg_restore'), ['--no-owner', '--no-privileges', '--exit-on-error', '-d', target, file]);
    },
    async baseBackup() {
      const copies = await mkdtemp(join(tmpdir(), 'sallyport-base-'));
      await chmod(copies, 0o755);
      const copy = join(copies, 'data');
      await ownFolder(copy);
      const args = ['-D', copy, '-d', url, '--checkpoint=fast', '--no-sync'];
      await run(join(binaries, 'pg_basebackup'), args, { ...serverUser() });
      return { start: () => serve(binaries, copies, copy), remove: () => rm(copies, { recursive: true, force: true }) };
    },
    async stop() {
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
const serverUser = () => (process.getuid?.() === 0 ? userOf('postgres') : undefined);

async function ownFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  const user = serverUser();
  if (user) await chown(path, user.uid, user.gid);
}

function userOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(spawnSync('id', [flag, name]).stdout.toString());
  return { uid: id('-u'), gid: id('-g') };
}

async function untilItAnswers(url: string): Promise<void> {
  for (let waited = 0; ; waited += 100) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (waited > 30_000) throw error;
      await sleep(100);
    }
  }
}
