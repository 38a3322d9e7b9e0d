import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  formatNote,
  formatSignatures,
  formatTreeHead,
  formatVkey,
  hashLeaf,
  MalformedError,
  parseNote,
  parseSignatures,
  parseVkey,
  signingKey,
  signNote,
  UnverifiedError,
  verifierKey,
  verifyNote,
  type SignatureType,
} from './index.js';

const pairs = { ed25519: generateKeyPairSync('ed25519'), 'ml-dsa-44': generateKeyPairSync('ml-dsa-44') };
const keyFor = (name: string, type: SignatureType) =>
  signingKey(name, type, pairs[type === 'ml-dsa-44' ? type : 'ed25519'].privateKey);
const origin = 'example.com/log';
const types = ['ed25519', 'cosignature/v1', 'ml-dsa-44'] as const;
const head = { origin, size: 20852163, root: hashLeaf('root') };
const text = formatTreeHead(head);
const seconds = 1_679_315_147;

/** What is refused as no such thing. */
const malformed = (what: string) => expect.objectContaining({ name: 'MalformedError', what });

describe('keys', () => {
  // From golang.org/x/mod/sumdb/note: the key of the Go checksum database, and of its documentation.
  test('are read and written as Go does', () => {
    for (const vkey of [
      'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8',
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    ]) {
      const key = parseVkey(vkey);
      expect(key.type).toBe('ed25519');
      expect(formatVkey(key)).toBe(vkey);
    }
  });

  test.each(types)('of %s are the same after a way through text', (type) => {
    const key = keyFor('w.example/1', type);
    const again = parseVkey(formatVkey(key));
    expect({ ...again, publicKey: again.publicKey.export({ format: 'jwk' }) }).toEqual({
      name: key.name,
      type,
      id: key.id,
      publicKey: key.publicKey.export({ format: 'jwk' }),
    });
  });

  test('have another id under another name and for another type', () => {
    const ids = ['a', 'b'].flatMap((name) => types.map((type) => keyFor(name, type).id));
    expect(new Set(ids).size).toBe(6);
  });

  const good = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  test.each([
    ['', 'name+id+key'],
    ['a+b', 'name+id+key'],
    [good.replace('Peter', 'Peter '), 'name+id+key'],
    [good.replace('PeterNeumann', ''), 'name+id+key'],
    [good.replace('c74f20a3', 'C74F20A3'), 'name+id+key'],
    [`${good}\n`, 'name+id+key'],
    [`${good}=`, 'name+id+key'],
    [`${good}+x`, 'name+id+key'],
    ['a+00000000+AQ==', 'name+id+key'],
    [good.replace('c74f20a3', 'c74f20a4'), 'id does not fit'],
    [good.replace('Peter', 'Petra'), 'id does not fit'],
    [good.replace('+AR', '+BB'), 'id does not fit'],
    [good.replace('+AR', '+Ah'), 'a type that is not known here (2)'],
    ['a+00000000+AQAA', 'has 32 bytes'],
  ])('are refused where they are none: %j', (vkey, words) => {
    expect(() => parseVkey(vkey)).toThrow(malformed('key'));
    expect(() => parseVkey(vkey)).toThrow(words);
  });

  test('are of the kind that their type needs, and have a name', () => {
    const { publicKey, privateKey } = pairs.ed25519;
    expect(() => verifierKey('a', 'ml-dsa-44', publicKey)).toThrow(
      new TypeError('A key for ml-dsa-44 is one of ml-dsa-44.'),
    );
    expect(() => signingKey('a', 'ed25519', pairs['ml-dsa-44'].privateKey)).toThrow(TypeError);
    for (const name of ['', 'a b', 'a+b', 'a\n', 'a\u00a0b', 'a\u2003b', 'a\u0007'])
      expect(() => signingKey(name, 'ed25519', privateKey)).toThrow(
        new TypeError('The name of a key has no spaces and no plus.'),
      );
  });
});

