import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createGuardrails, generateSecret, generateSync } from 'otplib';
import pg from 'pg';
import { generateKeyFile } from '#runtime';
import { freePort } from '../../../apps/standalone/src/embedded-postgres/free-port.js';
import { AppProcess, type AppName } from '../../faults/app-process.js';
import { adminAnswer } from '../../support/admin.js';
import { debianBinaries, startDebianPostgres } from '../../support/debian-postgres.js';
import { runProgram } from '../../support/system.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';
import { startWitnessProcess, type WitnessProcess } from '../../support/witness-process.js';

// Two installations, one after the other.
jest.setTimeout(600_000);

const binaries = debianBinaries();
if (!binaries) process.stderr.write('pg_basebackup and a server of its version are not here: no copy is started.\n');

const period = 120;
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10, MAX_SECRET_BYTES: 128 });
const secret = generateSecret();
const codeNow = () => generateSync({ secret, period, epoch: Math.floor(Date.now() / 1000), guardrails });
const users = '/v1/accounts/acme/users';
const origin = 'sallyport.test/audit';

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
/** By the first column of the runbook's table. */
type Facts = Readonly<Record<string, unknown>>;

/** What the runbook says comes back with a backup. */
function told(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
  const [, table = ''] = /\| came back with the backup \|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(text) ?? [];
  return table.split('\n').flatMap((line) => /^\| (.+?) \|/.exec(line)?.[1] ?? []);
}

