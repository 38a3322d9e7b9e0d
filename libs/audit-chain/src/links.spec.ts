import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  encodeCheckpoint,
  encodeEvent,
  genesisHash,
  link,
  signCheckpoint,
  verifyCheckpoint,
  type ChainedEvent,
  type ChainEntry,
  type SignedCheckpoint,
} from './index.js';

const pair = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const tenantId = 'tnt_1';

function eventNumber(n: number, tenant = tenantId): ChainedEvent {
  return {
    id: `evt_${n}`,
    tenantId: tenant,
    tx: String(1000 + n),
    type: 'challenge.approved',
    time: `2026-11-22T10:00:00.${String(n).padStart(6, '0')}Z`,
    accountId: 'account-7',
    userId: 'user-9',
    userRef: 'usr_9',
    requestId: n % 2 ? `req_${n}` : null,
    data: { challengeId: `chl_${n}`, amr: ['otp', 'mfa'], n },
    personal: n % 3 ? Buffer.from(`sealed ${n}`).toString('base64') : null,
  };
}

/** A chain that is whole in itself. */
function chained(events: readonly ChainedEvent[], tenant = tenantId): ChainEntry[] {
  let hash: Buffer = genesisHash(tenant);
  return events.map((event, index) => {
    hash = link(hash, index + 1, encodeEvent(event));
    return { sequence: index + 1, event, hash };
  });
}

const chainOf = (length: number) => chained(Array.from({ length }, (_, n) => eventNumber(n + 1)));

function checkpointAt(entries: readonly ChainEntry[], sequence: number, key = pair.privateKey): SignedCheckpoint {
  const hash = entries[sequence - 1]?.hash ?? Buffer.alloc(32);
  return signCheckpoint({ tenantId, sequence, hash, signedAt: '2026-11-22T10:01:00.000000Z', keyId: 'c-1' }, key);
}

describe('the encoding of an event', () => {
  test('is this text, for ever: another one would break every chain there is', () => {
    expect(encodeEvent(eventNumber(1)).toString()).toBe(
      '{"accountId":"account-7","data":{"amr":["otp","mfa"],"challengeId":"chl_1","n":1},"id":"evt_1",' +
        '"personal":"c2VhbGVkIDE=","requestId":"req_1","tenantId":"tnt_1","time":"2026-11-22T10:00:00.000001Z",' +
        '"tx":"1001","type":"challenge.approved","userId":"user-9","userRef":"usr_9"}',
    );
    // Both hashes were computed by another program, in another language.
    expect(genesisHash(tenantId).toString('hex')).toBe(
      '95a8c8e233df4eb40b64a5cb046ef3eeef4f2de9f722b161fa08ea3cab0dbb9f',
    );
    expect(Buffer.from(chainOf(3).at(-1)?.hash ?? []).toString('hex')).toBe(
      'e340143b767a1d8a2d82a6f4bd3ce59537507d023691f511d125df72aa209292',
    );
  });

  const texts = ['id', 'tenantId', 'tx', 'type', 'time'] as const;
  const optional = ['accountId', 'userId', 'userRef', 'requestId', 'personal'] as const;
  // An operator reads these words where an event is set aside.
  test.each<[string, object, RegExp]>([
    ...[...texts, ...optional].flatMap((name): [string, object, RegExp][] => [
      [`a number as ${name}`, { [name]: 5 }, new RegExp(`'s ${name} is`)],
      [`no ${name}`, { [name]: undefined }, new RegExp(`'s ${name} is`)],
    ]),
    ...texts.map((name): [string, object, RegExp] => [`null as ${name}`, { [name]: null }, /is not a text/]),
    ['a list as data', { data: [] }, /data is no object/],
    ['null as data', { data: null }, /data is no object/],
    ['a date as data', { data: new Date(0) }, /data is no object/],
    ['a member more', { note: 'not hashed' }, /members that the chain does not know/],
  ])('refuses what it would not hash: %s', (_, change, words) => {
    expect(() => encodeEvent({ ...eventNumber(1), ...change } as ChainedEvent)).toThrow(words);
  });

  test.each(optional)('takes null as %s, which is another event', (name) => {
    expect(encodeEvent({ ...eventNumber(1), [name]: null })).not.toEqual(encodeEvent(eventNumber(1)));
  });
});

