import { MalformedError, UnverifiedError } from './errors.js';
import { isKeyName, signText, verifyText, type SigningKey, type VerifierKey } from './keys.js';
import { decodeBase64, decodeText } from './text.js';

/** Bytes of a note that anybody may hand in. Sixteen signatures by ML-DSA-44 have 52,000. */
const mostBytes = 256 * 1024;

/** C2SP signed-note asks for at least 16. */
const mostSignatures = 64;

export interface NoteSignature {
  /** Of the key. */
  readonly name: string;
  /** Of the key, eight hexadecimal digits. */
  readonly keyId: string;
  /** What follows the id of the key; of a cosignature with the time. */
  readonly signature: Uint8Array;
}

/** A text and who signed it (C2SP signed-note). Until a signature was verified, anybody may have written it. */
export interface Note {
  /** With the newline at its end. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature that was verified. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** When the key says that it signed: seconds since 1970. Null where this type of signature does not tell. */
  readonly seconds: number | null;
  /** As it stands in the note: what a log adds to its own of what a witness answered. */
  readonly signature: NoteSignature;
}

/**
 * Reads a note from whomever: bounded, and each note in one spelling only.
 * @throws {MalformedError}
 */
export function parseNote(input: string | Uint8Array): Note {
  const whole = decodeText('note', input, mostBytes);
  assertPlain(whole);
  const parting = whole.lastIndexOf('\n\n');
  if (parting < 0) throw new MalformedError('note', 'It has no empty line between text and signatures.');
  return { text: whole.slice(0, parting + 1), signatures: parseSignatures(whole.slice(parting + 2)) };
}

/**
 * Reads signature lines alone, as a witness answers them.
 * @throws {MalformedError}
 */
export function parseSignatures(input: string | Uint8Array): NoteSignature[] {
  const text = decodeText('note', input, mostBytes);
  assertPlain(text);
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new MalformedError('note', 'It does not end with a newline.');
  if (lines.length === 0) throw new MalformedError('note', 'It has no signature.');
  if (lines.length > mostSignatures) throw new MalformedError('note', `It has more than ${mostSignatures} signatures.`);
  return lines.map(parseSignature);
}

/** One line for each signature. */
export function formatSignatures(signatures: readonly NoteSignature[]): string {
  return signatures
    .map(({ name, keyId, signature }) => {
      const bytes = Buffer.concat([Buffer.from(keyId, 'hex'), signature]);
      return `— ${name} ${bytes.toString('base64')}\n`;
    })
    .join('');
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${formatSignatures(signatures)}`;
}

/**
 * Signs a text.
 * @param seconds since 1970, for signatures that tell the time
 */
export function signNote(text: string, keys: readonly SigningKey[], seconds: number): Note {
  assertPlain(text);
  if (!text.endsWith('\n')) throw new TypeError('The text of a note ends with a newline.');
  const signatures = keys.map((key) => ({ name: key.name, keyId: key.id, signature: signText(text, key, seconds) }));
  return { text, signatures };
}

/**
 * Verifies the signatures of those keys that are known. Others are not looked at (C2SP signed-note); two by one key count once.
 * @returns those that are good: perhaps none
 * @throws {UnverifiedError} `signature_wrong` where one is of a known key and does not verify
 */
export function verifyNote({ text, signatures }: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const verified = new Map<VerifierKey, VerifiedSignature>();
  for (const signature of signatures) {
    for (const key of keys.filter(({ name, id }) => name === signature.name && id === signature.keyId)) {
      const good = verifyText(text, key, signature.signature);
      if (!good) throw new UnverifiedError('signature_wrong');
      if (!verified.has(key)) verified.set(key, { key, seconds: good.seconds, signature });
    }
  }
  return [...verified.values()];
}

function assertPlain(text: string): void {
  // C2SP signed-note: no ASCII control character but the newline.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new MalformedError('note', 'It has control characters.');
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || !bytes || bytes.length < 5)
    throw new MalformedError('note', 'A signature is not written as a dash, a name and base 64.');
  return { name, keyId: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) };
}
