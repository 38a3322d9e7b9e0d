import { createHash, createHmac, createPublicKey } from 'node:crypto';
import { SettingsError, type Keys } from '#runtime';
import type { Database } from './database.js';
import {
  readKnown,
  noteKnown,
  replaceKnown,
  forgetKnown,
  lockKnown,
  sealedUnder,
  type Fingerprint,
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
 * active sealing or webhook key beside all that are known.
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
    const fresh = own.filter(({ kind, id }) => !isRing(kind) || id === held[kind]?.active);
    if (fresh.some((key) => !known.some((other) => isSame(key, other))))
      await database.query(noteKnown, columnsOf(fresh));
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

function compare(own: readonly Fingerprint[], known: readonly Fingerprint[]): string[] {
  const kinds = [...new Set(own.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const held = own.filter((key) => key.kind === kind);
    const expected = known.filter((key) => key.kind === kind);
    const changed = held.filter((key) => expected.some((other) => other.id === key.id && !isSame(key, other)));
    if (changed.length > 0) return changed.map(({ id }) => `it has another ${named(kind, id)}`);
    // All that values may be sealed under; of the others each process has one.
    const missing = expected.filter((key) => !held.some(({ id }) => id === key.id));
    if (isRing(kind)) return missing.map(({ id }) => `the ${named(kind, id)} is missing`);
    return expected.length > 0 && missing.length === expected.length
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

const columnsOf = (keys: readonly Fingerprint[]) => ({
  kinds: keys.map(({ kind }) => kind),
  ids: keys.map(({ id }) => id),
  fingerprints: keys.map(({ fingerprint }) => fingerprint),
});

/** Of secret keys a MAC under them, of signing keys a hash of the public half: neither helps to find the key. */
function fingerprintsOf({ sealing, webhook, pepper, proof, checkpoint }: HeldKeys): Fingerprint[] {
  const ofSecret = (kind: keyof Keys, id: string, key: Uint8Array): Fingerprint => ({
    kind,
    id,
    fingerprint: createHmac('sha256', key).update(`sallyport:known-key:${kind}`).digest(),
  });
  const ofSigner = (kind: keyof Keys, key: Keys['proof'] | undefined): Fingerprint[] => {
    if (!key) return [];
    const publicKey = createPublicKey(key.privateKey).export({ type: 'spki', format: 'der' });
    return [{ kind, id: key.id, fingerprint: createHash('sha256').update(publicKey).digest() }];
  };
  return [
    ...[...(sealing?.keys ?? [])].map(([id, key]) => ofSecret('sealing', id, key)),
    ...[...(webhook?.keys ?? [])].map(([id, key]) => ofSecret('webhook', id, key)),
    ...(pepper ? [ofSecret('pepper', '', pepper.export())] : []),
    ...ofSigner('proof', proof),
    ...ofSigner('checkpoint', checkpoint),
  ];
}
