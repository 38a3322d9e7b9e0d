import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SomeLog, someEvent } from '../../support/audit-log.js';
import { buildGo, hasGo } from '../../support/go-programs.js';

const goIsHere = hasGo();
const otherProgram = goIsHere ? test : test.skip;

const log = new SomeLog(1000);
let folder: string;
let reader: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-log-reader-'));
  if (goIsHere) reader = await buildGo('log-reader', folder);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const names = ['keys', 'export', 'checkpoint', 'proof', 'request', 'old'] as const;
type Files = Record<(typeof names)[number], string>;

async function filesOf(some: SomeLog, index: number, oldSize: number): Promise<Files> {
  return {
    keys: some.keys,
    export: some.export,
    checkpoint: some.checkpointAt(some.entries.length),
    proof: await some.proofOf(index),
    request: await some.requestFrom(oldSize),
    old: some.checkpointAt(oldSize),
  };
}

async function readByOther(files: Files) {
  await Promise.all(names.map((name) => writeFile(join(folder, name), files[name])));
  const { stdout, status } = spawnSync(
    reader,
    names.map((name) => join(folder, name)),
    { encoding: 'utf8' },
  );
  return { status, lines: stdout.trimEnd().split('\n') };
}

describe(`T20 what Go's own packages read${goIsHere ? '' : ', for want of Go with golang.org/x/mod'}`, () => {
  otherProgram('are keys, checkpoints, inclusion and consistency of a log', async () => {
    for (const [index, oldSize] of [
      [0, 1],
      [499, 512],
      [998, 777],
      [999, 1000],
    ] as const) {
      expect(await readByOther(await filesOf(log, index, oldSize))).toEqual({
        status: 0,
        lines: [
          'key: ok',
          'key: ok',
          'key: ok',
          'export: ok',
          'checkpoint, 3 signatures: ok',
          'root: ok',
          'inclusion: ok',
          'old checkpoint: ok',
          'consistency: ok',
        ],
      });
    }
  });

  otherProgram('is refused where anything was changed', async () => {
    const good = await filesOf(log, 499, 777);
    const changed = new SomeLog(1000, 'tnt_1', (n) =>
      n === 600 ? { ...someEvent(n), type: 'challenge.rejected' } : someEvent(n),
    );
    const sameKeys = Object.assign(changed, { key: log.key, timedKey: log.timedKey, witness: log.witness });
    const rewritten = await filesOf(sameKeys, 499, 777);
    const wrong = async (change: Partial<Files>) => {
      const { status, lines } = await readByOther({ ...good, ...change });
      expect(status).toBe(1);
      return lines.filter((line) => !line.endsWith(': ok')).map((line) => line.split(':')[0]);
    };
    expect(await wrong({ keys: new SomeLog(1).keys })).toContain('checkpoint, 0 signatures');
    expect(await wrong({ export: good.export.replace('evt_600', 'evt_601') })).toContain('export');
    expect(await wrong({ export: rewritten.export })).toEqual(['root']);
    expect(await wrong({ checkpoint: good.checkpoint.replace('\n1000\n', '\n999\n') })).toContain(
      'checkpoint, 0 signatures',
    );
    expect(await wrong({ proof: good.proof.replace('index 499', 'index 498') })).toEqual(['inclusion']);
    const [otherEvent = ''] = /extra .*/.exec(await log.proofOf(500)) ?? [];
    expect(await wrong({ proof: good.proof.replace(/extra .*/, otherEvent) })).toEqual(['inclusion']);
    expect(await wrong({ request: await log.requestFrom(776) })).toEqual(['consistency']);
    // History rewritten with every key of the log: whoever kept the old checkpoint sees it.
    expect(
      await wrong({
        export: rewritten.export,
        checkpoint: rewritten.checkpoint,
        proof: rewritten.proof,
        request: rewritten.request,
      }),
    ).toEqual(['consistency']);
  });
});
