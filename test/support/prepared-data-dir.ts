import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hashPassword } from '../../apps/panel/src/passwords.js';
import { startSystem, temporaryDataDir } from './system.js';

const run = promisify(execFile);

/**
 * A data directory as the first `npm start` leaves it, whose people have passwords that are quick to check: pages are
 * tested by dozens of people who sign in. It is a copy of one that is made once a run; what a first start does is shown
 * by the tests of starting and of the README.
 */
export async function preparedDataDir(): ReturnType<typeof temporaryDataDir> {
  const own = await temporaryDataDir();
  // Runs without a folder of their own have few files.
  const ofRun = process.env['SALLYPORT_TEST_FOLDER'];
  if (ofRun === undefined) await prepare(own.path);
  // As root, the server's files belong to another user, and have to in the copy.
  else await run('cp', ['-a', await madeOnce(join(ofRun, 'prepared')), own.path]);
  return own;
}

/** By whichever file comes first; a half-made one is never taken for whole, because it is renamed last. */
async function madeOnce(path: string): Promise<string> {
  const isHere = async () => (await stat(path).catch(() => undefined)) !== undefined;
  if (await isHere()) return path;
  const draft = `${path}.draft`;
  const isMine = await mkdir(draft).then(
    () => true,
    () => false,
  );
  if (isMine) {
    await prepare(draft);
    await rename(draft, path);
  }
  while (!(await isHere())) await sleep(100);
  return path;
}

async function prepare(dataDir: string): Promise<void> {
  await (await startSystem(dataDir)).stop();
  const file = join(dataDir, 'panel-people.json');
  const directory = JSON.parse(await readFile(file, 'utf8')) as { demoPassword: string; people: object[] };
  const passwordHash = await hashPassword(directory.demoPassword, 2);
  const people = directory.people.map((person) => ({ ...person, passwordHash }));
  await writeFile(file, JSON.stringify({ ...directory, people }));
}
