import { firstPepper, formatKeyFile, newKeyId, newSecret, newSigner, parseKeyFile, type KeyFile } from './key-file.js';
import { SettingsError } from './read-settings.js';

/** Kinds of keys that can be replaced one by one. Of the pepper, what codes are made under (ADR 61). */
export const rotatedKinds = ['sealing', 'webhook', 'pepper', 'proof', 'checkpoint'] as const;
export type RotatedKind = (typeof rotatedKinds)[number];

/** The keys of one kind in one file: the active one makes what is new, all of them open or verify what is there. */
interface KeySet {
  readonly active: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** What several key files say of one kind. */
export interface KeysInFiles {
  /** The active one; several where a change was broken off between two files. */
  readonly active: readonly string[];
  /** All of them, by the order in which they stand in the files. */
  readonly ids: readonly string[];
}

/** Whether any of the files has a key of a kind: some processes need none. */
export function hasKeys(texts: readonly string[], kind: RotatedKind): boolean {
  return texts.some((text) => setOf(parseKeyFile(text), kind) !== undefined);
}

/**
 * @param texts key files; those without the kind are passed over, as are processes that need no such key
 * @throws {SettingsError} where none has the kind, and where one id names two keys
 */
export function keysIn(texts: readonly string[], kind: RotatedKind): KeysInFiles {
  const sets = setsOf(texts, kind);
  return { active: [...new Set(sets.map(({ active }) => active))], ids: Object.keys(union(sets, kind)) };
}

/**
 * Adds one new key to the files, the same to each, without making it the active one. Where some of the files have it
 * already, the others get that one.
 * @returns the new texts, and the id of the key that was added
 * @throws {SettingsError} where a key waits already to become the active one, or to be retired
 */
export function addKey(texts: readonly string[], kind: RotatedKind): { texts: readonly string[]; id: string } {
  const sets = setsOf(texts, kind);
  const all = union(sets, kind);
  const [active, another] = new Set(sets.map((set) => set.active));
  const waiting = Object.keys(all).filter((id) => id !== active);
  const isEverywhere = sets.every(({ keys }) => Object.keys(all).every((id) => id in keys));
  if (another !== undefined || (waiting.length > 0 && isEverywhere)) {
    throw new SettingsError(
      `the key files have more than one ${kind} key already: ${Object.keys(all).join(', ')}. Finish that rotation first; "keys rotate status" shows what is next.`,
    );
  }
  const [id = newKeyId(kind)] = waiting;
  const key = all[id] ?? (kind === 'proof' || kind === 'checkpoint' ? newSigner() : newSecret());
  return { texts: changed(texts, kind, (set) => ({ ...set, keys: { ...set.keys, [id]: key } })), id };
}

/**
 * Makes a key the active one in all files.
 * @throws {SettingsError} where a file lacks it
 */
export function activateKey(texts: readonly string[], kind: RotatedKind, id: string): readonly string[] {
  return changed(texts, kind, (set) => {
    if (!(id in set.keys))
      throw new SettingsError(`a key file lacks the ${kind} key "${id}". Run "keys rotate add" again.`);
    return { ...set, active: id };
  });
}

/**
 * Takes a key out of all files.
 * @throws {SettingsError} where it is the active one
 */
export function removeKey(texts: readonly string[], kind: RotatedKind, id: string): readonly string[] {
  return changed(texts, kind, (set) => {
    if (set.active === id) throw new SettingsError(`the ${kind} key "${id}" is active in a key file.`);
    return { ...set, keys: Object.fromEntries(Object.entries(set.keys).filter(([other]) => other !== id)) };
  });
}

function setsOf(texts: readonly string[], kind: RotatedKind): KeySet[] {
  const sets = texts.flatMap((text) => setOf(parseKeyFile(text), kind) ?? []);
  if (sets.length === 0) throw new SettingsError(`no key file has a ${kind} key.`);
  return sets;
}

function union(sets: readonly KeySet[], kind: RotatedKind): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [id, key] of sets.flatMap(({ keys }) => Object.entries(keys))) {
    if (all[id] !== undefined && all[id] !== key)
      throw new SettingsError(
        `the key files have different ${kind} keys with the id "${id}". Use the files of one installation.`,
      );
    all[id] = key;
  }
  return all;
}

function setOf(file: KeyFile, kind: RotatedKind): KeySet | undefined {
  if (kind === 'sealing' || kind === 'webhook') return file[kind];
  if (kind === 'pepper') {
    const { pepper } = file;
    return typeof pepper === 'string' ? { active: firstPepper, keys: { [firstPepper]: pepper } } : pepper;
  }
  const given = file[kind];
  return given && { active: given.id, keys: { [given.id]: given.privateKey, ...given.others } };
}

function changed(texts: readonly string[], kind: RotatedKind, change: (set: KeySet) => KeySet): readonly string[] {
  return texts.map((text) => {
    const file = parseKeyFile(text);
    const before = setOf(file, kind);
    return before ? formatKeyFile({ ...file, [kind]: written(kind, change(before), file) }) : text;
  });
}

function written(kind: RotatedKind, { active, keys }: KeySet, { pepper }: KeyFile) {
  if (kind === 'sealing' || kind === 'webhook') return { active, keys };
  if (kind === 'pepper') return { lookups: typeof pepper === 'string' ? pepper : pepper?.lookups, active, keys };
  const { [active]: privateKey = '', ...others } = keys;
  return { id: active, privateKey, ...(Object.keys(others).length > 0 && { others }) };
}
