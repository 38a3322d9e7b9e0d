import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entryOf, eventNumber, logOf, stateOf, tenantId } from '../../../test/support/plain-log.js';
import {
  emptyRoot,
  ExportVerification,
  formatEntry,
  formatStart,
  TreeState,
  type ExportOptions,
  type LogEntry,
  type SealedEvent,
  type TreeHead,
} from './index.js';

const origin = `2fa.example.com/audit/${tenantId}`;

const headOf = (entries: readonly LogEntry[], size = entries.length): TreeHead => ({
  origin,
  size,
  root: stateOf(entries.slice(0, size)).root(),
});
const linesOf = (entries: readonly LogEntry[]) => entries.map(formatEntry);

function verify(lines: readonly string[], heads: readonly TreeHead[] = [], options: ExportOptions = {}) {
  const verification = new ExportVerification(options);
  for (const head of heads) verification.expect(head);
  for (const line of lines) if (verification.add(line)) break;
  return verification.finish();
}
const bad = (reason: string, index: number, lastIndex?: number) => ({
  ok: false,
  fault: { reason, index, ...(lastIndex !== undefined && { lastIndex }) },
});
/** A log's length and a place in it. */
const place = fc
  .integer({ min: 2, max: 30 })
  .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 0, max: length - 1 })));

