import { Argument, type Command } from 'commander';
import { strangeKeys, type Database } from '#persistence';
import {
  activateKey,
  addKey,
  keysIn,
  loadKeys,
  removeKey,
  rotatedKinds,
  selectKeys,
  SettingsError,
  type RotatedKind,
} from '#runtime';
import { readKeyFiles, writeKeyFiles, type KeyFiles } from '../key-rotation/key-files.js';
import { isSealingKind, knownKeys, retireKey } from '../key-rotation/retire-key.js';
import { rotationState, type RotationState } from '../key-rotation/rotation-state.js';
import { keyUses, sealAgain } from '../key-rotation/seal-again.js';
import type { SealingKind } from '../key-rotation/sealed-columns.js';
import { withDatabase, withExamples, type Shell } from './shell.js';
import { tableOf } from './text.js';

const help = `
Steps, each of which can be run again:
  1. add KIND     adds a new key to the key files. Then restart every process, one after the other: all know it, none uses it.
  2. use KIND     makes it the active key. Then restart every process: what is new is made with it.
  3. reseal KIND  (sealing, webhook) seals existing values under it, while everything runs.
  4. retire KIND  takes the former key away, once nothing is under it.
"status" says which step is next. Before step 2 and step 4, back up the key files. Keep a retired key for as long as you keep
backups of the database from before step 3: they cannot be read without it.

Files are the key files of all processes, such as .keys/*.json. Without any, the file of SALLYPORT_KEYS or of the data
directory is used.`;

/** Progress is told at most this often, in ms. */
const sayEveryMs = 1000;

/** `keys rotate …`: replaces keys one by one while the processes work. */
export function addRotateCommands(keys: Command, shell: Shell): void {
  const rotate = keys
    .command('rotate')
    .description('replace the keys of one kind, in steps, without downtime')
    .addHelpText('after', help);
  const kindOf = (kinds: readonly RotatedKind[]) => new Argument('<kind>', 'kind of key').choices(kinds);
  const step = (name: string, description: string, kinds: readonly RotatedKind[] = rotatedKinds) =>
    withExamples(
      rotate
        .command(name)
        .description(description)
        .addArgument(kindOf(kinds))
        .argument('[files...]', 'key files of all processes'),
      `keys rotate ${name} sealing .keys/*.json`,
    );

  withExamples(
    rotate
      .command('status')
      .description('show the keys of each kind, how many values are under each, and which step is next')
      .argument('[files...]', 'key files of all processes'),
    'keys rotate status .keys/*.json',
  ).action(async (named: string[]) => {
    const { texts } = await readKeyFiles(named);
    const states = await withDatabase((database) => rotationState(database, texts));
    shell.print(states, () => textOfStates(states));
  });

  step('add', 'add a new key to the key files, which nothing uses yet').action(
    async (kind: RotatedKind, named: string[]) => {
      const files = await readKeyFiles(named);
      await withDatabase((database) => assertOfThisDatabase(database, files, kind));
      const { texts, id } = addKey(files.texts, kind);
      await writeKeyFiles(files, texts);
      shell.print({ kind, added: id, files: files.paths, next: restart(kind, 'use') });
    },
  );

  step('use', 'make the added key the active one in the key files')
    .option('--key <id>', 'another key of the files; the former one undoes this step')
    .action(async (kind: RotatedKind, named: string[], { key }: { key?: string }) => {
      const files = await readKeyFiles(named);
      const id = key ?? theOther(files, kind, 'make active');
      await withDatabase(async (database) => {
        await assertOfThisDatabase(database, files, kind);
        await assertCanBeUsed(database, kind, id);
      });
      await writeKeyFiles(files, activateKey(files.texts, kind, id));
      shell.print({
        kind,
        active: id,
        files: files.paths,
        next: restart(kind, isSealingKind(kind) ? 'reseal' : 'retire'),
      });
    });

  step('reseal', 'seal existing values under the active key', ['sealing', 'webhook']).action(
    async (kind: SealingKind, named: string[]) => {
      const files = await readKeyFiles(named);
      const answer = await withDatabase((database) => reseal(database, files, kind, shell));
      shell.print({ kind, ...answer });
      if (answer.left > 0 || answer.unreadable.length > 0 || !answer.finished) process.exitCode = 1;
    },
  );

  step('retire', 'take a key out of the database and of the key files, once nothing is under it')
    .option('--key <id>', 'the key to retire, where the files have several besides the active one')
    .action(async (kind: RotatedKind, named: string[], { key }: { key?: string }) => {
      const files = await readKeyFiles(named);
      const active = theActive(files, kind);
      const id = key ?? (await retiredHalfway(kind, files)) ?? theOther(files, kind, 'retire');
      if (id === active) throw new SettingsError(`the ${kind} key "${id}" is the active one. Use another one first.`);
      await withDatabase(async (database, url) => {
        await assertOfThisDatabase(database, files, kind);
        await retireKey({ database, url, kind, active, id });
      });
      await writeKeyFiles(files, removeKey(files.texts, kind, id));
      shell.print({ kind, retired: id, active, files: files.paths });
    });
}