describe('a note', () => {
  test.each(types)('signed by %s verifies, and tells its time where it has one', (type) => {
    const key = keyFor(origin, type);
    const note = parseNote(formatNote(signNote(text, [key], seconds)));
    const expected = type === 'ed25519' ? null : seconds;
    expect(verifyNote(note, [key])).toEqual([{ key, seconds: expected, signature: note.signatures[0] }]);
    expect(note.text).toBe(text);
  });

  test.each(types)('with another text, key or signature by %s does not verify', (type) => {
    const key = keyFor(origin, type);
    const note = signNote(text, [key], seconds);
    const [signature] = note.signatures;
    if (!signature) throw new Error('No signature.');
    const refused = new UnverifiedError('signature_wrong');
    expect(() => verifyNote({ ...note, text: text.replace('3\n', '4\n') }, [key])).toThrow(refused);
    const { length } = signature.signature;
    // Its first, its last, and the last of the time.
    for (const at of [0, 7, 8, length - 1]) {
      const bytes = Buffer.from(signature.signature);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(() => verifyNote({ text, signatures: [{ ...signature, signature: bytes }] }, [key])).toThrow(refused);
    }
    for (const bytes of [Buffer.alloc(1), Buffer.concat([signature.signature, Buffer.alloc(1)])])
      expect(() => verifyNote({ text, signatures: [{ ...signature, signature: bytes }] }, [key])).toThrow(refused);
    // One good signature does not make up for a wrong one of a known key.
    const bad = { ...signature, signature: Buffer.alloc(length) };
    expect(() => verifyNote({ text, signatures: [signature, bad] }, [key])).toThrow(refused);
  });

  test('is not verified by what others signed', () => {
    const note = signNote(text, [keyFor(origin, 'ed25519'), keyFor('stranger', 'ed25519')], seconds);
    expect(verifyNote(note, [])).toEqual([]);
    expect(verifyNote(note, [keyFor('somebody', 'ed25519')])).toEqual([]);
    // The same key, for another type of signature.
    expect(verifyNote(note, [keyFor(origin, 'cosignature/v1')])).toEqual([]);
    // A name or an id alone do not make a key known.
    const [signature] = note.signatures;
    if (!signature) throw new Error('No signature.');
    const other = { ...signature, signature: Buffer.alloc(64) };
    expect(verifyNote({ text, signatures: [{ ...other, keyId: '00000000' }] }, [keyFor(origin, 'ed25519')])).toEqual(
      [],
    );
    expect(verifyNote({ text, signatures: [{ ...other, name: 'else' }] }, [keyFor(origin, 'ed25519')])).toEqual([]);
  });

  test('counts two signatures of one key once', () => {
    const key = keyFor(origin, 'cosignature/v1');
    const { signatures } = signNote(text, [key], seconds);
    const later = signNote(text, [key], seconds + 1).signatures;
    expect(verifyNote({ text, signatures: [...signatures, ...later] }, [key])).toEqual([
      { key, seconds, signature: signatures[0] },
    ]);
  });

  test('says when it was signed by its signature, not beside it', () => {
    const key = keyFor('w', 'cosignature/v1');
    expect(() => signNote(text, [key], 0)).toThrow(new TypeError('The time is a whole number of seconds.'));
    expect(() => signNote(text, [key], 1.5)).toThrow(TypeError);
    const [signature] = signNote(text, [key], seconds).signatures;
    if (!signature) throw new Error('No signature.');
    const bytes = Buffer.from(signature.signature);
    bytes.fill(255, 0, 8);
    expect(() => verifyNote({ text, signatures: [{ ...signature, signature: bytes }] }, [key])).toThrow(
      UnverifiedError,
    );
  });

  test('of another text than a checkpoint is cosigned by Ed25519 only', () => {
    const note = signNote('anything\n', [keyFor('w', 'cosignature/v1')], seconds);
    expect(verifyNote(note, [keyFor('w', 'cosignature/v1')])).toHaveLength(1);
    expect(() => signNote('anything\n', [keyFor('w', 'ml-dsa-44')], seconds)).toThrow(MalformedError);
    const fake = { name: 'w', keyId: keyFor('w', 'ml-dsa-44').id, signature: Buffer.alloc(2428, 1) };
    const small = Buffer.concat([Buffer.alloc(8), Buffer.alloc(2420)]);
    for (const signature of [fake, { ...fake, signature: small }])
      expect(() => verifyNote({ text: 'anything\n', signatures: [signature] }, [keyFor('w', 'ml-dsa-44')])).toThrow(
        UnverifiedError,
      );
    const long = { ...head, origin: 'o'.repeat(256) };
    expect(() => signNote(formatTreeHead(long), [keyFor('w', 'ml-dsa-44')], seconds)).toThrow(MalformedError);
  });

  const one = formatNote(signNote(text, [keyFor(origin, 'ed25519')], seconds));
  const line = one.slice(text.length + 1);
  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'no empty line'],
    ['no signature', text, 'no empty line'],
    ['no signature after the empty line', `${text}\n`, 'no signature'],
    ['no newline at the end', one.slice(0, -1), 'does not end with a newline'],
    ['Windows line ends', one.replaceAll('\n', '\r\n'), 'control characters'],
    ['a tab', `\t${one}`, 'control characters'],
    ['a zero byte', one.replace('log', 'l\0g'), 'control characters'],
    ['no UTF-8', Buffer.concat([Buffer.of(0xff), Buffer.from(one)]), 'no UTF-8'],
    ['half a character', `\ud800${one}`, 'well-formed'],
    ['a hyphen for the dash', one.replace('— ', '- '), 'not written as'],
    ['two spaces', one.replace('— ', '—  '), 'not written as'],
    ['a space at the end', one.replace(/\n$/, ' \n'), 'not written as'],
    ['a name with a plus', one.replace(`— ${origin}`, '— a+b'), 'not written as'],
    ['a name with a wide space', one.replace(`— ${origin}`, '— a\u3000b'), 'not written as'],
    ['no name', one.replace(`— ${origin} `, '— '), 'not written as'],
    ['base64url', one.replace(/ [^ ]+\n$/, ' AAAA-_AA\n'), 'not written as'],
    ['base 64 without its padding', one.replace(/=+\n$/, '\n'), 'not written as'],
    ['base 64 with unused bits', `${text}\n— a AAAAAAB=\n`, 'not written as'],
    ['an id and no signature', `${text}\n— a AAAAAA==\n`, 'not written as'],
    ['a line between signatures', `${one}x\n`, 'not written as'],
    ['65 signatures', `${text}\n${line.repeat(65)}`, 'more than 64 signatures'],
    ['a note without end', `${'x'.repeat(262_144)}\n\n${line}`, 'more than 262144 bytes'],
  ])('is refused with %s', (_, input, words) => {
    expect(() => parseNote(input)).toThrow(malformed('note'));
    expect(() => parseNote(input)).toThrow(words);
  });

  test('may have 64 signatures, empty lines and any language', () => {
    expect(parseNote(`${text}\n${line.repeat(64)}`).signatures).toHaveLength(64);
    expect(parseNote(Buffer.from(`\ufeffed è subito\n\nsera.\n\n${line}`)).text).toBe('\ufeffed è subito\n\nsera.\n');
    const quasimodo =
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— ' +
      'quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n';
    expect(formatNote(parseNote(quasimodo))).toBe(quasimodo);
  });

  test('is written as it was read', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.uint8Array({ minLength: 1, maxLength: 90 }),
        (words, signature) => {
          const body = `${words.replaceAll(/[\p{Cc}]/gu, '')}\n`;
          const note = { text: body, signatures: [{ name: 'a', keyId: '0badc0de', signature }] };
          const written = formatNote(note);
          expect(formatNote(parseNote(written))).toBe(written);
          expect(parseNote(Buffer.from(written)).text).toBe(body);
        },
      ),
    );
  });

  test('is not made of a text that would not be read again', () => {
    const key = keyFor(origin, 'ed25519');
    expect(() => signNote('no newline', [key], seconds)).toThrow(
      new TypeError('The text of a note ends with a newline.'),
    );
    expect(() => signNote('a\rb\n', [key], seconds)).toThrow(MalformedError);
  });

  test("'s signatures come alone from a witness", () => {
    const { signatures } = signNote(text, [keyFor('w', 'cosignature/v1'), keyFor('v', 'ml-dsa-44')], seconds);
    expect(formatSignatures(parseSignatures(formatSignatures(signatures)))).toBe(formatSignatures(signatures));
    expect(() => parseSignatures('')).toThrow(MalformedError);
    expect(() => parseSignatures('— a AAAA')).toThrow(MalformedError);
    expect(() => parseSignatures(`\0${line}`)).toThrow(MalformedError);
  });
});