describe('an export', () => {
  test('that is whole is good, as far as checkpoints vouch for it', () => {
    fc.assert(
      fc.property(place, fc.array(fc.nat(30)), ([length], sizes) => {
        const entries = logOf(length);
        const wanted = sizes.filter((size) => size <= length);
        const heads = wanted.map((size) => headOf(entries, size));
        expect(verify(linesOf(entries), heads)).toEqual({
          ok: true,
          tenantId,
          origin: heads.length > 0 ? origin : undefined,
          start: 0,
          size: length,
          root: stateOf(entries).root(),
          pruned: 0,
          checkpoints: { compared: new Set(wanted).size, before: 0, beyond: 0 },
          vouchedFor: Math.max(0, ...wanted),
        });
      }),
    );
  });

  test('of nothing is good, and tells nothing', () => {
    const nothing = { ok: true, tenantId: undefined, origin: undefined, size: 0, root: emptyRoot(), vouchedFor: 0 };
    expect(verify([])).toMatchObject(nothing);
    expect(verify([], [headOf([])])).toMatchObject({ ok: true, tenantId, origin, checkpoints: { compared: 1 } });
    const wrong = { origin, size: 0, root: Buffer.alloc(32) };
    expect(verify([], [wrong])).toEqual(bad('tree_differs', 0));
    expect(verify(linesOf(logOf(2)), [wrong])).toEqual(bad('tree_differs', 0));
  });

  test('names an event that was changed, whatever in it', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([length, at], which) => {
        const entries = logOf(length);
        const names = Object.keys(eventNumber(0)) as (keyof SealedEvent)[];
        const name = names[which % names.length] ?? 'id';
        const changed = {
          ...eventNumber(at),
          [name]: name === 'data' ? {} : name === 'time' ? '2026-11-22T10:00:00.999999Z' : 'else',
        };
        const lines = linesOf(entries).with(
          at,
          formatEntry({ index: at, leafHash: entries[at]?.leafHash ?? Buffer.alloc(32), event: changed }),
        );
        expect(verify(lines)).toEqual(bad('event_changed', at));
      }),
    );
  });

  test('names the first entry that is missing, repeated or moved', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        const lines = linesOf(logOf(length));
        const removed = lines.toSpliced(at, 1);
        expect(verify(removed)).toMatchObject(at < length - 1 ? bad('entries_missing', at) : { ok: true });
        expect(verify(removed, [headOf(logOf(length))])).toMatchObject(
          at < length - 1 ? bad('entries_missing', at) : bad('tail_cut', at),
        );
        expect(verify(lines.toSpliced(at, 0, lines[at] ?? ''))).toEqual(bad('entry_out_of_order', at + 1));
        if (at > 0) {
          const swapped = lines.with(at, lines[at - 1] ?? '').with(at - 1, lines[at] ?? '');
          expect(verify(swapped)).toEqual(bad('entries_missing', at - 1));
        }
      }),
    );
    expect(verify(linesOf(logOf(9)).toSpliced(3, 4))).toEqual(bad('entries_missing', 3, 6));
  });

  test('names the entries among which one was rewritten, leaf hash and all', () => {
    fc.assert(
      fc.property(place, fc.nat(), ([length, at], more) => {
        const entries = logOf(length);
        const rewritten = entries.with(at, entryOf({ ...eventNumber(at), type: 'challenge.rejected' }, at));
        // Whole in itself.
        expect(verify(linesOf(rewritten))).toMatchObject({ ok: true });
        const seen = at + 1 + (more % (length - at));
        const heads = [headOf(entries, at), headOf(entries, seen), headOf(entries, length)];
        expect(verify(linesOf(rewritten), heads)).toEqual(
          seen - at > 1 ? bad('tree_differs', at, seen - 1) : bad('tree_differs', at),
        );
      }),
    );
  });

  test('names a cut tail, also of a whole log', () => {
    const entries = logOf(8);
    expect(verify(linesOf(entries.slice(0, 5)), [headOf(entries, 4), headOf(entries)])).toEqual(bad('tail_cut', 5, 7));
    expect(verify([], [headOf(entries)])).toEqual(bad('tail_cut', 0, 7));
    const partial = verify(linesOf(entries.slice(0, 5)), [headOf(entries, 4), headOf(entries)], { isPartial: true });
    expect(partial).toMatchObject({ ok: true, vouchedFor: 4, checkpoints: { compared: 1, before: 0, beyond: 1 } });
  });

  test('names checkpoints that cannot both be true', () => {
    const entries = logOf(4);
    const other = { ...headOf(entries), root: Buffer.alloc(32) };
    expect(verify(linesOf(entries), [headOf(entries), headOf(entries), other])).toEqual(
      bad('checkpoints_contradict', 0, 3),
    );
    const elsewhere = { ...headOf(entries), origin: '2fa.example.com/audit/tnt_2' };
    expect(verify(linesOf(entries), [headOf(entries), elsewhere])).toEqual(bad('other_log', 0));
    const verification = new ExportVerification();
    expect(verification.expect(headOf(entries))).toBeUndefined();
    expect(verification.expect(other)).toMatchObject({ reason: 'checkpoints_contradict' });
    verification.add(formatEntry(entries[0] ?? never()));
    expect(() => verification.expect(headOf(entries))).toThrow(new TypeError('The export has begun.'));
  });

  test("names another tenant's event, whoever says which tenant it is", () => {
    const entries = [entryOf(eventNumber(0), 0), entryOf(eventNumber(1, 'tnt_2'), 1)];
    expect(verify(linesOf(entries))).toEqual(bad('other_tenant', 1));
    expect(verify(linesOf(entries), [headOf(entries)])).toEqual(bad('other_tenant', 1));
    const theirs = [entryOf(eventNumber(0, 'tnt_2'), 0)];
    expect(verify(linesOf(theirs), [headOf(theirs)])).toEqual(bad('other_tenant', 0));
    expect(verify(linesOf(logOf(1)), [], { tenantId: 'tnt_2' })).toEqual(bad('other_tenant', 0));
    // The log of a program that names its logs otherwise.
    const foreign = { ...headOf(logOf(2)), origin: 'log.example' };
    expect(verify(linesOf(logOf(2)), [foreign])).toMatchObject({ ok: true, tenantId });
  });

  test('may have lost events to pruning, which their leaf hashes stand for', () => {
    const entries = logOf(6);
    const pruned = entries.map((entry, index) => (index < 4 ? { ...entry, event: undefined } : entry));
    expect(verify(linesOf(pruned), [headOf(entries)])).toMatchObject({ ok: true, pruned: 4, vouchedFor: 6, tenantId });
    const wrong = pruned.with(1, { index: 1, leafHash: Buffer.alloc(32), event: undefined });
    expect(verify(linesOf(wrong), [headOf(entries)])).toEqual(bad('tree_differs', 0, 5));
  });

  test('may begin in the middle, where a tree says what comes before', () => {
    fc.assert(
      fc.property(place, ([length, at]) => {
        const entries = logOf(length);
        const lines = [formatStart(stateOf(entries.slice(0, at))), ...linesOf(entries.slice(at))];
        const heads = [1, at, length].map((size) => headOf(entries, size));
        const before = at > 1 ? 1 : 0;
        expect(verify(lines, heads)).toMatchObject({
          ok: true,
          start: at,
          size: length,
          vouchedFor: length,
          checkpoints: { before, compared: new Set([1, at, length]).size - before },
        });
        expect(verify(lines.slice(1), heads)).toMatchObject(at === 0 ? { ok: true } : bad('entries_missing', 0));
        // Its own word does not suffice.
        const hashes = stateOf(entries.slice(0, at)).hashes;
        if (at > 0 && at < length) {
          const lied = TreeState.of(at, hashes.with(0, Buffer.alloc(32)));
          expect(verify([formatStart(lied), ...lines.slice(1)], [headOf(entries)])).toMatchObject(
            bad('tree_differs', 0),
          );
          expect(verify([formatStart(lied)], [headOf(entries, at)])).toMatchObject(bad('tree_differs', 0));
        }
      }),
    );
    const lines = linesOf(logOf(3));
    const start = formatStart(stateOf(logOf(1)));
    expect(verify([lines[0] ?? '', start])).toEqual(bad('start_misplaced', 1));
    expect(verify([start, start])).toEqual(bad('start_misplaced', 1));
  });

  test('names a line that is none, and says the first fault only, however much follows', () => {
    const lines = linesOf(logOf(4));
    const verification = new ExportVerification();
    expect(verification.add(lines[0] ?? '')).toBeUndefined();
    const fault = { reason: 'line_malformed', index: 1, detail: 'It is no JSON.' };
    expect(verification.add('{')).toEqual(fault);
    expect(verification.add(lines[3] ?? '')).toEqual(fault);
    expect(verification.finish()).toEqual({ ok: false, fault });
  });
});

function never(): never {
  throw new Error('No such entry.');
}
