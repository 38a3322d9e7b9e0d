import { createPublicKey, type KeyObject } from 'node:crypto';
import { MalformedError, parseVkey, type VerifierKey } from '#audit-log';
import { optionalSetting, SettingsError, type SigningKey, withoutSlash } from '#runtime';

/** Who cosigns checkpoints, and where it is asked to. */
export interface WitnessAddress {
  readonly key: VerifierKey;
  /** Without a slash at its end: what `/add-checkpoint` is put after. */
  readonly url: string;
}

export interface Witnesses {
  readonly all: readonly WitnessAddress[];
  /** So many of them make a checkpoint witnessed. */
  readonly quorum: number;
}

/**
 * The witnesses that AUDIT_WITNESSES names; none where it is left out.
 * @param checkpointKey a log is no witness of itself
 * @throws {SettingsError}
 */
export function readWitnesses(checkpointKey: SigningKey): Witnesses {
  const own = createPublicKey(checkpointKey.privateKey);
  return parseWitnesses(optionalSetting('AUDIT_WITNESSES') ?? '', optionalSetting('AUDIT_WITNESS_QUORUM'), own);
}

/**
 * @param list as AUDIT_WITNESSES has it
 * @param quorum all where it is left out
 * @param own the key of the logs
 * @throws {SettingsError} naming the witness that is wrong
 */
export function parseWitnesses(list: string, quorum: number | undefined, own: KeyObject): Witnesses {
  const entries = list.split(/[,\n]/).map((entry) => entry.trim());
  const all = entries.filter((entry) => entry !== '').map((entry, index) => parseWitness(entry, index + 1));
  for (const [index, { key }] of all.entries()) {
    const refuse = wrong(index + 1);
    if (key.publicKey.equals(own)) refuse('has the key of the logs themselves. A log is no witness of itself.');
    const isSame = (other: WitnessAddress) => other.key.name === key.name || other.key.publicKey.equals(key.publicKey);
    if (all.findIndex(isSame) !== index) refuse('has the name or the key of one before it. Each counts once.');
  }
  if (quorum !== undefined && quorum > all.length)
    throw new SettingsError(`AUDIT_WITNESS_QUORUM is ${quorum}, and AUDIT_WITNESSES names ${all.length}.`);
  return { all, quorum: quorum ?? all.length };
}

function parseWitness(entry: string, number: number): WitnessAddress {
  const refuse = wrong(number);
  const [vkey = '', address = '', ...more] = entry.split(/\s+/);
  if (address === '' || more.length > 0) refuse('is not written as its public key, a space and its address.');
  const key = parseKey(vkey, refuse);
  // What signs plain notes made no statement about what a log was before.
  if (key.type === 'ed25519') refuse('has a key that does not tell the time: one of a log, perhaps.');
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    return refuse('has no http:// or https:// address without password, query and fragment.');
  return { key, url: withoutSlash(url.href) };
}

function parseKey(vkey: string, refuse: Refuse): VerifierKey {
  try {
    return parseVkey(vkey);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return refuse(`has no public key. ${error.message}`);
  }
}

type Refuse = (words: string) => never;
const wrong =
  (number: number): Refuse =>
  (words) => {
    throw new SettingsError(`AUDIT_WITNESSES: witness ${number} ${words}`);
  };
