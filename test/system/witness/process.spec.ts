import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest, test } from '@jest/globals';
import { formatVkey } from '#audit-log';
import { settings } from '#runtime';
import { description } from '../../../apps/witness/src/description.js';
import { mostBodyBytes } from '../../../apps/witness/src/app.js';
import { SomeLog } from '../../support/audit-log.js';
import { namesIn } from '../../support/metrics.js';
import { oddRequests, sendRaw } from '../../support/raw-http.js';
import { runProgram, type Program } from '../../support/system.js';
import { cosigned, forkAt, submit, temporaryFolder } from '../../support/witness.js';

// A busy machine takes some seconds for each start.
jest.setTimeout(120_000);

interface Ready {
  readonly url: string;
  readonly metricsUrl: string;
  readonly vkey: string;
}

const log = new SomeLog(120);
let folder: string;
let env: Record<string, string>;
const programs: Program[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  const file = join(folder, 'logs.txt');
  writeFileSync(file, `${formatVkey(log.key)}\n`);
  env = {
    WITNESS_NAME: 'witness.example/w3',
    WITNESS_LOGS: file,
    WITNESS_DATA_DIR: join(folder, 'witness'),
    WITNESS_PORT: '0',
  };
});
afterEach(async () => {
  for (const program of programs.splice(0)) await end(program, 'SIGKILL');
});

/** As `npm run start:witness` does, and waits until it is ready. */
async function start(more: Record<string, string> = {}): Promise<Program & Ready> {
  const program = runProgram('witness/main', [], { ...env, ...more });
  programs.push(program);
  const line = await new Promise<string>((done, fail) => {
    program.process.stdout?.on('data', () => {
      const ready = program.output.stdout.split('\n').find((text) => text.includes('"msg":"ready"'));
      if (ready !== undefined) done(ready);
    });
    void program.ended.then((status) => fail(new Error(`It ended with ${status}: ${program.output.stderr}`)));
  });
  return { ...program, ...(JSON.parse(line) as Ready) };
}

function end(program: Program, signal: NodeJS.Signals) {
  program.process.kill(signal);
  return program.ended;
}

/** Starts one that does not come up. @returns its words, which are one line */
async function refusal(more: Record<string, string>): Promise<string> {
  const program = runProgram('witness/main', [], { ...env, ...more });
  programs.push(program);
  expect(await program.ended).toBe(1);
  expect(program.output.stderr).toMatch(/^witness: [^\n]+\n$/);
  return program.output.stderr;
}

describe('the process of a witness', () => {
  it('says what it can be told', async () => {
    const program = runProgram('witness/main', ['--help'], {});
    expect(await program.ended).toBe(0);
    for (const name of description.settings) expect(program.output.stdout).toContain(settings[name].help);
  });

  it('says in one line why it does not start', async () => {
    const words = await refusal({ WITNESS_NAME: 'two words', WITNESS_LOGS: '', WITNESS_PORT: '99999' });
    expect(words).toMatch(/WITNESS_NAME must have.*WITNESS_LOGS is missing.*WITNESS_PORT must be/);
    expect(await refusal({ WITNESS_LOGS: '/none' })).toContain('WITNESS_LOGS names the file /none');
    expect(await refusal({ WITNESS_LOGS: import.meta.filename })).toContain('line 1 of its file is no public key');
    expect(await refusal({ WITNESS_NAME: log.origin })).toContain('A log is no witness of itself');
    const { url } = await start({ WITNESS_DATA_DIR: join(folder, 'other') });
    expect(await refusal({ WITNESS_PORT: new URL(url).port })).toContain('Set WITNESS_PORT to a free port');
  });

  it('is one on its folder, of whatever process, also after one that was killed', async () => {
    const first = await start();
    expect(await refusal({})).toContain('is used by another witness');
    await end(first, 'SIGKILL');
    const second = await start();
    expect(second.vkey).toBe(first.vkey);
    expect(await end(second, 'SIGTERM')).toBe(0);
    expect(second.output.stderr).toBe('');
    // The key is nowhere but in its file.
    expect(first.output.stdout + second.output.stdout).not.toContain('PRIVATE');
  });

  it('counts how it answered, apart from its API', async () => {
    const { url, metricsUrl } = await start();
    for (const request of ['', await log.requestFrom(0, 3), await log.requestFrom(0, 3)]) await submit(url, request);
    const metrics = await (await fetch(metricsUrl)).text();
    for (const status of [200, 400, 409])
      expect(metrics).toContain(`sallyport_witness_answers_total{status="${status}"} 1\n`);
    expect(metrics).toContain('sallyport_witness_logs 1\n');
    expect(namesIn(metrics)).toEqual(['sallyport_witness_answers_total', 'sallyport_witness_logs']);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
  });

  it('answers a body that is too long, or has no end, and hears no more of it', async () => {
    const { url } = await start();
    const declared = await submit(url, Buffer.alloc(mostBodyBytes + 1, 'old 0\n'));
    expect(declared).toMatchObject({ status: 413, text: `A request has at most ${mostBodyBytes} bytes.\n` });
    const text = await sendWithoutEnd(url);
    // Bytes that it does not read any more may end the connection before the answer is read.
    expect(text === '' || text.startsWith('HTTP/1.1 413 ')).toBe(true);
    expect((await submit(url, await log.requestFrom(0, 3))).status).toBe(200);
  });

  it('goes on whatever comes over HTTP', async () => {
    const { url, output } = await start();
    for (const [what, bytes] of oddRequests(url)) {
      const { status = 400 } = await sendRaw(url, bytes, 300);
      expect([what, status >= 200 && status < 500]).toEqual([what, true]);
    }
    const raw = (body: string) =>
      sendRaw(url, `POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n${body}`);
    expect((await raw('\xff\xfe\x00\n\n\n\x80\xc0\xaf')).status).toBe(400);
    expect((await submit(url, await log.requestFrom(0, 3))).status).toBe(200);
    expect(output.stdout).not.toContain('"level":50');
  });
});