describe('a link', () => {
  test('depends on each of its parts', () => {
    const one = Buffer.alloc(32, 1);
    const hashes = [
      link(one, 1, Buffer.from('a')),
      link(Buffer.alloc(32, 2), 1, Buffer.from('a')),
      link(one, 2, Buffer.from('a')),
      link(one, 1, Buffer.from('b')),
    ].map((hash) => hash.toString('hex'));
    expect(new Set(hashes).size).toBe(4);
    expect(genesisHash('a')).not.toEqual(genesisHash('b'));
  });

  test('refuses what would run into the next part', () => {
    expect(() => link(Buffer.alloc(31), 1, Buffer.from('a'))).toThrow(new TypeError('A hash has 32 bytes.'));
    for (const sequence of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      const refusal = new TypeError('A sequence is a whole number from 1 on.');
      expect(() => link(Buffer.alloc(32), sequence, Buffer.from('a'))).toThrow(refusal);
    }
  });
});

describe('a checkpoint', () => {
  let checkpoint: SignedCheckpoint;
  beforeAll(() => {
    checkpoint = checkpointAt(chainOf(1), 1);
  });

  test('verifies under its key, and under no other', () => {
    expect(verifyCheckpoint(checkpoint, pair.publicKey)).toBe(true);
    expect(verifyCheckpoint(checkpoint, stranger.publicKey)).toBe(false);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(verifyCheckpoint(checkpoint, rsa.publicKey)).toBe(false);
    expect(() => signCheckpoint(checkpoint, rsa.privateKey)).toThrow('Checkpoints are signed with Ed25519.');
  });

  test('verifies under no key of another kind, whatever that has signed', () => {
    const other = generateKeyPairSync('ed448');
    const signature = sign(null, encodeCheckpoint(checkpoint), other.privateKey);
    expect(verifyCheckpoint({ ...checkpoint, signature }, other.publicKey)).toBe(false);
  });

  test.each<[object, string]>([
    [{ tenantId: 5 }, 'Tenant, time and key of a checkpoint are texts.'],
    [{ signedAt: new Date(0) }, 'Tenant, time and key of a checkpoint are texts.'],
    [{ keyId: null }, 'Tenant, time and key of a checkpoint are texts.'],
    [{ sequence: 0 }, 'A sequence is a whole number from 1 on.'],
    [{ sequence: 1.5 }, 'A sequence is a whole number from 1 on.'],
    [{ sequence: 2 ** 53 }, 'A sequence is a whole number from 1 on.'],
    [{ hash: Buffer.alloc(31) }, 'A hash has 32 bytes.'],
  ])('is not signed with %p', (change, words) => {
    expect(() => signCheckpoint({ ...checkpoint, ...change }, pair.privateKey)).toThrow(new TypeError(words));
  });

  test.each([
    { tenantId: 'tnt_2' },
    { sequence: 2 },
    { hash: Buffer.alloc(32) },
    { signedAt: '2026-11-22T10:01:00.000001Z' },
    { keyId: 'c-2' },
    { signature: Buffer.alloc(64) },
    { hash: Buffer.alloc(3) },
    { sequence: 0 },
  ])('does not verify with another %p', (change) => {
    expect(verifyCheckpoint({ ...checkpoint, ...change }, pair.publicKey)).toBe(false);
  });

  test('is signed over this text, for ever', () => {
    const plain = {
      tenantId,
      sequence: 7,
      hash: Buffer.alloc(32, 0xab),
      signedAt: '2026-11-22T10:01:00.000000Z',
      keyId: 'c-1',
    };
    expect(encodeCheckpoint(plain).toString()).toBe(
      `sallyport audit checkpoint v1\n{"hash":"${'ab'.repeat(32)}","keyId":"c-1","sequence":7,` +
        '"signedAt":"2026-11-22T10:01:00.000000Z","tenantId":"tnt_1"}',
    );
  });
});
