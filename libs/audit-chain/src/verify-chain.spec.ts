import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeEvent,
  genesisHash,
  link,
  signCheckpoint,
  startVerification,
  verifyChain,
  type ChainedEvent,
  type ChainEntry,
  type SignedCheckpoint,
} from './index.js';

const pair = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const publicKeys = new Map([['c-1', pair.publicKey]]);
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

const check = (entries: readonly ChainEntry[], checkpoints: readonly SignedCheckpoint[] = []) =>
  verifyChain(entries, { tenantId, checkpoints, publicKeys });
const bad = (sequence: number, reason: string) => ({ ok: false, firstBad: { sequence, reason } });

/** A chain's length and a place in it. */
const place = fc
  .integer({ min: 2, max: 30 })
  .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 1, max: length })));
const prefix = (entries: readonly ChainEntry[], count: number) => entries.slice(0, count);

describe('T20: the verifier', () => {
  test('passes a whole chain, and says how far checkpoints vouch for it', () => {
    const entries = chainOf(10);
    expect(check(entries)).toMatchObject({ ok: true, entries: 10, coveredUpTo: 0, last: { sequence: 10 } });
    const checkpoints = [checkpointAt(entries, 8), checkpointAt(entries, 3), checkpointAt(entries, 8)];
    expect(check(entries, checkpoints)).toMatchObject({ ok: true, entries: 10, coveredUpTo: 8 });
    expect(check([])).toMatchObject({ ok: true, entries: 0, last: { sequence: 0 } });
  });

  test('names a changed entry, whichever member was changed', () => {
    const changes: readonly Partial<Record<keyof ChainedEvent, unknown>>[] = [
      { id: 'evt_x' },
      { type: 'challenge.rejected' },
      { time: '2026-11-22T10:00:00.999999Z' },
      { accountId: 'another' },
      { accountId: null },
      { userId: 'another' },
      { userRef: 'usr_x' },
      { userRef: null },
      { tx: '1' },
      { requestId: 'req_x' },
      { data: {} },
      { data: { challengeId: 'chl_1', amr: ['mfa', 'otp'], n: 1 } },
      { personal: Buffer.from('other').toString('base64') },
    ];
    fc.assert(
      fc.property(place, fc.constantFrom(...changes), ([length, at], change) => {
        const entries = chainOf(length).map((entry) =>
          entry.sequence === at ? { ...entry, event: { ...entry.event, ...change } as ChainedEvent } : entry,
        );
        expect(check(entries)).toEqual(bad(at, 'hash_mismatch'));
      }),
    );
  });

  test('names a changed hash', () => {
    fc.assert(
      fc.property(place, fc.nat(255), ([length, at], bit) => {
        const entries = chainOf(length).map((entry) => {
          if (entry.sequence !== at) return entry;
          const hash = Buffer.from(entry.hash);
          hash[bit >> 3] = (hash[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return { ...entry, hash };
        });
        expect(check(entries)).toEqual(bad(at, 'hash_mismatch'));
      }),
    );
  });

  test('names the first entry after a change whose hash was made to fit', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        fc.pre(at < length);
        const entries = chainOf(length);
        const previous = at === 1 ? genesisHash(tenantId) : (entries[at - 2]?.hash ?? Buffer.alloc(0));
        const event = { ...eventNumber(at), type: 'challenge.rejected' };
        entries[at - 1] = { sequence: at, event, hash: link(previous, at, encodeEvent(event)) };
        expect(check(entries)).toEqual(bad(at + 1, 'hash_mismatch'));
      }),
    );
  });

  test('names a removed entry, also when the rest was renumbered', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        fc.pre(at < length);
        const entries = chainOf(length).filter((entry) => entry.sequence !== at);
        expect(check(entries)).toEqual(bad(at, 'missing'));
        const renumbered = entries.map((entry, index) => ({ ...entry, sequence: index + 1 }));
        expect(check(renumbered)).toEqual(bad(at, 'hash_mismatch'));
      }),
    );
  });

  test('names an inserted entry, also when the rest was renumbered', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        const entries = chainOf(length);
        const event = eventNumber(length + 1);
        const previous = prefix(entries, at - 1).at(-1)?.hash ?? genesisHash(tenantId);
        const inserted = { sequence: at, event, hash: link(previous, at, encodeEvent(event)) };
        const doubled = entries.toSpliced(at - 1, 0, inserted);
        expect(check(doubled)).toEqual(bad(at + 1, 'out_of_order'));
        const renumbered = doubled.map((entry, index) => ({ ...entry, sequence: index + 1 }));
        expect(check(renumbered)).toEqual(bad(at + 1, 'hash_mismatch'));
      }),
    );
  });

  test('names the first of two swapped entries, also when only their contents were swapped', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([length, at], more) => {
        fc.pre(at < length);
        const other = at + 1 + (more % (length - at));
        const entries = chainOf(length);
        const [a, b] = [entries[at - 1], entries[other - 1]];
        if (!a || !b) throw new Error('No such entry.');
        expect(check(entries.with(at - 1, b).with(other - 1, a))).toEqual(bad(at, 'missing'));
        const contents = entries.with(at - 1, { ...a, event: b.event }).with(other - 1, { ...b, event: a.event });
        expect(check(contents)).toEqual(bad(at, 'hash_mismatch'));
      }),
    );
  });

  test('names a cut tail by the checkpoint that saw more', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        const entries = chainOf(length);
        const cut = prefix(entries, at - 1);
        expect(check(cut, [checkpointAt(entries, length)])).toEqual(bad(at, 'tail_cut'));
        // Without a checkpoint a cut tail can't be seen: that is what checkpoints are for.
        expect(check(cut)).toMatchObject({ ok: true, coveredUpTo: 0 });
      }),
    );
  });

  test('names the checkpoint that a rewritten chain does not fit', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([length, at], more) => {
        const entries = chainOf(length);
        const sealed = at + (more % (length - at + 1));
        const rewritten = chained(
          entries.map(({ event }) => (event.id === `evt_${at}` ? { ...event, type: 'challenge.rejected' } : event)),
        );
        const checkpoints = Array.from({ length }, (_, n) => n + 1)
          .filter((sequence) => sequence < at || sequence === sealed || sequence === length)
          .map((sequence) => checkpointAt(entries, sequence));
        expect(check(rewritten, checkpoints)).toEqual(bad(sealed, 'checkpoint_mismatch'));
      }),
    );
  });

  test('names a rewritten tail behind a cut one', () => {
    const entries = chainOf(6);
    const tail = chained([...prefix(entries, 4).map((entry) => entry.event), eventNumber(7), eventNumber(8)]);
    expect(check(tail, [checkpointAt(entries, 4), checkpointAt(entries, 5)])).toEqual(bad(5, 'checkpoint_mismatch'));
    expect(check(prefix(tail, 5), [checkpointAt(entries, 6)])).toEqual(bad(6, 'tail_cut'));
  });

  test('is not fooled by checkpoints that others signed', () => {
    const entries = chainOf(5);
    expect(check(entries, [checkpointAt(entries, 3, stranger.privateKey)])).toEqual(bad(3, 'checkpoint_forged'));
    expect(check(entries, [checkpointAt(entries, 9, stranger.privateKey)])).toEqual(bad(6, 'checkpoint_forged'));
    expect(check(entries, [{ ...checkpointAt(entries, 3), keyId: 'c-9' }])).toEqual(bad(3, 'checkpoint_key_unknown'));
    expect(check(entries, [{ ...checkpointAt(entries, 3), sequence: 4 }])).toEqual(bad(4, 'checkpoint_forged'));
    expect(check(entries, [{ ...checkpointAt(entries, 3), sequence: Number.NaN }])).toEqual(
      bad(1, 'checkpoint_forged'),
    );
  });

  test("does not take another tenant's chain or checkpoint", () => {
    const theirs = chained([eventNumber(1, 'tnt_2')], 'tnt_2');
    expect(check(theirs)).toEqual(bad(1, 'other_tenant'));
    expect(check(chained([eventNumber(1)], 'tnt_2'))).toEqual(bad(1, 'hash_mismatch'));
    const entries = chainOf(2);
    const plain = { sequence: 2, hash: entries[1]?.hash ?? Buffer.alloc(32), signedAt: '', keyId: 'c-1' };
    expect(check(entries, [signCheckpoint({ ...plain, tenantId: 'tnt_2' }, pair.privateKey)])).toEqual(
      bad(2, 'other_tenant'),
    );
  });

  test('names a malformed entry', () => {
    const entries = chainOf(3);
    const [first, second, third] = entries;
    if (!first || !second || !third) throw new Error('No such entry.');
    const with2 = (entry: unknown) => check([first, entry as ChainEntry, third]);
    for (const sequence of ['2', 2.5, Infinity, Number.NaN]) {
      expect(with2({ ...second, sequence })).toEqual(bad(2, 'malformed'));
    }
    expect(with2({ ...second, hash: Buffer.alloc(3) })).toEqual(bad(2, 'malformed'));
    expect(with2({ ...second, event: null })).toEqual(bad(2, 'malformed'));
    expect(with2({ ...second, event: { ...second.event, extra: 1 } })).toEqual(bad(2, 'malformed'));
  });

  test('starts in the middle from a trusted entry', () => {
    const entries = chainOf(8);
    const from = entries[3];
    if (!from) throw new Error('No such entry.');
    const checkpoints = [checkpointAt(entries, 2), checkpointAt(entries, 4), checkpointAt(entries, 8)];
    const options = { tenantId, checkpoints, publicKeys, startFrom: from };
    expect(verifyChain(entries.slice(4), options)).toMatchObject({ ok: true, entries: 4, coveredUpTo: 8 });
    expect(verifyChain(entries.slice(5), options)).toEqual(bad(5, 'missing'));
    const wrong = { ...options, startFrom: { sequence: 4, hash: Buffer.alloc(32) } };
    expect(verifyChain(entries.slice(4), wrong)).toEqual(bad(4, 'checkpoint_mismatch'));
  });

  test('says the first fault only, however much follows', () => {
    const entries = chainOf(4);
    const verification = startVerification({ tenantId, checkpoints: [], publicKeys });
    const [first, , third, fourth] = entries;
    if (!first || !third || !fourth) throw new Error('No such entry.');
    expect(verification.add(first)).toBeUndefined();
    expect(verification.add(third)).toEqual({ sequence: 2, reason: 'missing' });
    expect(verification.add(fourth)).toEqual({ sequence: 2, reason: 'missing' });
    expect(verification.finish()).toEqual(bad(2, 'missing'));
  });
});
