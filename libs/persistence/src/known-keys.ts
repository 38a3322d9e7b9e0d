import { createHash, createHmac, createPublicKey } from 'node:crypto';
import { firstPepper, SettingsError, type Keys } from '#runtime';
import type { Database } from './database.js';
import {
  readKnown,
  noteKnown,
  replaceKnown,
  forgetKnown,
  lockKnown,
  sealedUnder,
  type Fingerprint,
  type KnownKey,
} from './known-keys.sql.js';

/** The kinds of keys that a process was given. */
export type HeldKeys = Partial<Keys>;

const words: Readonly<Record<keyof Keys, string>> = {
  sealing: 'sealing key',
  webhook: 'webhook key',
  pepper: 'pepper',
  proof: 'proof key',
  checkpoint: 'checkpoint key',
};

/**
 * What is wrong with the keys of this process, one line each: this database was used with others. A process with another
 * pepper, or the keys of another installation, would look well and refuse every code.
 * @throws what the database says
 */
export async function strangeKeys(database: Database, held: HeldKeys): Promise<string[]> {
  return compare(fingerprintsOf(held), await database.query(readKnown));
}

/**
 * Compares the keys of a process that starts with those that the database knows. The first ones are noted, by whoever
 * holds more than the sealing keys: a worker that was given wrong ones first must not make all others wrong. So is a new
 * key beside those that are known, and whether it is used or only stands ready.
 * @throws {SettingsError} in one line, where the database was used with others
 */
export async function assertKnownKeys(database: Database, held: HeldKeys): Promise<void> {
  const own = fingerprintsOf(held);
  if (own.length === 0) return;
  const refuse = (faults: readonly string[]) => {
    if (faults.length > 0) {
      throw new SettingsError(
        `SALLYPORT_KEYS is not the key file of this database: ${faults.join('; ')}. Restore the file that belongs to it, or correct DATABASE_URL. If the keys were changed on purpose, run "npm run admin -- keys accept".`,
      );
    }
  };
  refuse(await strangeKeys(database, held));
  if (!held.pepper && !held.checkpoint) return;
  await database.transaction(async () => {
    await database.query(lockKnown);
    const known = await database.query(readKnown);
    const faults = compare(own, known);
    if (held.sealing && !known.some(({ kind }) => kind === 'sealing')) {
      const used = (await database.one(sealedUnder))?.id;
      if (used !== undefined && !held.sealing.keys.has(used)) faults.push(`the sealing key "${used}" is missing`);
    }
    refuse(faults);
    const isNoted = (key: OwnKey) => known.some((other) => isSame(key, other) && (!key.used || other.usedSince));
    if (!own.every(isNoted)) await database.query(noteKnown, columnsOf(own));
  });
}

/**
 * Has the database know these keys, on an operator's word: signing keys and pepper beside or in place of those of before,
 * and of sealing and webhook keys no others any more.
 * @returns what it knows now, without fingerprints
 */
export async function acceptKeys(database: Database, held: HeldKeys): Promise<{ kind: string; id: string }[]> {
  return database.transaction(async () => {
    await database.query(lockKnown);
    await database.query(replaceKnown, columnsOf(fingerprintsOf(held)));
    for (const kind of rings) {
      const ring = held[kind];
      if (ring) await database.query(forgetKnown, { kind, ids: [...ring.keys.keys()] });
    }
    const known = await database.query(readKnown);
    return known.map(({ kind, id }) => ({ kind, id }));
  });
}

function compare(own: readonly OwnKey[], known: readonly KnownKey[]): string[] {
  const kinds = [...new Set(own.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const held = own.filter((key) => key.kind === kind);
    const expected = known.filter((key) => key.kind === kind);
    const changed = held.filter((key) => expected.some((other) => other.id === key.id && !isSame(key, other)));
    if (changed.length > 0) return changed.map(({ id }) => `it has another ${named(kind, id)}`);
    const retired = held.filter((key) => key.used && expected.some((other) => other.id === key.id && other.retiredAt));
    if (retired.length > 0)
      return retired.map(({ id }) => `its active ${named(kind, id)} was retired: another one has taken its place`);
    // All that values may be sealed under; of the others each process has one at least.
    const inUse = expected.filter((key) => key.usedSince && !key.retiredAt);
    const missing = inUse.filter((key) => !held.some(({ id }) => id === key.id));
    if (kind === 'pepper' || isRing(kind)) return missing.map(({ id }) => `the ${named(kind, id)} is missing`);
    return inUse.length > 0 && missing.length === inUse.length
      ? [`its ${held.map(({ id }) => named(kind, id)).join()} is not known here`]
      : [];
  });
}

/** Kinds of which a process has all that values may be sealed under. */
const rings = ['sealing', 'webhook'] as const;
const isRing = (kind: keyof Keys): kind is (typeof rings)[number] => kind === 'sealing' || kind === 'webhook';

const named = (kind: keyof Keys, id: string) => (id === '' ? words[kind] : `${words[kind]} "${id}"`);

const isSame = (one: Fingerprint, other: Fingerprint) =>
  one.kind === other.kind && one.id === other.id && one.fingerprint.equals(other.fingerprint);

const columnsOf = (keys: readonly OwnKey[]) => ({
  kinds: keys.map(({ kind }) => kind),
  ids: keys.map(({ id }) => id),
  fingerprints: keys.map(({ fingerprint }) => fingerprint),
  used: keys.map(({ used }) => used),
});

/** A key of this process, and whether it makes something with it. */
interface OwnKey extends Fingerprint {
  readonly used: boolean;
}

/** Of secret keys a MAC under them, of signing keys a hash of the public half: neither helps to find the key. */
function fingerprintsOf({ sealing, webhook, pepper, proof, checkpoint }: HeldKeys): OwnKey[] {
  const ofSecret = (kind: keyof Keys, id: string, key: Uint8Array, used: boolean): OwnKey => ({
    kind,
    id,
    fingerprint: createHmac('sha256', key).update(`sallyport:known-key:${kind}`).digest(),
    used,
  });
  const ofSigner = (kind: keyof Keys, { id, privateKey }: Keys['proof'], used: boolean): OwnKey => {
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    return { kind, id, fingerprint: createHash('sha256').update(publicKey).digest(), used };
  };
  const ofRing = (kind: 'sealing' | 'webhook', ring: HeldKeys['sealing']) =>
    [...(ring?.keys ?? [])].map(([id, key]) => ofSecret(kind, id, key, id === ring?.active));
  // The first one has no id here. It stays what look-ups are made with, also after codes are made under another.
  const ofPepper = (held: HeldKeys['pepper']) =>
    held
      ? [
          ofSecret('pepper', '', held.lookups.export(), held.active === firstPepper),
          ...[...held.keys]
            .filter(([id]) => id !== firstPepper)
            .map(([id, key]) => ofSecret('pepper', id, key.export(), id === held.active)),
        ]
      : [];
  const ofSigners = (kind: 'proof' | 'checkpoint', key: Keys['proof'] | undefined) =>
    key ? [ofSigner(kind, key, true), ...(key.others ?? []).map((other) => ofSigner(kind, other, false))] : [];
  return [
    ...ofRing('sealing', sealing),
    ...ofRing('webhook', webhook),
    ...ofPepper(pepper),
    ...ofSigners('proof', proof),
    ...ofSigners('checkpoint', checkpoint),
  ];
}