(binaries ? describe : describe.skip)('the copy of a cluster from before, which a server is started on', () => {
  const ends: (() => Promise<unknown>)[] = [];
  const running: AppProcess[] = [];
  let [folder, url, apiKey, tenantId, keyFile]: string[] = ['', '', '', '', ''];
  let vonage: VonageServer;
  let witness: WitnessProcess;
  const made = { revoked: '', revokedId: '', ann: '', tablet: '', phone: '', delivery: '', used: '', proof: '' };
  /** At the time of the backup, at the end of the first cluster, and as the copy came back. */
  let [before, last, back]: [Facts, Facts, Facts] = [{}, {}, {}];

  const settings = () => ({ DATABASE_URL: url ?? '', AUDIT_STATE_DIR: join(folder ?? '', 'audit') });
  const admin = <T>(...args: string[]) => adminAnswer<T>(args, settings());
  const logState = async () => (await admin<{ state: string; kept: number }[]>('audit', 'logs'))[0];

  /** On the database of now, with the same keys, the same folder of checkpoints, the same witness. */
  async function start(...apps: AppName[]): Promise<void> {
    const { apiKey: VONAGE_API_KEY, apiSecret: VONAGE_API_SECRET } = vonage.credentials;
    const env = {
      ...settings(),
      SALLYPORT_KEYS: keyFile ?? '',
      AUDIT_ORIGIN: origin,
      AUDIT_WITNESSES: `${witness.vkey} ${witness.url}`,
      PORT: String(await freePort()),
      SHUTDOWN_DELAY_SECONDS: '0',
      VONAGE_API_KEY,
      VONAGE_API_SECRET,
      VONAGE_FROM: 'Panel',
      VONAGE_API_HOST: vonage.host,
    };
    const started = apps.map((app) => new AppProcess(app, env));
    running.push(...started);
    await Promise.all(started.map((each) => each.start()));
  }
  const stopAll = async () => void (await Promise.all(running.splice(0).map((each) => each.end('SIGTERM'))));

  async function call(method: string, path: string, body?: object, headers: object = {}): Promise<Answered> {
    const at = running.find(({ app }) => app === 'gateway')?.url ?? '';
    const type = body && { 'content-type': 'application/json' };
    const response = await fetch(`${at}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...type, ...headers },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answered['body']) };
  }
  async function query<T>(text: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows as T[];
  }
  async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
    for (let waited = 0; !(await isSo()); waited += 200) {
      if (waited > 90_000) throw new Error(`Not so in the end: ${what}`);
      await sleep(200);
    }
  }
  const challenge = async (purpose = 'login') => {
    const { body } = await call('POST', '/v1/challenges', { accountId: 'acme', userId: 'ann', purpose });
    return (body['challenge'] as { id: string }).id;
  };
  const verify = async (body: object, purpose?: string) =>
    call('POST', `/v1/challenges/${await challenge(purpose)}/verify`, { deviceId: made.ann, ...body });
  /** A new step for the app, so that no test waits for one. */
  const nextStep = () => query(`update device set last_used_step = null where id = '${made.ann}'`);
  async function proof(purpose: string): Promise<object> {
    await nextStep();
    return { 'sallyport-proof': String((await verify({ code: codeNow() }, purpose)).body['proof']) };
  }
  /** As a minute later. */
  async function resend(): Promise<void> {
    await query(`update code set last_sent_at = last_sent_at - interval '1 minute'`);
    await query(`update send_pace set ready_at = ready_at - interval '1 minute'`);
    expect((await call('POST', `/v1/devices/${made.phone}/codes`)).status).toBe(202);
  }
  const sms = () => vonage.messages.filter(({ clientRef }) => clientRef === made.delivery).length;

  /** By a key that was revoked, a device that was removed and so on: what they are worth now. */
  async function facts(): Promise<Facts> {
    const revoked = { authorization: `Bearer ${made.revoked}` };
    const [rows] = await query<{ step: unknown; delivery: unknown; log: unknown }>(
      `select (select last_used_step from device where id = '${made.ann}') as step,
         (select status from delivery where id = '${made.delivery}') as delivery,
         (select max(sequence)::int from audit_entry where tenant_id = '${tenantId}') as log`,
    );
    const policy = (await call('GET', '/v1/policy')).body['effective'] as { lockout: { baseSeconds: number } };
    return {
      'codes of apps that were used, sent codes, pending challenges, used proofs, trusted browsers that were revoked':
        rows?.step,
      'recovery codes that were used': (await call('GET', `${users}/ann`)).body['recoveryCodesLeft'],
      'API keys that were revoked (`api_key.revoked`)': (await call('GET', '/v1/tenant', undefined, revoked)).status,
      'devices that were removed, numbers that were changed, resets (`device.removed`, `device.phone_changed`, `two_factor.reset`)':
        (await call('GET', `/v1/devices/${made.tablet}`)).status,
      'users that were erased (`user.erased`)': (await call('GET', `${users}/erin`)).status,
      'policies (`policy.changed`), webhooks, exemptions': policy.lockout.baseSeconds,
      'lockouts and counted wrong codes, quotas of the day': quotaOf(await call('GET', `/v1/devices/${made.phone}`)),
      'messages that waited': rows?.delivery,
      'the log': rows?.log,
    };
  }
  const quotaOf = ({ body }: Answered) => (body['quota'] as { used: number }).used;

  async function imported(name: string): Promise<string> {
    const of = { name, secret: name === 'Phone' ? secret : generateSecret(), period };
    const { status, body } = await call('POST', `${users}/ann/devices/import`, of);
    expect(status).toBe(201);
    return String(body['id']);
  }
  const allSealed = () =>
    until('all is sealed, signed and cosigned', async () => {
      const [row] = await query<{ n: number; size: number }>(
        `select (select count(*)::int from event e where not exists (select from audit_entry a where a.event_id = e.id)) as n,
           (select max(size)::int from audit_witnessed where tenant_id = '${tenantId}') as size`,
      );
      const kept = (await logState())?.kept ?? 0;
      return row?.n === 0 && kept > 0 && row.size === kept;
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-base-backup-'));
    ends.push(() => rm(folder ?? '', { recursive: true, force: true }));
    keyFile = join(folder, 'keys.json');
    const keys = generateKeyFile();
    await writeFile(keyFile, keys, { mode: 0o600 });
    vonage = await startVonageServer();
    ends.push(() => vonage.close());
    const source = await startDebianPostgres(binaries ?? '');
    ({ url } = source);
    const migrated = runProgram('standalone/migrate', [], { DATABASE_URL: url });
    expect({ status: await migrated.ended, stderr: migrated.output.stderr }).toMatchObject({ status: 0 });
    ({ tenantId } = await admin<{ tenantId: string }>('tenant', 'create', 'Backup'));
    const scopes = ['--scopes', 'accounts,devices,challenges,audit,admin'];
    const key = (name: string) =>
      admin<{ id: string; key: string }>('key', 'create', '--tenant', String(tenantId), '--name', name, ...scopes);
    apiKey = (await key('panel')).key;
    const revoked = await key('revoked');
    Object.assign(made, { revoked: revoked.key, revokedId: revoked.id });
    witness = await startWitnessProcess({ folder, keys, origin, tenantId });
    ends.push(() => witness.stop());

    await start('gateway', 'audit-worker');
    await call('PUT', '/v1/accounts/acme', {});
    await call('PUT', '/v1/policy', { lockout: { baseSeconds: 900 } });
    for (const user of ['ann', 'carl', 'erin']) await call('PUT', `${users}/${user}`, {});
    [made.ann, made.tablet] = [await imported('Phone'), await imported('Tablet')];
    const codes = await call('POST', `${users}/ann/recovery-codes`, {}, await proof('regenerate_recovery_codes'));
    const recovery = (codes.body['recoveryCodes'] ?? codes.body['codes']) as string[];
    const phone = { method: 'sms', name: 'Phone', phone: '+31612345678' };
    made.phone = String((await call('POST', `${users}/carl/devices`, phone)).body['id']);
    made.delivery =
      (await query<{ id: string }>(`select id from delivery where device_id = '${made.phone}'`))[0]?.id ?? '';
    await nextStep();
    await allSealed();
    before = await facts();
    const backup = await source.baseBackup();
    ends.push(() => backup.remove());

    // Since that backup.
    await start('relay', 'sms-worker');
    expect((await verify({ code: codeNow() })).status).toBe(200);
    [made.used = ''] = recovery;
    expect((await verify({ recoveryCode: made.used, deviceId: undefined })).status).toBe(200);
    const late = await proof('regenerate_recovery_codes');
    made.proof = (late as { 'sallyport-proof': string })['sallyport-proof'];
    const removal = await call('DELETE', `/v1/devices/${made.tablet}`, undefined, await proof('remove_device'));
    expect(removal.status).toBe(204);
    expect((await call('DELETE', `/v1/api-keys/${made.revokedId}`)).status).toBe(204);
    expect((await call('DELETE', `${users}/erin`)).status).toBe(204);
    await call('PUT', '/v1/policy', { lockout: { baseSeconds: 1800 } });
    await until('the message was sent', () => sms() === 1);
    await resend();
    await allSealed();
    last = await facts();
    await stopAll();
    await source.stop();

    const copy = await backup.start();
    ({ url } = copy);
    ends.push(() => copy.stop());
    await start('gateway');
    back = await facts();
  }, 600_000);
  afterAll(async () => {
    await stopAll();
    for (const end of ends.toReversed()) await end();
  });

  test('brings back what the runbook says, row by row', () => {
    expect(Object.keys(back)).toEqual(told());
    for (const row of told()) expect({ row, changed: last[row] !== before[row] }).toEqual({ row, changed: true });
    expect(back).toEqual(before);
  });

  test('goes on once "restored" was run: codes, quotas, messages and proofs, and the log says that it was cut', async () => {
    expect(await logState()).toMatchObject({ state: 'missing' });
    const reason = 'started the base backup of this morning';
    expect(await admin('restored', '--reason', reason)).toMatchObject([{ tenantId, apps: 2, users: 3 }]);
    await start('relay', 'sms-worker', 'audit-worker');

    expect((await verify({ code: codeNow() })).status).toBe(422);
    const proofOfBefore = { 'sallyport-proof': made.proof };
    const refused = await call('POST', `${users}/ann/recovery-codes`, {}, proofOfBefore);
    expect(refused.body['code']).toBe('proof_invalid');
    // Not ended, as the runbook says; and with it the user is let in meanwhile.
    expect((await verify({ recoveryCode: made.used, deviceId: undefined })).status).toBe(200);
    await admin('key', 'revoke', made.revokedId);
    const revoked = { authorization: `Bearer ${made.revoked}` };
    expect((await call('GET', '/v1/tenant', undefined, revoked)).status).toBe(401);

    // The provider has it already, and gets the same once more.
    await until('the message was sent again', () => sms() === 2);
    const texts = vonage.messages.filter(({ clientRef }) => clientRef === made.delivery).map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
    await resend();
    expect(quotaOf(await call('GET', `/v1/devices/${made.phone}`))).toBe(
      Number(before['lockouts and counted wrong codes, quotas of the day']) + 1,
    );

    // The signer kept what it had signed: it signs nothing shorter, until an operator says why.
    expect(await logState()).toMatchObject({ state: 'missing' });
    await admin('audit', 'accept', '--tenant', String(tenantId), '--sequence', '0', '--reason', reason);
    await until('it is signed again', async () => (await logState())?.state === 'contained');
    // A witness that saw the longer one does not cosign this one, and the log tells that too.
    await until('the witness has refused', async () => {
      const [row] = await query<{ n: number }>(
        `select count(*)::int as n from event e join audit_entry a on a.event_id = e.id
         where e.type = 'audit.cosignature_refused'`,
      );
      return (row?.n ?? 0) > 0;
    });
    const [cut] = await query<{ reason: string }>(
      `select e.data ->> 'reason' as reason from event e join audit_entry a on a.event_id = e.id
       where e.type = 'database.restored'`,
    );
    expect(cut).toEqual({ reason });
  });
});
