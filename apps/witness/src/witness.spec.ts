import { describe, expect, it } from '@jest/globals';
import { formatVkey, formatWitnessRequest, parseWitnessRequest, signCheckpoint, UnverifiedError } from '#audit-log';
import { SomeLog, someEvent } from '../../../test/support/audit-log.js';
import { logged, logger, name, start, statusOf, stopLast, text } from '../../../test/support/running-witness.js';
import { anyTenantLine, cosigned, forkAt, rewritten, submit, temporaryFolder } from '../../../test/support/witness.js';
import { WatchedLogs } from './watched-logs.js';
import { WitnessStore } from './witness-store.js';
import { Witness } from './witness.js';

const sizeIs = (size: number) => ({ status: 409, type: 'text/x.tlog.size', text: `${size}\n` });

describe('a witness', () => {
  const log = new SomeLog(20);

  it('cosigns the first checkpoint, and each that continues the last one', async () => {
    const { url, vkey } = await start(log, { now: () => 1_795_770_000_999 });
    expect(await (await fetch(url)).text()).toBe(`${vkey}\n`);
    for (const [from, to] of [
      [0, 3],
      [3, 3],
      [3, 8],
      [8, 20],
    ] as const) {
      // prettier-ignore
      const request = await log.requestFrom(from, to);
      const answer = await submit(url, request);
      expect(answer).toMatchObject({ status: 200, text: expect.stringMatching(/^— witness\.example\/w2 [^\n]+\n$/) });
      const { head, cosignatures } = cosigned(log, request, answer, vkey);
      expect(head.size).toBe(to);
      expect(cosignatures).toMatchObject([{ key: { name }, seconds: 1_795_770_000 }]);
    }
  });

  it('cosigns a log without entries, which is the same for all', async () => {
    const { url } = await start(log);
    const empty = signCheckpoint({ origin: log.origin, size: 0, root: Buffer.alloc(32) }, [log.key], 1);
    expect(await submit(url, formatWitnessRequest({ oldSize: 0, hashes: [], checkpoint: empty }))).toEqual(sizeIs(0));
    expect((await submit(url, await log.requestFrom(0, 0))).status).toBe(200);
    expect((await submit(url, await log.requestFrom(0, 5))).status).toBe(200);
    expect(await submit(url, await log.requestFrom(0, 0))).toEqual(sizeIs(5));
  });

  it('says its size to who has another one in mind, be it older or newer', async () => {
    const { url } = await start(log);
    expect(await submit(url, await log.requestFrom(4, 9))).toEqual(sizeIs(0));
    await submit(url, await log.requestFrom(0, 9));
    for (const [from, to] of [
      [0, 9],
      [0, 20],
      [8, 9],
      [8, 8],
      [10, 20],
      [20, 20],
      [0, 0],
    ] as const)
      // prettier-ignore
      expect(await submit(url, await log.requestFrom(from, to))).toEqual(sizeIs(9));
    const smaller = { ...parseWitnessRequest(await log.requestFrom(8, 8)), oldSize: 9 };
    expect(await submit(url, formatWitnessRequest(smaller))).toMatchObject({ status: 400, ...text('larger') });
    expect((await submit(url, await log.requestFrom(9, 20))).status).toBe(200);
  });

  it('refuses another tree of a size that it has cosigned, and says so to its operator', async () => {
    const { url } = await start(log);
    await submit(url, await log.requestFrom(0, 9));
    const request = await forkAt(log, 9, 5).requestFrom(9);
    expect(await submit(url, request)).toEqual(sizeIs(9));
    expect(logged).toMatchObject([
      {
        level: 40,
        origin: log.origin,
        cosigned: { size: 9, root: log.stateAt(9).root().toString('base64') },
        // Signed by the log: evidence that anybody can verify.
        refused: { size: 9, checkpoint: parseWitnessRequest(request).checkpoint },
      },
    ]);
  });

  it('refuses a proof that is wrong, too long, too short or of another tree', async () => {
    const { url } = await start(log);
    await submit(url, await log.requestFrom(0, 9));
    const right = parseWitnessRequest(await log.requestFrom(9, 20));
    const [first = Buffer.alloc(32), ...rest] = right.hashes;
    const proofs = [[], rest, [...right.hashes, first], right.hashes.toReversed(), [Buffer.alloc(32), ...rest]];
    for (const hashes of [...proofs, Array.from({ length: 63 }, () => first)])
      expect(await submit(url, formatWitnessRequest({ ...right, hashes }))).toMatchObject({
        status: 422,
        ...text('does not show that this tree grew from the one of 9 entries'),
      });
    expect((await submit(url, await forkAt(log, 20, 5).requestFrom(9))).status).toBe(422);
    expect((await submit(url, formatWitnessRequest(right))).status).toBe(200);
    const same = { ...parseWitnessRequest(await log.requestFrom(20)), hashes: [first] };
    expect((await submit(url, formatWitnessRequest(same))).status).toBe(422);
  });

  it('refuses what no known key signed, and logs that nobody asked it to watch', async () => {
    const { url } = await start(log);
    const stranger = new SomeLog(5);
    expect(await submit(url, await stranger.requestFrom(0))).toMatchObject({ status: 403, ...text('No known key') });
    const request = await log.requestFrom(0, 5);
    expect(await submit(url, request.replace('\n5\n', '\n6\n'))).toMatchObject({
      status: 403,
      ...text('does not verify'),
    });
    expect(await submit(url, await new SomeLog(5, 'tnt_2').requestFrom(0))).toMatchObject({
      status: 404,
      ...text('not watched'),
    });
    expect(await submit(url, request)).toMatchObject({ status: 200 });
  });

  it('takes no log for its witness', async () => {
    await expect(start(log, { name: log.origin })).rejects.toThrow('A log is no witness of itself.');
  });
});