it('never forgets what it signed, and signs one history only, whenever it is killed', async () => {
  const fork = forkAt(log, 120, 3);
  let acknowledged = 0;
  let forked = 0;
  let rounds = 0;
  const first = await start();
  await submit(first.url, await log.requestFrom(0, 5));
  await end(first, 'SIGKILL');
  while (rounds < 6 && acknowledged < 100) {
    const { url, vkey, process: child, ended } = await start();
    const killed = sleep(30 + Math.random() * 250).then(() => child.kill('SIGKILL'));
    let size = Number((await submit(url, await log.requestFrom(0, 0)).catch(() => undefined))?.text ?? acknowledged);
    expect(size).toBeGreaterThanOrEqual(acknowledged);
    for (;;) {
      const next = Math.min(120, size + 1);
      const request = await log.requestFrom(size, next);
      const fake = submit(url, await fork.requestFrom(size, next)).then(
        ({ status }) => void (forked += Number(status === 200)),
        () => undefined,
      );
      const answer = await submit(url, request).catch(() => undefined);
      await fake;
      if (!answer) break;
      expect(answer.status).toBe(200);
      cosigned(log, request, answer, vkey);
      acknowledged = size = next;
    }
    await Promise.all([killed, ended]);
    rounds += 1;
  }
  const { url } = await start();
  const kept = Number((await submit(url, await log.requestFrom(0, 0))).text);
  // Killed between writing and answering it has one more than it could tell.
  expect([acknowledged, acknowledged + 1]).toContain(kept);
  expect(forked).toBe(0);
  for (const size of [5, acknowledged, kept])
    for (const from of [0, size, kept].filter((old) => old <= size))
      expect([409, 422]).toContain((await submit(url, await fork.requestFrom(from, size))).status);
  expect((await submit(url, await log.requestFrom(kept))).status).toBe(200);
});

/** Sends a body until the server ends the connection. @returns what it answered */
function sendWithoutEnd(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  return new Promise((done) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.on('error', () => undefined);
    socket.on('close', () => done(text));
    const more = () => void (socket.destroyed || socket.write(chunk, () => setImmediate(more)));
    socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    more();
  });
}

/** A file system of 1 MB, or why there is none. */
function mountDisk(): { path: string } | { refusal: string } {
  const path = temporaryFolder();
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { encoding: 'utf8' });
  return status === 0 ? { path } : { refusal: stderr?.trim() || 'no "mount" on the PATH' };
}
const unmount = (path: string) => spawnSync('umount', ['--lazy', path]);

const trial = mountDisk();
if ('path' in trial) unmount(trial.path);
else process.stderr.write(`No disk can be filled here (${trial.refusal}): its test is passed over.\n`);

('path' in trial ? test : test.skip)('signs nothing while its disk is full, and goes on once it is not', async () => {
  const disk = mountDisk();
  if (!('path' in disk)) throw new Error(disk.refusal);
  try {
    const logs = join(folder, 'logs.txt');
    const many = Array.from({ length: 400 }, (_, n) => new SomeLog(2, `tnt_${n}`));
    writeFileSync(logs, many.map(({ key }) => formatVkey(key)).join('\n'));
    const { url, output } = await start({ WITNESS_DATA_DIR: join(disk.path, 'witness') });
    const ballast = join(disk.path, 'ballast');
    expect(() => writeFileSync(ballast, Buffer.alloc(2_000_000))).toThrow('ENOSPC');
    let refused: SomeLog | undefined;
    for (const each of many) {
      const answer = await submit(url, await each.requestFrom(0, 2));
      if (answer.status === 200) continue;
      expect(answer).toMatchObject({ status: 503, text: expect.stringContaining('cannot write down') });
      refused = each;
      break;
    }
    if (!refused) throw new Error('The disk never became full.');
    // The line may come after the answer.
    for (let waited = 0; !output.stdout.includes('"msg":"a call failed"'); waited += 50) {
      if (waited > 30_000) throw new Error(`It says nothing of it: ${output.stdout}`);
      await sleep(50);
    }
    // Nothing was kept of it.
    expect((await submit(url, await refused.requestFrom(2))).text).toBe('0\n');
    rmSync(ballast);
    expect((await submit(url, await refused.requestFrom(0, 2))).status).toBe(200);
  } finally {
    for (const program of programs) await end(program, 'SIGKILL');
    unmount(disk.path);
  }
});
