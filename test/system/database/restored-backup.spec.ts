import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createGuardrails, generateSecret, generateSync } from 'otplib';
import pg from 'pg';
import { generateKeyFile } from '#runtime';
import { freePort } from '../../../apps/standalone/src/embedded-postgres/free-port.js';
import { AppProcess } from '../../faults/app-process.js';
import { createEmptyDatabase } from '../../support/database.js';
import { debianBinaries, startDebianPostgres, type DebianPostgres } from '../../support/debian-postgres.js';
import { runProgram } from '../../support/system.js';

// Processes are started on three clusters, one after the other.
jest.setTimeout(600_000);

const binaries = debianBinaries();
if (!binaries) process.stderr.write('pg_dump and a server of its version are not here: no backup is restored.\n');

const period = 120;
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10, MAX_SECRET_BYTES: 128 });
/** Good for two minutes at least: as long as a restore takes here. */
const codeOf = (secret: string) => generateSync({ secret, period, epoch: Math.floor(Date.now() / 1000), guardrails });
const users = '/v1/accounts/acme/users';

(binaries ? describe : describe.skip)('a backup restored into another cluster', () => {
  const ends: (() => Promise<unknown>)[] = [];
  let source: DebianPostgres;
  let folder: string;
  let keyFile: string;
  let adminApiKey: string;
  let tenantId: string;
  /** The dump from before `used` was used, and the one from after. */
  let older: string;
  let newest: string;
  const used = {
    code: '',
    recoveryCode: '',
    apiKey: '',
    apiKeyId: '',
    proof: '',
    pending: '',
    lockedUntil: '',
    quota: 0,
  };
  const ann = { secret: generateSecret(), deviceId: '' };
  const bob = { secret: generateSecret(), deviceId: '' };
  let phone = '';

  interface Installation {
    call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answered>;
    stop(): Promise<void>;
  }
  interface Answered {
    readonly status: number;
    readonly body: Record<string, never> & { readonly [field: string]: unknown };
  }

  const admin = async (url: string, ...args: string[]) => {
    const program = runProgram('standalone/admin', args, { DATABASE_URL: url, AUDIT_STATE_DIR: join(folder, 'audit') });
    const status = await program.ended;
    if (status !== 0) throw new Error(program.output.stderr);
    return JSON.parse(program.output.stdout) as never;
  };
  const query = async (url: string, text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<Record<string, never>>(text);
    await client.end();
    return rows;
  };
  const migrated = async (url: string) => {
    const program = runProgram('standalone/migrate', [], { DATABASE_URL: url });
    if ((await program.ended) !== 0) throw new Error(program.output.stderr);
  };

  /** Gateway and audit worker on a database, always with the same keys and the same folder of checkpoints. */
  async function startOn(url: string): Promise<Installation> {
    const shared = { DATABASE_URL: url, SALLYPORT_KEYS: keyFile };
    const gateway = new AppProcess('gateway', {
      ...shared,
      PORT: String(await freePort()),
      SHUTDOWN_DELAY_SECONDS: '0',
    });
    const audit = { AUDIT_ORIGIN: 'sallyport.test/audit', AUDIT_STATE_DIR: join(folder, 'audit') };
    const processes = [gateway, new AppProcess('audit-worker', { ...shared, ...audit })];
    const stop = async () => void (await Promise.all(processes.map((each) => each.end('SIGTERM'))));
    ends.push(stop);
    await Promise.all(processes.map((each) => each.start()));
    return {
      stop,
      async call(method, path, body, headers = {}) {
        const response = await fetch(`${gateway.url}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${adminApiKey}`,
            ...(body && { 'content-type': 'application/json' }),
            ...headers,
          },
          body: body ? JSON.stringify(body) : null,
        });
        const text = await response.text();
        return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answered['body'] };
      },
    };
  }

  /** An empty database of the run's own server: another cluster, and a newer PostgreSQL. */
  async function restored(file: string): Promise<string> {
    // The dump's policies name the roles, which it does not have: a migration of any database of the cluster makes them.
    const roles = await createEmptyDatabase();
    ends.push(() => roles.close());
    await migrated(roles.url);
    const target = await createEmptyDatabase();
    ends.push(() => target.close());
    await source.restore(file, target.url);
    await migrated(target.url);
    return target.url;
  }

  async function challenge({ call }: Installation, userId: string, purpose = 'login'): Promise<string> {
    const { body } = await call('POST', '/v1/challenges', { accountId: 'acme', userId, purpose });
    return (body['challenge'] as { id: string } | undefined)?.id ?? '';
  }
  const answer = async (at: Installation, id: string, body: object) =>
    at.call('POST', `/v1/challenges/${id}/verify`, body);

  async function imported({ call }: Installation, userId: string, secret: string): Promise<string> {
    expect((await call('PUT', `${users}/${userId}`, {})).status).toBe(200);
    const body = { name: 'App', secret, period };
    const { status, body: device } = await call('POST', `${users}/${userId}/devices/import`, body);
    expect(status).toBe(201);
    return String(device['id']);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-backup-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    keyFile = join(folder, 'keys.json');
    await writeFile(keyFile, generateKeyFile(), { mode: 0o600 });
    source = await startDebianPostgres(binaries ?? '');
    ends.push(() => source.stop());
    await migrated(source.url);
    tenantId = (await admin(source.url, 'tenant', 'create', 'Backup'))['tenantId'];
    const scopes = 'accounts,devices,challenges,audit,admin';
    const key = async (name: string): Promise<Record<'id' | 'key', string>> =>
      admin(source.url, 'key', 'create', '--tenant', tenantId, '--name', name, '--scopes', scopes);
    adminApiKey = (await key('panel')).key;
    const revoked = await key('revoked');
    Object.assign(used, { apiKey: revoked.key, apiKeyId: revoked.id });

    const at = await startOn(source.url);
    expect((await at.call('PUT', '/v1/accounts/acme', {})).status).toBe(200);
    // Longer than a restore takes.
    expect((await at.call('PUT', '/v1/policy', { lockout: { baseSeconds: 900 } })).status).toBe(200);
    ann.deviceId = await imported(at, 'ann', ann.secret);
    bob.deviceId = await imported(at, 'bob', bob.secret);
    const codes = await at.call(
      'POST',
      `${users}/ann/recovery-codes`,
      {},
      await proofHeader(at, 'regenerate_recovery_codes'),
    );
    [used.recoveryCode = ''] = (codes.body['recoveryCodes'] ?? codes.body['codes'] ?? []) as unknown as string[];
    used.pending = await challenge(at, 'ann');
    expect((await at.call('PUT', `${users}/carl`, {})).status).toBe(200);
    const enrolment = { method: 'sms', name: 'Phone', phone: '+31612345678' };
    phone = String((await at.call('POST', `${users}/carl/devices`, enrolment)).body['id']);
    older = await source.dump('older');

    // Since that backup.
    await query(source.url, `update device set last_used_step = null where id = '${ann.deviceId}'`);
    used.code = codeOf(ann.secret);
    const approved = await answer(at, await challenge(at, 'ann'), { deviceId: ann.deviceId, code: used.code });
    expect(approved.status).toBe(200);
    const byRecovery = await answer(at, await challenge(at, 'ann'), { recoveryCode: used.recoveryCode });
    expect(byRecovery.status).toBe(200);
    await query(source.url, `update device set last_used_step = null where id = '${ann.deviceId}'`);
    used.proof = String((await proofHeader(at, 'regenerate_recovery_codes'))['sallyport-proof']);
    expect((await at.call('DELETE', `/v1/api-keys/${used.apiKeyId}`)).status).toBe(204);
    const guessed = await challenge(at, 'bob');
    for (let wrong = 0; wrong < 5; wrong += 1) await answer(at, guessed, { deviceId: bob.deviceId, code: '000000' });
    used.lockedUntil = String((await at.call('GET', `/v1/devices/${bob.deviceId}`)).body['lockedUntil']);
    used.quota = quotaOf(await at.call('GET', `/v1/devices/${phone}`));
    // Stopping, the audit worker seals and signs what there is.
    await sealed(source.url);
    await at.stop();
    newest = await source.dump('newest');
  }, 600_000);
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  const quotaOf = ({ body }: Answered) => (body['quota'] as { used: number } | undefined)?.used ?? -1;

  async function proofHeader(at: Installation, purpose: string): Promise<Record<string, string>> {
    const id = await challenge(at, 'ann', purpose);
    const { body } = await answer(at, id, { deviceId: ann.deviceId, code: codeOf(ann.secret) });
    return { 'sallyport-proof': String(body['proof']) };
  }

  async function sealed(url: string): Promise<void> {
    for (let waited = 0; waited < 60_000; waited += 200) {
      const [row] = await query(
        url,
        'select count(*)::int as n from event e where not exists (select from audit_entry a where a.event_id = e.id)',
      );
      if (row?.['n'] === 0) return;
      await sleep(200);
    }
    throw new Error('Events were not sealed.');
  }
  const logState = async (url: string) => ((await admin(url, 'audit', 'logs')) as { state: string; kept: number }[])[0];

  test('of now: nothing that was used up is good again, locks, quotas, proofs and the log go on', async () => {
    const url = await restored(newest);
    const before = await logState(url);
    expect(before).toMatchObject({ state: 'contained' });
    const at = await startOn(url);
    expect(await answer(at, await challenge(at, 'ann'), { deviceId: ann.deviceId, code: used.code })).toMatchObject({
      status: 422,
    });
    const again = await answer(at, await challenge(at, 'ann'), { recoveryCode: used.recoveryCode });
    expect(again.body).toMatchObject({ code: 'recovery_code_invalid' });
    const revoked = { authorization: `Bearer ${used.apiKey}` };
    expect((await at.call('GET', '/v1/tenant', undefined, revoked)).status).toBe(401);
    expect((await at.call('GET', `/v1/devices/${bob.deviceId}`)).body['lockedUntil']).toBe(used.lockedUntil);
    expect(used.quota).toBeGreaterThan(0);
    expect(quotaOf(await at.call('GET', `/v1/devices/${phone}`))).toBe(used.quota);
    const proof = { 'sallyport-proof': used.proof };
    expect((await at.call('POST', `${users}/ann/recovery-codes`, {}, proof)).status).toBe(201);
    expect((await at.call('POST', `${users}/ann/recovery-codes`, {}, proof)).body['code']).toBe('proof_invalid');
    await sealed(url);
    await at.stop();
    const after = await logState(url);
    expect(after).toMatchObject({ state: 'contained' });
    expect(after?.kept).toBeGreaterThan(before?.kept ?? 0);
  });

  test('of before: what was used up since is good again, and the log says that it was cut', async () => {
    const url = await restored(older);
    expect(await logState(url)).toMatchObject({ state: 'missing' });
    const at = await startOn(url);
    // This is what the runbook warns of.
    await query(url, `update device set last_used_step = null where id = '${ann.deviceId}'`);
    expect((await answer(at, used.pending, { recoveryCode: used.recoveryCode })).status).toBe(200);
    const revoked = { authorization: `Bearer ${used.apiKey}` };
    expect((await at.call('GET', '/v1/tenant', undefined, revoked)).status).toBe(200);
    expect((await at.call('GET', `/v1/devices/${bob.deviceId}`)).body['lockedUntil']).toBeNull();
    await at.stop();
  });

  test('of before, once "restored" was run: codes, challenges and proofs of before are no good, and every log says why', async () => {
    const url = await restored(older);
    const reason = 'restored the backup of this morning';
    expect(await admin(url, 'restored', '--reason', reason)).toMatchObject([
      { tenantId, challenges: expect.any(Number), apps: 2, users: 3 },
    ]);
    const at = await startOn(url);
    const late = await answer(at, used.pending, { deviceId: ann.deviceId, code: codeOf(ann.secret) });
    expect(late.body['code']).toBe('challenge_not_pending');
    // The very code that was used: of this step and the next, none is good.
    for (const code of [used.code, codeOf(ann.secret)]) {
      const { status, body } = await answer(at, await challenge(at, 'ann'), { deviceId: ann.deviceId, code });
      expect({ status, code: body['code'] }).toMatchObject({ status: 422 });
    }
    const proof = { 'sallyport-proof': used.proof };
    expect((await at.call('POST', `${users}/ann/recovery-codes`, {}, proof)).body['code']).toBe('proof_invalid');
    await sealed(url);
    const [told] = await query(
      url,
      `select e.data ->> 'reason' as reason from event e join audit_entry a on a.event_id = e.id
       where e.type = 'database.restored'`,
    );
    expect(told).toEqual({ reason });
    // An operator who knows why accepts the log; then it is signed again.
    expect(await logState(url)).toMatchObject({ state: 'missing' });
    await admin(url, 'audit', 'accept', '--tenant', tenantId, '--sequence', '0', '--reason', reason);
    for (let waited = 0; (await logState(url))?.kept === 0 && waited < 90_000; waited += 500) await sleep(500);
    await at.stop();
    expect(await logState(url)).toMatchObject({ state: 'contained', kept: expect.any(Number) });
  });
});