describe('of trees of one size', () => {
  const log = new SomeLog(12);

  it.each([
    ['at first', 0, 5],
    ['later', 5, 9],
  ])('one is cosigned where 50 come at once, %s', async (_, from, to) => {
    const { url } = await start(log);
    if (from > 0) await submit(url, await log.requestFrom(0, from));
    const forks = Array.from({ length: 50 }, (_, n) => forkAt(log, to, to - 1, `${n}`));
    const requests = await Promise.all(forks.map((fork) => fork.requestFrom(from)));
    const answers = await Promise.all(requests.map((request) => submit(url, request)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 200)).toEqual(Array.from({ length: 49 }, () => sizeIs(to)));
  });

  it('the larger one is not followed by the smaller one, whichever comes first of two at once', async () => {
    const { url } = await start(log);
    const sizes = Array.from({ length: 12 }, (_, n) => n + 1);
    const requests = await Promise.all(sizes.map((size) => log.requestFrom(0, size)));
    const answers = await Promise.all(requests.map((request) => submit(url, request)));
    const won = answers.findIndex(({ status }) => status === 200) + 1;
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await submit(url, await log.requestFrom(won, won))).toMatchObject({ status: 200 });
  });
});

describe('T20 an insider who has the database and every key of the log', () => {
  const log = new SomeLog(40);
  const changed = { ...someEvent(7), data: { amr: ['none'] } };
  const histories: Record<string, (n: number) => ReturnType<typeof someEvent>> = {
    changed: (n) => (n === 7 ? changed : someEvent(n)),
    removed: (n) => someEvent(n < 7 ? n : n + 1),
    inserted: (n) => (n === 7 ? changed : someEvent(n < 7 ? n : n - 1)),
    swapped: (n) => someEvent(n === 7 ? 8 : n === 8 ? 7 : n),
    'changed at the end': (n) => (n === 39 ? { ...someEvent(39), id: 'evt_other' } : someEvent(n)),
  };

  it.each(Object.keys(histories))('cannot have a history cosigned in which an event was %s', async (kind) => {
    const { url, vkey } = await start(log, { logs: WatchedLogs.parse(anyTenantLine(log.key)) });
    const honest = [await log.requestFrom(0, 20), await log.requestFrom(20)];
    const answers = [];
    for (const request of honest) answers.push(await submit(url, request));
    const forged = rewritten(log, 45, histories[kind] ?? someEvent);
    for (const from of [0, 10, 20, 39, 40])
      for (const to of [20, 39, 40, 41, 45].filter((size) => size >= from)) {
        const request = parseWitnessRequest(await forged.requestFrom(from, to));
        // Also with the proof that the true log has, and with another old size than the proof is of.
        const proofs = [request.hashes, parseWitnessRequest(await log.requestFrom(Math.min(from, 40), 40)).hashes, []];
        for (const hashes of proofs)
          for (const oldSize of [from, 40].filter((size) => size <= to)) {
            const { status } = await submit(url, formatWitnessRequest({ ...request, oldSize, hashes }));
            expect([409, 422]).toContain(status);
          }
      }
    // Cosignatures of the true log are none of the forged one.
    for (const answer of answers) {
      const request = await forged.requestFrom(0, 40);
      expect(() => cosigned(forged, request, answer, vkey)).toThrow(new UnverifiedError('signature_wrong'));
      expect(() => cosigned(forged, request, { ...answer, text: '' }, vkey)).toThrow(
        new UnverifiedError('quorum_missed'),
      );
    }
    // The true log goes on.
    const grown = rewritten(log, 45, someEvent);
    expect((await submit(url, await grown.requestFrom(40))).status).toBe(200);
  });

  it('cannot cut the tail: a smaller tree is never cosigned again', async () => {
    const { url } = await start(log);
    await submit(url, await log.requestFrom(0));
    for (const size of [0, 1, 20, 39]) {
      const { checkpoint } = parseWitnessRequest(await log.requestFrom(0, size));
      for (const [oldSize, status] of [
        [0, 409],
        [size, 409],
        [40, 400],
      ] as const)
        // prettier-ignore
        expect(await submit(url, formatWitnessRequest({ oldSize, hashes: [], checkpoint }))).toMatchObject({ status });
    }
  });
});

