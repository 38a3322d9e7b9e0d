import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { formatVkey, parseVkey } from '#audit-log';
import { loadKeys } from '#runtime';
import { LogKeys } from '../../../apps/audit-worker/src/log-keys.js';
import { ApiDescription } from '../../support/api-description.js';
import { auditOrigin } from '../../support/apps.js';
import { auditState } from '../../support/audit-state.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { AuditorsProject } from '../../support/offline-verifier.js';
import { sealPanel } from '../../support/seal-panel.js';
import { runProgram, type Program } from '../../support/system.js';
import { anyTenantLine, temporaryFolder } from '../../support/witness.js';

jest.setTimeout(180_000);

let panel: TestPanel;
let state: Awaited<ReturnType<typeof auditState>>;
let project: AuditorsProject;
let witness: Program;
let key: { readonly url: string; readonly vkey: string };

beforeAll(async () => {
  [panel, state, project] = await Promise.all([startPanel(), auditState(), AuditorsProject.open()]);
  const root = join(import.meta.dirname, '../../..');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [
    compiler,
    '-p',
    join(root, 'libs/audit-log'),
    '--outDir',
    project.package,
  ]);
  const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: panel.keyFile });
  const [logKey] = new LogKeys(auditOrigin, checkpoint).of(panel.tenantId).keys;
  if (!logKey) throw new Error('The log has a key.');
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'logs.txt'), `${anyTenantLine(logKey)}\n`);
  witness = runProgram('witness/main', [], {
    WITNESS_NAME: 'witness.example/w1',
    WITNESS_LOGS: join(folder, 'logs.txt'),
    WITNESS_DATA_DIR: join(folder, 'data'),
    WITNESS_PORT: '0',
  });
  key = await new Promise((done, fail) => {
    witness.process.stdout?.on('data', () => {
      const line = witness.output.stdout.split('\n').find((each) => each.includes('"msg":"ready"'));
      if (line !== undefined) done(JSON.parse(line) as typeof key);
    });
    void witness.ended.then(() => fail(new Error(witness.output.stderr)));
  });
});
afterAll(async () => {
  witness.process.kill('SIGTERM');
  await witness.ended;
  await Promise.all([panel.stop(), state.remove(), project.remove()]);
});

interface Checkpoint {
  readonly size: number;
  readonly note: string;
  readonly witnesses: readonly string[];
  readonly witnessedAt: string | null;
}

test('what a witness, a process of its own, cosigned: served by the API, and verified offline by who insists on it', async () => {
  const api = ApiDescription.read();
  const get = async <T>(path: string) => (await api.checked(panel.call)('GET', path)).body as { data: T[] };
  const checkpoints = async (query = '') => (await get<Checkpoint>(`/v1/audit/checkpoints?${query}`)).data;
  const witnesses = { all: [{ key: parseVkey(key.vkey), url: key.url }], quorum: 1 };

  await panel.call('PUT', '/v1/accounts/acme', {});
  await sealPanel(panel, state.path);
  await panel.call('PUT', '/v1/accounts/acme/users/jana', { displayName: 'Jana' });
  await sealPanel(panel, state.path, {
    witnesses,
    meanwhile: async () => {
      while ((await checkpoints('witnessed=true')).length === 0) await sleep(50);
    },
  });
  const all = await checkpoints();
  const witnessed = await checkpoints('witnessed=true');
  expect((await checkpoints('witnessed=true&order=newest&limit=1'))[0]).toEqual(witnessed.at(-1));
  const others = all.filter(({ witnessedAt }) => witnessedAt === null);
  expect(others.length).toBeGreaterThan(0);
  expect(witnessed.length).toBeGreaterThan(0);
  for (const checkpoint of witnessed)
    expect(checkpoint).toMatchObject({ witnesses: ['witness.example/w1'], witnessedAt: expect.stringMatching(/^20/) });
  expect(all.filter((each) => !others.includes(each))).toEqual(witnessed);
  expect((await panel.call('GET', '/v1/audit/checkpoints?witnessed=yes')).status).toBe(400);

  const events = (await get<{ sealed: string }>('/v1/audit/events?limit=500')).data;
  const { body: served } = await panel.call('GET', `/.well-known/audit-keys/${panel.tenantId}`);
  const vkeys = (served.keys as string[]).filter((vkey) => parseVkey(vkey).type === 'ed25519');
  const policy = [
    ...vkeys.map((vkey) => `log ${vkey}`),
    `witness w1 ${formatVkey(parseVkey(key.vkey))} ${key.url}`,
    'quorum w1',
  ];
  const verify = async (notes: readonly Checkpoint[]) => {
    const log = await project.file(events.map(({ sealed }) => `${sealed}\n`).join(''));
    const signed = await project.file(notes.map(({ note }) => note).join(''));
    const trust = await project.file(policy.join('\n'));
    const args = [log, '--checkpoints', signed, '--policy', trust, '--json'];
    return JSON.parse((await project.verify(args)).stdout) as object;
  };
  expect(await verify(witnessed)).toMatchObject({ ok: true });
  expect(await verify(others)).toMatchObject({ ok: false, reason: 'quorum_missed' });
});
