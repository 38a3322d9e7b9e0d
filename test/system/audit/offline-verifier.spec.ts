import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeEvent, formatEntry, formatStart, formatVkey } from '#audit-log';
import { SomeLog, someEvent } from '../../support/audit-log.js';
import { AuditorsProject } from '../../support/offline-verifier.js';

let project: AuditorsProject;
beforeAll(async () => {
  project = await AuditorsProject.open();
  const root = join(import.meta.dirname, '../../..');
  // In a folder of its own: the test of the package builds it at the same time.
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const source = join(root, 'libs/audit-log');
  await promisify(execFile)(process.execPath, [compiler, '-p', source, '--outDir', project.package]);
});
afterAll(() => project.remove());

const file = (content: string | Uint8Array) => project.file(content);
const verify: AuditorsProject['verify'] = (args, run) => project.verify(args, run);

const log = new SomeLog(40);
const whole = (some = log) => ({
  export: some.export,
  checkpoints: [10, 20, 40].map((size) => some.checkpointAt(size)).join(''),
  keys: some.keys,
});

/** Verifies an export, what it says as JSON. */
async function verifyFiles(change: Partial<ReturnType<typeof whole>> = {}, more: readonly string[] = []) {
  const files = { ...whole(), ...change };
  const args = [
    await file(files.export),
    '--checkpoints',
    await file(files.checkpoints),
    '--keys',
    await file(files.keys),
  ];
  const { status, stdout, stderr } = await verify([...args, '--json', ...more]);
  return { status, stderr, ...(JSON.parse(stdout || '{}') as { reason?: string; words?: string }) };
}
const good = (more: object = {}) => expect.objectContaining({ status: 0, ok: true, stderr: '', ...more });
const bad = (reason: string, more: object = {}) =>
  expect.objectContaining({ status: 1, ok: false, stderr: '', reason, ...more });

/** The same log, in which somebody who has every key has changed an event. */
const rewritten = Object.assign(
  new SomeLog(40, 'tnt_1', (n) => (n === 15 ? { ...someEvent(n), type: 'challenge.rejected' } : someEvent(n))),
  { key: log.key, timedKey: log.timedKey, witness: log.witness },
);

