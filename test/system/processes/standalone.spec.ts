import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { metrics, type MetricRow } from '#runtime';
import { namesIn } from '../../support/metrics.js';
import { preparedDataDir } from '../../support/prepared-data-dir.js';
import { breakOff, oddRequests, sendRaw } from '../../support/raw-http.js';
import { isReady, runProgram, startSystem, temporaryDataDir, type System } from '../../support/system.js';

// Each test starts many processes, and a busy machine takes some seconds for each.
jest.setTimeout(240_000);

describe('npm start', () => {
  let dataDir: Awaited<ReturnType<typeof temporaryDataDir>>;
  let system: System;

  beforeAll(async () => {
    dataDir = await temporaryDataDir();
    system = await startSystem(dataDir.path);
  });
  afterAll(async () => {
    await system.stop();
    await dataDir.remove();
  });

  it('shows gateway, docs, inbox and keys, in files that others cannot read', async () => {
    const words = system.output.stderr;
    for (const address of [system.gatewayUrl, system.docsUrl, system.inboxUrl]) expect(words).toContain(address);
    for (const file of ['quickstart.json', 'keys.json', 'database.password']) {
      expect([file, (await stat(join(dataDir.path, file))).mode & 0o077]).toEqual([file, 0]);
    }
    // As root the group `postgres` may pass, but nobody may look.
    expect((await stat(dataDir.path)).mode & 0o067).toBe(0);
  });

  it('answers with the keys it gives', async () => {
    const put = await system.call('PUT', '/v1/accounts/acme', { name: 'Acme' });
    expect([200, 201]).toContain(put.status);
    const policy = { supportContact: null };
    expect((await system.call('PUT', '/v1/policy', policy)).status).toBe(403);
    const admin = { authorization: `Bearer ${system.adminApiKey}` };
    expect((await system.call('PUT', '/v1/policy', policy, admin)).status).toBe(200);
  });

  it('says whose the keys are, in the file as through the API', async () => {
    const { tenantId, adminApiKey } = system;
    for (const key of [system.apiKey, adminApiKey]) {
      const authorization = `Bearer ${key}`;
      const { body } = await system.call('GET', '/v1/tenant', undefined, { authorization });
      expect(body).toMatchObject({ id: tenantId, name: 'quickstart', apiKey: { application: null } });
      expect(body.apiKey.scopes.includes('admin')).toBe(key === adminApiKey);
    }
  });

  it('prints a first line that works, and no key, at no start', async () => {
    const words = system.output.stderr;
    for (const key of [system.apiKey, system.adminApiKey]) expect(words).not.toContain(key);
    const line = /^ +curl (?:.*\\\n)*.*$/m.exec(words)?.[0] ?? '';
    const told = spawnSync('sh', ['-c', `${line} --silent --write-out '%{http_code}' --output /dev/null`]);
    expect(String(told.stdout)).toMatch(/^20[01]$/);
  });

  it('shows the metrics of all processes that it is, by name', async () => {
    const all = Object.entries(metrics) as [string, MetricRow][];
    const own = all.filter(([, row]) => !row.processes.includes('witness') && row.onlyWith === undefined);
    expect(namesIn(await (await fetch(system.metricsUrl)).text())).toEqual(own.map(([name]) => name).toSorted());
  });

  it('tells its metrics to this machine only, on a port of their own', async () => {
    expect(new URL(system.metricsUrl)).toMatchObject({ hostname: '127.0.0.1', pathname: '/metrics' });
    expect(new URL(system.metricsUrl).port).not.toBe(new URL(system.gatewayUrl).port);
    expect(await (await fetch(system.metricsUrl)).text()).toContain('\nsallyport_http_request_duration_seconds_count{');
    const { status, headers } = await fetch(`${system.gatewayUrl}/metrics`);
    expect([status, headers.get('content-type')]).toEqual([404, expect.stringMatching(/^application\/problem\+json/)]);
    for (const url of [system.gatewayUrl, system.metricsUrl]) {
      expect((await fetch(new URL('/healthz', url))).status).toBe(200);
      await system.readiness(isReady, url);
    }
  });

  const servers = ['gatewayUrl', 'panelUrl', 'inboxUrl', 'metricsUrl'] as const;

  it('goes on whatever comes in, and whoever leaves in the middle', async () => {
    for (const server of servers) {
      const url = system[server];
      const { host } = new URL(url);
      for (const [name, bytes] of oddRequests(url)) {
        const { status } = await sendRaw(url, bytes);
        if (name !== 'CONNECT') expect([server, name, status]).toEqual([server, name, expect.any(Number)]);
        expect([server, name, status]).not.toEqual([server, name, 500]);
      }
      for (const path of ['/events', '/sign-in', '/v1/challenges', '/metrics', '/readyz']) {
        await breakOff(url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n`);
        await breakOff(url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        await breakOff(url, `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\nname=`);
      }
      expect((await fetch(new URL('/healthz', url), { redirect: 'manual' })).status).toBeLessThan(500);
    }
    expect(system.process.exitCode).toBeNull();
    expect(system.output.stdout).not.toMatch(/"level":[56]0/);
  });

  it('lets go of whoever does not come to an end', async () => {
    const beginnings = ['GET / HTTP/1.1\r\nHost: ', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nname='];
    const left = ['panelUrl', 'inboxUrl', 'metricsUrl'] as const;
    const ends = left.flatMap((server) => beginnings.map((bytes) => sendRaw(system[server], bytes, 50_000)));
    for (const { ended } of await Promise.all(ends)) expect(ended).toBe(true);
  });

  it('writes structured logs and nothing else to stdout', () => {
    const lines = system.output.stdout.split('\n').filter((line) => line !== '');
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    for (const line of lines) expect(line.match(/"app":/g)).toHaveLength(1);
  });

  it('refuses a second start on the same data directory, in one line', async () => {
    const second = runProgram('standalone/main', [], { PORT: '0', SALLYPORT_DATA_DIR: dataDir.path });
    expect(await second.ended).toBe(1);
    expect(second.output.stderr).toMatch(/^sallyport: the data directory .* is in use by process \d+\..*\n$/m);
  });

  it('makes tenants and keys from the shell while it runs', async () => {
    const env = { SALLYPORT_DATA_DIR: dataDir.path };
    const admin = async (...args: string[]) => {
      const program = runProgram('standalone/admin', args, env);
      return { status: await program.ended, ...program.output };
    };
    const tenant = JSON.parse((await admin('tenant', 'create', 'Second')).stdout) as { tenantId: string };
    const options = ['--tenant', tenant.tenantId, '--name', 'panel', '--scopes', 'accounts', '--application', 'panel'];
    const key = JSON.parse((await admin('key', 'create', ...options)).stdout) as { id: string; key: string };

    const bearer = { authorization: `Bearer ${key.key}` };
    expect((await system.call('GET', '/v1/accounts', undefined, bearer)).status).toBe(200);
    expect((await admin('key', 'list', '--tenant', tenant.tenantId)).stdout).not.toContain(key.key);
    expect((await admin('key', 'revoke', key.id)).status).toBe(0);
    // The gateway remembers for a few seconds whose a key is.
    const status = async () => (await system.call('GET', '/v1/accounts', undefined, bearer)).status;
    while ((await status()) === 200) await sleep(100);
    expect(await status()).toBe(401);

    expect((await admin('key', 'revoke', key.id)).status).toBe(1);
    expect((await admin('key', 'create', ...options, '--scopes', 'all')).stderr).toContain('"all" is not a scope');
    expect((await admin('key', '--help')).stdout).toContain('revoke');
  });

  it('shows, retries and discards jobs, and takes a log back, from the shell while it runs', async () => {
    const admin = async (...args: string[]) => {
      const program = runProgram('standalone/admin', args, { SALLYPORT_DATA_DIR: dataDir.path });
      return { status: await program.ended, ...program.output };
    };
    expect((await admin('jobs', '--help')).stdout).toMatch(/list[^]*show[^]*retry[^]*discard/);
    expect(JSON.parse((await admin('jobs', 'list')).stdout)).toEqual([]);
    expect(await admin('jobs', 'show', 'evt_none')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no job'),
    });
    expect(await admin('jobs', 'retry')).toMatchObject({ status: 1, stderr: expect.stringContaining('--all') });
    expect(await admin('jobs', 'discard', 'evt_none')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('evt_none'),
    });
    expect(await admin('jobs', 'discard', '--all')).toMatchObject({ status: 0, stdout: '[]\n' });

    expect(await system.readiness(isReady)).toMatchObject({ checks: { sealing: true, signing: true } });
    const kept = join(dataDir.path, 'audit');
    const logs = async () =>
      JSON.parse((await admin('audit', 'logs')).stdout) as {
        tenantId: string;
        entries: number;
        kept: number;
        state: string;
      }[];
    const signed = async () => {
      for (;;) {
        const found = (await logs()).find(({ state }) => state === 'contained');
        if (found) return found;
        await sleep(500);
      }
    };
    const { tenantId, kept: sequence } = await signed();
    const file = join(kept, `${tenantId}.checkpoint`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    // As if the log had been rewritten: what is kept is not in it.
    const [origin, size, , ...signatures] = (await readFile(file, 'utf8')).split('\n');
    await system.stop();
    await writeFile(file, [origin, size, Buffer.alloc(32).toString('base64'), ...signatures].join('\n'));
    system = await startSystem(dataDir.path);
    const state = await system.readiness(({ checks }) => checks.sealing === true && checks.signing === false);
    expect(state.status).toBe('not_ready');
    expect(state.reasons?.join()).toContain('entry_differs');
    expect(await (await fetch(system.metricsUrl)).text()).toContain('sallyport_audit_logs_refused 1');
    expect((await logs()).find((log) => log.tenantId === tenantId)?.state).toBe('differs');

    const accept = (...args: string[]) => admin('audit', 'accept', '--tenant', tenantId, '--reason', 'a test', ...args);
    expect(await accept('--sequence', '-1')).toMatchObject({ status: 1 });
    expect((await accept('--sequence', '999999')).stderr).toContain('has no entry 999999');
    const accepted = await accept('--sequence', String(sequence));
    expect(accepted.status).toBe(0);
    expect(JSON.parse(accepted.stdout)).toEqual({ tenantId, sequence, formerSequence: sequence });
    await system.readiness(isReady);
  });

  it('finds everything as it was left, and takes over what a killed process left behind', async () => {
    await system.call('PUT', '/v1/accounts/kept', { name: 'Kept' });
    system.process.kill('SIGKILL');
    await system.ended;
    const { apiKey } = system;
    system = await startSystem(dataDir.path);
    expect(system.apiKey).toBe(apiKey);
    expect((await system.call('GET', '/v1/accounts/kept')).status).toBe(200);

    // A terminal's Ctrl-C reaches the process directly and through npm.
    system.process.kill('SIGINT');
    system.process.kill('SIGINT');
    expect(await system.ended).toBe(0);
    await expect(stat(join(dataDir.path, 'database/postmaster.pid'))).rejects.toThrow('ENOENT');

    system = await startSystem(dataDir.path);
    expect(system.apiKey).toBe(apiKey);
    expect((await system.call('GET', '/v1/accounts/kept')).status).toBe(200);
  });
});

describe('npm start, asked for what cannot be', () => {
  let dataDir: Awaited<ReturnType<typeof temporaryDataDir>>;
  beforeAll(async () => {
    dataDir = await temporaryDataDir();
  });
  afterAll(() => dataDir.remove());

  const refusal = async (env: Record<string, string>) => {
    const program = runProgram('standalone/main', [], { PORT: '0', SALLYPORT_DATA_DIR: dataDir.path, ...env });
    const status = await program.ended;
    const lines = program.output.stderr.split('\n').filter((line) => line.startsWith('sallyport:'));
    expect([status, lines.length]).toEqual([1, 1]);
    // No stack, and no word of a secret.
    expect(program.output.stderr).not.toMatch(/\n {4}at /);
    return lines[0] ?? '';
  };

  it('says so in one line', async () => {
    expect(await refusal({ HOST: '0.0.0.0' })).toContain('the inbox stands in for SMS and e-mail');
    expect(await refusal({ PORT: 'many' })).toContain('PORT');
    expect(await refusal({ DATABASE_URL: 'mysql://localhost/x' })).toContain('DATABASE_URL must be a postgres://');
    expect(await refusal({ DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' })).not.toContain('hidden');
    expect(await refusal({ SALLYPORT_KEYS: '/nowhere/keys.json' })).toContain('cannot be read (ENOENT)');
    expect(await refusal({ SMTP_URL: 'smtp://localhost' })).toContain('MAIL_FROM is missing');

    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    try {
      const { port } = other.address() as { port: number };
      expect(await refusal({ PORT: String(port) })).toContain(`port ${port} is in use. Set PORT to`);
      expect(await refusal({ INBOX_PORT: String(port) })).toContain(`port ${port} is in use. Set INBOX_PORT to`);
    } finally {
      await new Promise((done) => other.close(done));
    }
  });

  it('makes no new keys for a database that only the old ones open', async () => {
    await mkdir(join(dataDir.path, 'database'), { recursive: true });
    await writeFile(join(dataDir.path, 'database/PG_VERSION'), '18\n');
    await rm(join(dataDir.path, 'keys.json'), { force: true });
    expect(await refusal({})).toMatch(/key file .* is gone/);
    await expect(readFile(join(dataDir.path, 'keys.json'))).rejects.toThrow('ENOENT');
  });
});

it('the inbox takes its usual port, or another one where that is taken and none was asked for', async () => {
  const dataDir = await preparedDataDir();
  // Where someone else has the port, it is taken all the same.
  const other = createServer().on('error', () => undefined);
  await new Promise<void>((done) => other.listen(3002, '127.0.0.1', done).once('error', () => done()));
  try {
    const system = await startSystem(dataDir.path, { INBOX_PORT: '' });
    expect(system.output.stderr).toContain('Port 3002 is in use: the inbox takes another one.');
    expect(await system.messages()).toEqual([]);
    const { port } = new URL(system.inboxUrl);
    await system.stop();
    const asked = await startSystem(dataDir.path, { INBOX_PORT: port });
    expect(asked.inboxUrl).toBe(system.inboxUrl);
    await asked.stop();
  } finally {
    await new Promise((done) => other.close(done));
    await dataDir.remove();
  }
});

it('npm run migrate says what it is, and refuses what it does not know', async () => {
  const help = runProgram('standalone/migrate', ['--help']);
  expect(await help.ended).toBe(0);
  expect(help.output.stdout).toMatch(/^migrate: brings the tables .*\n\nSettings[^]*DATABASE_URL/);
  const refused = runProgram('standalone/migrate', ['--all']);
  expect(await refused.ended).toBe(2);
  expect(refused.output.stderr).toContain('migrate: "--all" is not known. See --help.');
  expect(refused.output.stdout).toBe('');
});
