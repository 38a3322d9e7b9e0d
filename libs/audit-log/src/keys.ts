import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { MalformedError } from './errors.js';
import { decodeBase64 } from './text.js';
import { parseTreeHead } from './tree-head.js';

interface Kind {
  /** The byte that C2SP signed-note gives this type of signature. */
  readonly byte: number;
  readonly keyType: string;
  /** What stands before the bytes of the key in its SubjectPublicKeyInfo (RFC 8410 §4, RFC 9881 §4). */
  readonly spkiPrefix: Buffer;
  readonly keyBytes: number;
  readonly signatureBytes: number;
  /** Whether 8 bytes before the signature tell when it was made. */
  readonly timed: boolean;
  /** What is signed. */
  readonly message: (text: string, name: string, seconds: number) => Buffer;
}

const ed25519 = {
  keyType: 'ed25519',
  spkiPrefix: Buffer.from('302a300506032b6570032100', 'hex'),
  keyBytes: 32,
  signatureBytes: 64,
} as const;

const kinds = {
  /** Ed25519 over the text: C2SP signed-note. */
  ed25519: { byte: 0x01, ...ed25519, timed: false, message: (text) => Buffer.from(text) },
  /** Ed25519 over time and text: C2SP tlog-cosignature. For witnesses, and for a log that says when it signed. */
  'cosignature/v1': {
    byte: 0x04,
    ...ed25519,
    timed: true,
    message: (text, _, seconds) => Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`),
  },
  /** The same by ML-DSA-44 (FIPS 204), for the time after Ed25519. Node.js has it from 24.7 on. */
  'ml-dsa-44': {
    byte: 0x06,
    keyType: 'ml-dsa-44',
    spkiPrefix: Buffer.from('30820532300b06096086480165030403110382052100', 'hex'),
    keyBytes: 1312,
    signatureBytes: 2420,
    timed: true,
    message: subtreeMessage,
  },
} as const satisfies Record<string, Kind>;

export type SignatureType = keyof typeof kinds;
const kindOf = (type: SignatureType): Kind => kinds[type];
const typeNames = Object.keys(kinds) as SignatureType[];

/** Who signs, and how: what a verifier has to have from a source that it trusts. */
export interface VerifierKey {
  /** Of a log: its origin. Of a witness: an address without scheme. */
  readonly name: string;
  readonly type: SignatureType;
  /** Eight hexadecimal digits that find the key of a signature. No proof of anything. */
  readonly id: string;
  readonly publicKey: KeyObject;
}

export interface SigningKey extends VerifierKey {
  readonly privateKey: KeyObject;
}

/** Whether it can be the name of a key: not empty, no Unicode spaces, no plus, no control characters. */
export const isKeyName = (name: string): boolean => /^[^\p{White_Space}\p{Cc}+]+$/u.test(name);

/** @throws {TypeError} for a name that is none, or a key of another kind */
export function verifierKey(name: string, type: SignatureType, publicKey: KeyObject): VerifierKey {
  if (!isKeyName(name)) throw new TypeError('The name of a key has no spaces and no plus.');
  const { keyType } = kindOf(type);
  if (publicKey.asymmetricKeyType !== keyType) throw new TypeError(`A key for ${type} is one of ${keyType}.`);
  return { name, type, id: keyIdOf(name, type, rawKey(type, publicKey)), publicKey };
}

/** @throws {TypeError} for a name that is none, or a key of another kind */
export function signingKey(name: string, type: SignatureType, privateKey: KeyObject): SigningKey {
  return { ...verifierKey(name, type, createPublicKey(privateKey)), privateKey };
}

/** The key as a line of text that other programs read (a *vkey* of C2SP signed-note): `name+id+base64`. */
export function formatVkey({ name, type, id, publicKey }: VerifierKey): string {
  return `${name}+${id}+${Buffer.concat([Buffer.of(kindOf(type).byte), rawKey(type, publicKey)]).toString('base64')}`;
}

/** @throws {MalformedError} for what is no vkey, or of a type that is not known here */
export function parseVkey(text: string): VerifierKey {
  const [name = '', id = '', encoded = ''] = text.split(/\+(.*?)\+(.*)/s);
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id) || !bytes || bytes.length < 2)
    throw new MalformedError('key', 'It is not written as name+id+key.');
  const type = typeNames.find((known) => kindOf(known).byte === bytes[0]);
  if (!type) throw new MalformedError('key', `It is of a type that is not known here (${bytes[0]}).`);
  const { keyBytes, spkiPrefix } = kindOf(type);
  const raw = bytes.subarray(1);
  if (raw.length !== keyBytes) throw new MalformedError('key', `A key for ${type} has ${keyBytes} bytes.`);
  if (keyIdOf(name, type, raw) !== id) throw new MalformedError('key', 'Its id does not fit its name and key.');
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
    return { name, type, id, publicKey };
  } catch {
    throw new MalformedError('key', `This Node.js cannot read a key for ${type}.`);
  }
}

/**
 * Signs a text.
 * @param seconds since 1970, when: what a cosignature says. Others do not tell it
 * @returns the bytes of the signature, as a note has them after the id of the key
 */
export function signText(text: string, key: SigningKey, seconds: number): Buffer {
  const { timed, message } = kindOf(key.type);
  if (!timed) return sign(null, message(text, key.name, 0), key.privateKey);
  if (!Number.isSafeInteger(seconds) || seconds < 1) throw new TypeError('The time is a whole number of seconds.');
  return Buffer.concat([uint64(seconds), sign(null, message(text, key.name, seconds), key.privateKey)]);
}

/**
 * Verifies the signature of a text.
 * @returns undefined where this key did not sign this; else the time that the signature names, in seconds since 1970, or null
 *   where it names none
 */
export function verifyText(
  text: string,
  key: VerifierKey,
  signature: Uint8Array,
): { seconds: number | null } | undefined {
  const { timed, signatureBytes, message } = kindOf(key.type);
  if (signature.length !== signatureBytes + (timed ? 8 : 0)) return undefined;
  const bytes = Buffer.from(signature);
  const seconds = timed ? Number(bytes.readBigUInt64BE()) : 0;
  if (!Number.isSafeInteger(seconds)) return undefined;
  try {
    const signed = verify(null, message(text, key.name, seconds), key.publicKey, timed ? bytes.subarray(8) : bytes);
    return signed ? { seconds: timed ? seconds : null } : undefined;
  } catch (error) {
    // A cosignature of what is no checkpoint.
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** C2SP signed-note: what finds a key. */
function keyIdOf(name: string, type: SignatureType, raw: Uint8Array): string {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(kindOf(type).byte), raw]);
  return hash('sha256', input, 'buffer').toString('hex', 0, 4);
}

function rawKey(type: SignatureType, publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(kindOf(type).spkiPrefix.length);
}

/** C2SP tlog-cosignature, *ML-DSA-44 signed message*: `cosigned_message` of a whole tree. */
function subtreeMessage(text: string, name: string, seconds: number): Buffer {
  const { origin, size, root } = parseTreeHead(text);
  return Buffer.concat([
    Buffer.from('subtree/v1\n\0'),
    shortText(name),
    uint64(seconds),
    shortText(origin),
    uint64(0),
    uint64(size),
    root,
  ]);
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new MalformedError('checkpoint', 'A name of more than 255 bytes cannot be signed.');
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function uint64(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}