describe('a witness that ended in the middle', () => {
  const log = new SomeLog(12);

  it('knows what it was about to sign, and signs that only', async () => {
    const folder = temporaryFolder();
    const broken = await start(log, {
      folder,
      now: () => {
        throw new Error('the machine ended');
      },
    });
    expect((await submit(broken.url, await log.requestFrom(0, 7))).status).toBe(500);
    await stopLast();
    const { url, vkey } = await start(log, { folder });
    expect(vkey).toBe(broken.vkey);
    expect(await submit(url, await forkAt(log, 7, 3).requestFrom(0))).toEqual(sizeIs(7));
    expect(await submit(url, await forkAt(log, 7, 3).requestFrom(7))).toEqual(sizeIs(7));
    // What its log does then: it asks again with the size that it was told.
    expect(await submit(url, await log.requestFrom(0, 7))).toEqual(sizeIs(7));
    expect((await submit(url, await log.requestFrom(7, 7))).status).toBe(200);
    expect((await submit(url, await log.requestFrom(7))).status).toBe(200);
  });

  it('signs nothing that it could not write down', async () => {
    const store = await WitnessStore.open(temporaryFolder(), name);
    const signed: number[] = [];
    const full = new Error('database or disk is full');
    const advance = () => {
      throw full;
    };
    const failing = Object.assign(Object.create(store) as WitnessStore, { advance });
    const parts = { logs: WatchedLogs.parse(formatVkey(log.key)), logger, now: () => signed.push(1) };
    const body = Buffer.from(await log.requestFrom(0));
    expect(() => new Witness({ ...parts, store: failing }).cosign(body)).toThrow(full);
    const overtaken = Object.assign(Object.create(store) as WitnessStore, { advance: () => false });
    expect(statusOf(() => new Witness({ ...parts, store: overtaken }).cosign(body))).toBe(409);
    expect(signed).toEqual([]);
    store.close();
  });

  it('is not run twice on one folder', async () => {
    const folder = temporaryFolder();
    const { url } = await start(log, { folder });
    await expect(start(log, { folder })).rejects.toThrow('is used by another witness');
    expect((await submit(url, await log.requestFrom(0))).status).toBe(200);
  });
});
