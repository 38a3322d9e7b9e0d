import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { hashBytes } from './chain.js';

/** What a chain was at a time. Exported ones show a cut tail and a rewritten chain; nothing inside the database can. */
export interface Checkpoint {
  readonly tenantId: string;
  /** The last entry at that time. */
  readonly sequence: number;
  readonly hash: Uint8Array;
  /** ISO 8601, UTC, as text, by the database's clock. */
  readonly signedAt: string;
  /** Names the key that signed. */
  readonly keyId: string;
}

export interface SignedCheckpoint extends Checkpoint {
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

// The key signs nothing else, and yet: a signature made for one purpose must never fit another.
const label = 'sallyport audit checkpoint v1\n';

/**
 * The bytes that are signed: a label, then RFC 8785 JSON of the five members, the hash in hexadecimal.
 * @throws {TypeError} where a member has another type
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Buffer {
  const { tenantId, sequence, hash, signedAt, keyId } = checkpoint;
  for (const text of [tenantId, signedAt, keyId]) {
    if (typeof text !== 'string') throw new TypeError('Tenant, time and key of a checkpoint are texts.');
  }
  if (!Number.isSafeInteger(sequence) || sequence < 1) throw new TypeError('A sequence is a whole number from 1 on.');
  if (hash.length !== hashBytes) throw new TypeError(`A hash has ${hashBytes} bytes.`);
  const fields = { tenantId, sequence, hash: Buffer.from(hash).toString('hex'), signedAt, keyId };
  return Buffer.from(label + canonicalJson(fields));
}

/** @param privateKey Ed25519 */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): SignedCheckpoint {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('Checkpoints are signed with Ed25519.');
  return { ...checkpoint, signature: sign(null, encodeCheckpoint(checkpoint), privateKey) };
}

/** Whether this key signed exactly this. Anything malformed is just not signed. */
export function verifyCheckpoint(checkpoint: SignedCheckpoint, publicKey: KeyObject): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519') return false;
  try {
    return verify(null, encodeCheckpoint(checkpoint), publicKey, checkpoint.signature);
  } catch {
    return false;
  }
}