/** A line for each key, and below them what is to be done next. */
function textOfStates(states: readonly RotationState[]): string {
  const lines = states.flatMap(({ kind, keys }) =>
    keys.map(({ id, active, inFiles, known, usedSince, retiredAt, values }) => ({
      kind,
      key: id,
      active: active ? 'yes' : null,
      inFiles: inFiles ? 'yes' : 'no',
      known: known ? 'yes' : 'no',
      values,
      usedSince,
      retiredAt,
    })),
  );
  if (lines.length === 0) return 'No key that can be replaced is in these files.';
  const next = states.flatMap(({ kind, next: step }) => (step === null ? [] : [`Next for ${kind}: ${step}`]));
  return [tableOf(lines), '', ...(next.length === 0 ? ['No rotation is under way.'] : next)].join('\n');
}

const restart = (kind: RotatedKind, next: string) =>
  `Restart every process with these files, one after the other. Then: keys rotate ${next} ${kind}`;

/** The files belong to this database: what would be sealed under a key of another installation would be lost. */
async function assertOfThisDatabase(database: Database, { texts }: KeyFiles, kind: RotatedKind): Promise<void> {
  for (const text of texts) {
    const json = selectKeys(text, [kind]);
    if (!(kind in (JSON.parse(json) as object))) continue;
    const [fault] = await strangeKeys(database, loadKeys([kind], { SALLYPORT_KEYS: json }));
    if (fault !== undefined)
      throw new SettingsError(
        `a key file does not fit this database: ${fault}. Name the key files of this installation, or correct DATABASE_URL.`,
      );
  }
}

function theActive({ texts }: KeyFiles, kind: RotatedKind): string {
  const [active = '', another] = keysIn(texts, kind).active;
  if (another === undefined) return active;
  throw new SettingsError(
    `the key files have different active ${kind} keys: ${active}, ${another}. Run "keys rotate use ${kind} --key ID" to make one of them the active key everywhere.`,
  );
}

/** The one key beside the active one. */
function theOther(files: KeyFiles, kind: RotatedKind, purpose: string): string {
  const active = theActive(files, kind);
  const [id, ...more] = keysIn(files.texts, kind).ids.filter((each) => each !== active);
  if (id === undefined)
    throw new SettingsError(
      `there is no ${kind} key beside the active one to ${purpose}. "keys rotate add ${kind}" adds one.`,
    );
  if (more.length === 0) return id;
  throw new SettingsError(
    `there are several ${kind} keys to ${purpose}: ${[id, ...more].join(', ')}. Choose one with --key.`,
  );
}

/** Broken off between the database and the files, a retirement goes on with the same key. */
async function retiredHalfway(kind: RotatedKind, { texts }: KeyFiles): Promise<string | undefined> {
  const known = await withDatabase((database) => knownKeys(database, kind));
  const { active, ids } = keysIn(texts, kind);
  return ids.find((id) => !active.includes(id) && known.some((key) => key.id === id && key.retiredAt !== null));
}

/** A gateway or an audit worker notes each key that it holds when it starts. */
async function assertCanBeUsed(database: Database, kind: RotatedKind, id: string): Promise<void> {
  const key = (await knownKeys(database, kind)).find((each) => each.id === id);
  if (!key) {
    throw new SettingsError(
      `no process has started with the ${kind} key "${id}" yet. Restart every process with the key files that "keys rotate add" changed, then run this again.`,
    );
  }
  if (key.retiredAt !== null) throw new SettingsError(`the ${kind} key "${id}" was retired. Add a new one.`);
}

async function reseal(database: Database, files: KeyFiles, kind: SealingKind, shell: Shell) {
  await assertOfThisDatabase(database, files, kind);
  const active = theActive(files, kind);
  const known = (await knownKeys(database, kind)).find(({ id }) => id === active);
  if (!known?.usedSince) {
    throw new SettingsError(
      `no process uses the ${kind} key "${active}" yet. Restart every process with these key files first: until then values go on being sealed under the former key.`,
    );
  }
  const { texts } = files;
  const text = texts.find((each) => kind in (JSON.parse(each) as object)) ?? '';
  const { [kind]: ring } = loadKeys([kind], { SALLYPORT_KEYS: text });
  const due = (await keyUses(database, kind)).reduce((sum, use) => sum + (use.keyId === active ? 0 : use.values), 0);
  shell.say(`${due} values are sealed under other keys than "${active}"`);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  let toldAt = performance.now();
  const answer = await sealAgain({
    database,
    kind,
    ring,
    signal: stop.signal,
    say: (done) => {
      if (performance.now() - toldAt < sayEveryMs) return;
      toldAt = performance.now();
      shell.say(`${done} of ${due} sealed under "${active}"`);
    },
  });
  for (const place of answer.unreadable) shell.say(`does not open, and was left as it is: ${place}`);
  if (answer.left > 0) shell.say(`${answer.left} values were in use at every attempt. Run this again.`);
  return { active, ...answer, finished: !stop.signal.aborted };
}
