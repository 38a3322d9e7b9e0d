import { UnverifiedError } from './errors.js';
import type { SigningKey, VerifierKey } from './keys.js';
import { formatNote, parseNote, signNote, verifyNote, type Note, type VerifiedSignature } from './note.js';
import { isReached, witnessesOf, type Policy } from './policy.js';
import { formatTreeHead, parseTreeHead, type TreeHead } from './tree-head.js';

/** A checkpoint that may be believed. */
export interface Checkpoint {
  readonly head: TreeHead;
  readonly note: Note;
  /** By keys of the log: at least one. */
  readonly signatures: readonly VerifiedSignature[];
  /** By witnesses that the policy knows. */
  readonly cosignatures: readonly VerifiedSignature[];
}

/**
 * Signs what a log is, as a note (C2SP tlog-checkpoint). The signer has to know that this tree only adds
 * entries to the one that was signed before.
 * @param keys each named by the origin
 * @param seconds since 1970, for signatures that contain the time
 */
export function signCheckpoint(head: TreeHead, keys: readonly SigningKey[], seconds: number): string {
  if (keys.length === 0 || keys.some(({ name }) => name !== head.origin))
    throw new TypeError('A checkpoint is signed with keys that are named by its origin.');
  return formatNote(signNote(formatTreeHead(head), keys, seconds));
}

/**
 * Reads a checkpoint from whomever, and verifies it.
 * @throws {MalformedError} where it is none
 * @throws {UnverifiedError} `signature_wrong`, `log_key_unknown` or `quorum_missed`
 */
export function openCheckpoint(input: string | Uint8Array, policy: Policy): Checkpoint {
  const note = parseNote(input);
  const head = parseTreeHead(note.text);
  const logKeys = policy.logs.filter(({ name }) => name === head.origin);
  const signatures = verifyNote(note, logKeys);
  if (signatures.length === 0) throw new UnverifiedError('log_key_unknown');
  // A log is no witness of itself, under whatever name.
  const witnesses = witnessesOf(policy.quorum).filter((witness) => !logKeys.some((key) => isSame(key, witness)));
  const cosignatures = onceForEachKey(verifyNote(note, witnesses));
  if (!isReached(policy.quorum, new Set(cosignatures.map(({ key }) => key))))
    throw new UnverifiedError('quorum_missed');
  return { head, note, signatures, cosignatures };
}

const isSame = (one: VerifierKey, other: VerifierKey) => one.publicKey.equals(other.publicKey);

/** A witness does not become two by two names. */
function onceForEachKey(signatures: readonly VerifiedSignature[]): VerifiedSignature[] {
  return signatures.filter(({ key }, index) => signatures.findIndex((other) => isSame(other.key, key)) === index);
}