describe('T20 the offline verifier', () => {
  test('finds a whole log good, and says how far checkpoints vouch for it', async () => {
    expect(await verifyFiles()).toEqual(
      good({ size: 40, vouchedFor: 40, checkpoints: { compared: 3, before: 0, beyond: 0 } }),
    );
    expect(await verifyFiles({}, ['--witnesses', '1'])).toEqual(good());
    expect(await verifyFiles({ checkpoints: log.checkpointAt(10) })).toEqual(good({ size: 40, vouchedFor: 10 }));
    const cut = log.export.split('\n').slice(0, 30).join('\n');
    expect(await verifyFiles({ export: cut }, ['--partial'])).toEqual(
      good({ size: 30, vouchedFor: 20, checkpoints: { compared: 2, before: 0, beyond: 1 } }),
    );
    const middle = [formatStart(log.stateAt(20)), ...log.export.split('\n').slice(20)].join('\n');
    expect(await verifyFiles({ export: middle })).toEqual(
      good({ start: 20, entries: 20, vouchedFor: 40, checkpoints: { compared: 2, before: 1, beyond: 0 } }),
    );
    const pruned = log.entries
      .map((entry) => formatEntry(entry.index < 25 ? { ...entry, event: undefined } : entry))
      .join('\n');
    expect(await verifyFiles({ export: pruned })).toEqual(good({ pruned: 25, vouchedFor: 40 }));
  });

  test('says to people what no checkpoint vouches for', async () => {
    const alone = await verify([await file(log.export)]);
    expect(alone).toMatchObject({ status: 0, stderr: '' });
    expect(alone.stdout).toMatch(/^Good\. 40 entries of tnt_1\.\nThey fit each other\. No checkpoint vouches for them/);
    const some = [
      await file(log.export),
      '--checkpoints',
      await file(log.checkpointAt(10)),
      '--keys',
      await file(log.keys),
    ];
    expect((await verify(some)).stdout).toContain(
      'up to entry 9.\n30 entries after that: no checkpoint vouches for them yet.',
    );
    const piped = await verify(['-', ...some.slice(1)], { input: log.export });
    expect(piped).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Good. 40 entries of 2fa.example.com/audit/tnt_1.'),
    });
  });

  const lines = log.export.split('\n').slice(0, -1);
  const joined = (...changed: readonly string[]) => `${changed.join('\n')}\n`;
  const fullTail = log.checkpointAt(40);
  test.each<[string, Partial<ReturnType<typeof whole>>, string, object]>([
    ['a row changed', { export: log.export.replace('evt_15', 'evt_99') }, 'event_changed', { index: 15, line: 16 }],
    ['a row changed with its hash', { export: rewritten.export }, 'tree_differs', { index: 10, lastIndex: 19 }],
    ['a row removed', { export: joined(...lines.toSpliced(15, 1)) }, 'entries_missing', { index: 15, line: 16 }],
    [
      'a row inserted',
      { export: joined(...lines.toSpliced(15, 0, lines[15] ?? '')) },
      'entry_out_of_order',
      { index: 16 },
    ],
    [
      'rows swapped',
      { export: joined(...lines.with(15, lines[16] ?? '').with(16, lines[15] ?? '')) },
      'entries_missing',
      { index: 15 },
    ],
    ['the tail cut', { export: joined(...lines.slice(0, 37)) }, 'tail_cut', { index: 37, lastIndex: 39 }],
    ['everything cut', { export: '' }, 'tail_cut', { index: 0, lastIndex: 9 }],
    [
      'the log rewritten with every key, of whose old checkpoints one was kept',
      { ...whole(rewritten), checkpoints: fullTail + whole(rewritten).checkpoints },
      'checkpoints_contradict',
      {},
    ],
    [
      'the log rewritten with every key, held against what was kept',
      { ...whole(rewritten), checkpoints: fullTail },
      'tree_differs',
      { index: 0, lastIndex: 39 },
    ],
    [
      "another tenant's row",
      { export: joined(formatEntry(new SomeLog(1, 'tnt_2').entries[0] ?? never())) },
      'other_tenant',
      { index: 0 },
    ],
    ["another log's checkpoint", otherLog(), 'other_log', {}],
    [
      'a checkpoint of another size',
      { checkpoints: fullTail.replace('\n40\n', '\n41\n') },
      'signature_wrong',
      { checkpointLine: 1 },
    ],
    ['a checkpoint that others signed', { keys: new SomeLog(1).keys }, 'log_key_unknown', { checkpointLine: 1 }],
    ['a checkpoint without signatures', { checkpoints: `${fullTail.split('\n\n')[0]}\n` }, 'checkpoint_malformed', {}],
    [
      'a checkpoint cut off',
      { checkpoints: fullTail + fullTail.slice(0, -20) },
      'checkpoint_malformed',
      { checkpointLine: 8 },
    ],
    [
      'a checkpoint that is none',
      { checkpoints: Buffer.alloc(100, 200).toString('latin1') },
      'checkpoint_malformed',
      {},
    ],
    [
      'the end in the middle of a line',
      { export: log.export.slice(0, -10) },
      'line_malformed',
      { line: 40, words: expect.stringContaining('The file ends in the middle') },
    ],
    ['Windows line ends', { export: log.export.replaceAll('\n', '\r\n') }, 'line_malformed', { line: 1 }],
    ['an empty line', { export: `\n${log.export}` }, 'line_malformed', { line: 1 }],
    [
      'a start in the middle that is not told',
      { export: joined(...lines.slice(20)) },
      'entries_missing',
      { index: 0, lastIndex: 19 },
    ],
  ])('names %s', async (_, change, reason, more) => {
    expect(await verifyFiles(change)).toEqual(bad(reason, more));
  });

  test('names a checkpoint that too few have witnessed', async () => {
    const few = { checkpoints: log.checkpointAt(10) + log.checkpointAt(20, []) };
    expect(await verifyFiles(few, ['--witnesses', '1'])).toEqual(bad('quorum_missed', { checkpointLine: 8 }));
    const policy = await file(
      `log ${formatVkey(log.key)}\nlog ${formatVkey(log.timedKey)}\nwitness W ${formatVkey(log.witness)}\nquorum W\n`,
    );
    const args = [await file(log.export), '--policy', policy, '--checkpoints'];
    expect(await verify([...args, await file(log.checkpointAt(40))])).toMatchObject({ status: 0 });
    const { status, stdout } = await verify([...args, await file(log.checkpointAt(40, []))]);
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: expect.stringMatching(/^Bad\. The checkpoint at line 1: Too few .*\n\(quorum_missed\)\n$/),
    });
  });

  test('reads a proof by itself', async () => {
    const keys = ['--keys', await file(log.keys)];
    const proof = await log.proofOf(17);
    const verifyProof = async (text: string, event?: string | Uint8Array, more: readonly string[] = keys) => {
      const args = [
        '--proof',
        await file(text),
        ...(event === undefined ? [] : [await file(event)]),
        '--json',
        ...more,
      ];
      const { status, stdout, stderr } = await verify(args);
      return { status, stderr, ...(JSON.parse(stdout || '{}') as object) };
    };
    const event = log.entries[17]?.event ?? never();
    const expected = good({ index: 17, origin: log.origin, size: 40, event });
    expect(await verifyProof(proof)).toEqual(expected);
    expect(await verifyProof(proof, encodeEvent(event))).toEqual(expected);
    expect(await verifyProof(proof, `${lines[17]}\n`)).toEqual(expected);
    expect(
      await verifyProof(proof.replace(/extra .*\n/, ''), encodeEvent(event), [...keys, '--witnesses', '1']),
    ).toEqual(expected);

    expect(await verifyProof(proof, lines[16])).toEqual(bad('inclusion_wrong'));
    expect(await verifyProof(proof.replace('index 17', 'index 18'))).toEqual(bad('inclusion_wrong'));
    expect(await verifyProof(proof.replace('index 17', 'index 40'))).toEqual(bad('inclusion_wrong'));
    expect(await verifyProof(proof.replace('\n40\n', '\n39\n'))).toEqual(bad('signature_wrong'));
    expect(await verifyProof(proof, undefined, ['--keys', await file(new SomeLog(1).keys)])).toEqual(
      bad('log_key_unknown'),
    );
    expect(await verifyProof(proof, undefined, [...keys, '--tenant', 'tnt_2'])).toEqual(bad('other_tenant'));
    expect(await verifyProof(proof.replace(/extra .*\n/, ''))).toEqual(
      bad('malformed', { words: expect.stringContaining('contains no event') }),
    );
    for (const other of [
      '',
      'event',
      '[]',
      'null',
      '{}',
      ` ${encodeEvent(event)}`,
      formatEntry({ ...(log.entries[17] ?? never()), event: undefined }),
    ])
      expect(await verifyProof(proof, other)).toEqual(bad('malformed'));
    expect(await verifyProof(proof, Buffer.of(0xff))).toEqual(
      bad('malformed', { words: expect.stringContaining('no UTF-8') }),
    );
    expect(await verifyProof('not a proof')).toEqual(bad('malformed'));
    // An event of another tenant in this one's log.
    const mixed = new SomeLog(2, 'tnt_1', (n) => someEvent(n, 'tnt_2'));
    expect(await verifyProof(await mixed.proofOf(0), undefined, ['--keys', await file(mixed.keys)])).toEqual(
      bad('other_tenant'),
    );
  }, 120_000);

  test('reads a file of several proofs, with lines for people between them', async () => {
    const keys = await file(log.keys);
    const verifyProofs = async (text: string, more: readonly string[] = []) => {
      const run = await verify(['--proof', await file(text), ...more, '--keys', keys, '--json']);
      return { status: run.status, stderr: run.stderr, ...(JSON.parse(run.stdout || '{}') as object) };
    };
    const [first, second] = [await log.proofOf(17), await log.proofOf(3)];
    const forPeople = `# What happened\n\n# 9:00 Signed in\n${first}\n# 8:00 Device added\n${second}\n# The end\n`;
    const proofs = [17, 3].map((index) => expect.objectContaining({ index, event: log.entries[index]?.event }));
    expect(await verifyProofs(forPeople)).toEqual(good({ proofs }));
    expect(await verifyProofs(first + second)).toEqual(good({ proofs }));
    expect(await verifyProofs(`\n# Only one\n${first}`)).toEqual(good({ index: 17 }));

    const line = 1 + first.split('\n').length - 1;
    expect(await verifyProofs(first + second.replace('index 3', 'index 4'))).toEqual(bad('inclusion_wrong', { line }));
    expect(await verifyProofs(`${first}Something else\n${second}`)).toEqual(bad('malformed'));
    expect(await verifyProofs(first.slice(0, 200) + second)).toEqual(bad('malformed', { line: 1 }));
    for (const none of ['', '# Nothing happened\n']) expect(await verifyProofs(none)).toEqual(bad('malformed'));
    expect(await verifyProofs(first + second, [await file(`${lines[17]}\n`)])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('EVENT is for a file with one proof'),
    });
    const other = new SomeLog(10, 'tnt_2');
    const both = ['--keys', await file(other.keys)];
    expect(await verifyProofs(first + (await other.proofOf(2)), both)).toEqual(bad('other_log'));
  }, 120_000);
});

function otherLog() {
  const other = new SomeLog(10, 'tnt_2');
  return { checkpoints: log.checkpointAt(40) + other.checkpointAt(10), keys: log.keys + other.keys };
}

function never(): never {
  throw new Error('No such entry.');
}
