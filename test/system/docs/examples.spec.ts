import { spawn, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../../apps/standalone/src/embedded-postgres/free-port.js';
import { ExampleVisitor, running, type Running, type Start } from '../../support/example-visitor.js';
import {
  otherCode,
  startPanel,
  totp,
  wrongTotp,
  type TestPanel,
  type TestTenant,
} from '../../support/gateway-harness.js';

const root = join(import.meta.dirname, '../../..');
const usersPath = '/v1/accounts/acme/users';
const password = 'correct horse';

/** A project that has installed what the example's package.json names: our own client is the one that was built. */
let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'sallyport-example-'));
  const client = join(project, 'node_modules/@sallyport/client');
  await mkdir(client, { recursive: true });
  await writeFile(join(client, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
  const built = pathToFileURL(join(root, 'dist/libs/client/src/index.js')).href;
  await writeFile(join(client, 'index.js'), `export * from '${built}';`);
  for (const name of ['express', 'express-session'])
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  for (const name of ['package.json', 'server.js'])
    await copyFile(join(root, 'examples/express', name), join(project, name));
});
afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

const startExpress: Start = async (env) => {
  const child = spawn(process.execPath, ['server.js'], { cwd: project, env: { ...env, PORT: '0' } });
  return running(child, (output) => /^http:\S+/m.exec(output)?.[0]);
};

const startPhp: Start = async (env) => {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn('php', ['-S', address, 'index.php'], {
    cwd: join(root, 'examples/php'),
    env: { PATH: process.env['PATH'], ...env },
  });
  return running(child, (output) => (output.includes('started') ? `http://${address}` : undefined));
};

/** Says what is missing where there is no PHP to test with. */
function phpIsHere(): boolean {
  const { status, stdout } = spawnSync('php', ['-m'], { encoding: 'utf8' });
  if (status === 0 && /^sodium$/m.test(stdout)) return true;
  process.stderr.write(
    'No php with sodium on the PATH: tests of examples/php are skipped. Install Debian\'s "php-cli".\n',
  );
  return false;
}

let panel: TestPanel;
/** Stands between example and gateway: what it answers with in place of an approval's proof, or of everything. */
let between: { url: string; proof?: string; away?: boolean; stop(): Promise<void> };

async function startBetween(): Promise<typeof between> {
  const server = createServer(async (request, response) => {
    if (self.away) return void response.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, connection: _c, 'content-length': _l, ...headers } = request.headers;
    const answer = await fetch(panel.url + request.url, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      body: chunks.length > 0 ? Buffer.concat(chunks) : null,
    });
    const text = await answer.text();
    const spoiled = self.proof === undefined ? text : text.replace(/"proof":"[^"]*"/, `"proof":"${self.proof}"`);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(spoiled);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const self: typeof between = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return self;
}

beforeAll(async () => {
  panel = await startPanel();
});
afterAll(async () => {
  await panel.stop();
});

const signedIn = 'You are signed in as Jane.';

function walks(start: Start) {
  let tenant: TestTenant;
  let example: Running;
  let visitor: ExampleVisitor;

  beforeEach(async () => {
    tenant = await panel.tenant();
    between = await startBetween();
    const apiKey = await tenant.key(['accounts', 'devices', 'challenges']);
    example = await start({ SALLYPORT_URL: between.url, SALLYPORT_API_KEY: apiKey });
    visitor = new ExampleVisitor(example.url);
    await tenant.call('PUT', '/v1/accounts/acme', {});
    await tenant.call('PUT', `${usersPath}/jane`, { phone: '+31612345678' });
  });
  afterEach(async () => {
    await example.stop();
    await between.stop();
  });

  /** Gives a user a verified authenticator app whose next code is free. */
  async function enroll(userId = 'jane', name = 'Phone') {
    await tenant.call('PUT', `${usersPath}/${userId}`, {});
    const { body: device } = await tenant.call('POST', `${usersPath}/${userId}/devices`, { method: 'totp', name });
    const { secret } = device.totp;
    const { body } = await tenant.call('POST', `/v1/devices/${device.id}/verify`, { code: totp(secret) });
    await forgetStep(device.id);
    return { secret, deviceId: device.id as string, recoveryCodes: body.recoveryCodes as string[] };
  }
  const forgetStep = (id: string) => panel.sql('update device set last_used_step = null where id = $1', [id]);

  async function proofFor(userId: string, purpose: string, { secret, deviceId }: { secret: string; deviceId: string }) {
    const { body } = await tenant.call('POST', '/v1/challenges', { accountId: 'acme', userId, purpose });
    const { body: approval } = await tenant.call('POST', `/v1/challenges/${body.challenge.id}/verify`, {
      code: totp(secret),
    });
    await forgetStep(deviceId);
    return approval.proof as string;
  }

  test('lets nobody in with a wrong password, and a person without a device with the right one', async () => {
    await visitor.open();
    expect(await visitor.send('/login', { name: 'jane', password: 'wrong' })).toMatchObject({
      words: 'Name or password is wrong.',
    });
    expect(await visitor.send('/login', { name: 'john', password })).toMatchObject({
      words: 'Name or password is wrong.',
    });
    expect((await visitor.login()).html).toContain(signedIn);
    await visitor.send('/logout');
    expect((await visitor.open()).html).not.toContain(signedIn);
  });

  test('asks for a code, says why one is refused, and gives each step a session id of its own', async () => {
    const { secret } = await enroll('jane', '<b>"Phone" & co</b>');
    expect((await visitor.login()).html).toContain('&lt;b&gt;&quot;Phone&quot; &amp; co&lt;/b&gt;');
    const afterPassword = visitor.cookie;
    expect((await visitor.open()).html).not.toContain(signedIn);

    const refused = await visitor.send('/code', { code: wrongTotp(secret) });
    expect(refused).toMatchObject({ status: 422, words: expect.stringMatching(/code/i) });
    expect(refused.html).not.toContain(signedIn);

    const typed = totp(secret).replace(/^.{3}/, '$& ');
    expect((await visitor.send('/code', { code: typed })).html).toContain(signedIn);
    expect(visitor.cookie).not.toBe(afterPassword);
    const thief = new ExampleVisitor(example.url);
    thief.cookie = afterPassword;
    expect((await thief.open()).html).not.toContain(signedIn);
  });

  test('sends a code by SMS, once for a form that is sent twice; takes a recovery code as well', async () => {
    const { secret, deviceId, recoveryCodes } = await enroll();
    const proof = await proofFor('jane', 'add_device', { secret, deviceId });
    const { body: sms } = await tenant.call(
      'POST',
      `${usersPath}/jane/devices`,
      { method: 'sms', name: 'Mobile' },
      { 'sallyport-proof': proof },
    );
    await tenant.call('POST', `/v1/devices/${sms.id}/verify`, { code: await panel.sentCode(sms.id) });
    await panel.passMinute();

    await visitor.login();
    const form = visitor.fields('/send');
    expect(form['deviceId']).toBe(sms.id);
    for (const press of [1, 2])
      expect([press, await visitor.open('/send', form)]).toMatchObject([
        press,
        { status: 200, words: 'The code is on its way.' },
      ]);
    const code = await panel.sentCode(sms.id);
    const wrong = await visitor.send('/code', { deviceId: sms.id, code: otherCode(code) });
    expect(wrong.html).not.toContain(signedIn);
    expect((await visitor.send('/code', { deviceId: sms.id, code })).html).toContain(signedIn);

    await visitor.send('/logout');
    await visitor.login();
    expect((await visitor.send('/code', { code: recoveryCodes[0] ?? '' })).html).toContain(signedIn);
  });

  test('believes no proof but that of its own challenge', async () => {
    const jane = await enroll();
    const john = await enroll('john');
    const ofJohn = await proofFor('john', 'login', john);
    const toDisable = await proofFor('jane', 'disable', jane);
    const earlier = await proofFor('jane', 'login', jane);
    const [head = '', claims = '', signature = ''] = earlier.split('.');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const proof of [ofJohn, toDisable, earlier, `${unsigned}.${claims}.`, `${head}.${claims}.`, 'nothing']) {
      between.proof = proof;
      await visitor.login();
      expect((await visitor.send('/code', { code: totp(jane.secret) })).html).not.toContain(signedIn);
      visitor = new ExampleVisitor(example.url);
      await forgetStep(jane.deviceId);
    }
    // The right claims, which nobody has signed.
    await visitor.login();
    const [{ id } = { id: '' }] = await panel.sql<{ id: string }>(
      `select c.id from challenge c join app_user u on u.id = c.user_id where u.tenant_id = $1 order by c.created_at desc limit 1`,
      [tenant.tenantId],
    );
    const forged = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), chl: id };
    between.proof = `${head}.${Buffer.from(JSON.stringify(forged)).toString('base64url')}.${signature}`;
    expect((await visitor.send('/code', { code: totp(jane.secret) })).html).not.toContain(signedIn);
    visitor = new ExampleVisitor(example.url);
    await forgetStep(jane.deviceId);
    delete between.proof;
    await visitor.login();
    expect((await visitor.send('/code', { code: totp(jane.secret) })).html).toContain(signedIn);
  });

  test('lets nobody in while Sallyport does not answer', async () => {
    const { secret } = await enroll();
    between.away = true;
    expect(await visitor.login()).toMatchObject({ status: 503, words: expect.stringContaining('at the moment') });
    between.away = false;
    await visitor.login();
    between.away = true;
    const page = await visitor.send('/code', { code: totp(secret) });
    expect(page).toMatchObject({ status: 503, words: expect.stringContaining('at the moment') });
    expect(page.html).not.toContain(signedIn);
  });

  return { tenant: () => tenant, visitor: () => visitor };
}

describe('the Express example', () => {
  walks(startExpress);
});

(phpIsHere() ? describe : describe.skip)('the PHP example', () => {
  const at = walks(startPhp);

  /** Sets up the app that the page offers. @returns the page after its first code */
  async function setUp(visitor: ExampleVisitor) {
    const { html } = await visitor.send('/enrol');
    expect(html).toContain('src="data:image/svg+xml');
    const secret = /<code>([A-Z2-7]+)</.exec(html)?.[1] ?? '';
    expect((await visitor.send('/enrol/verify', { code: wrongTotp(secret) })).words).not.toBe('');
    const page = await visitor.send('/enrol/verify', { code: totp(secret) });
    await panel.sql('update device set last_used_step = null');
    return { secret, page };
  }

  test('sets up an authenticator app, shows recovery codes once, and asks for a code from then on', async () => {
    const visitor = at.visitor();
    await visitor.login();
    const { secret, page } = await setUp(visitor);
    expect(page.html).toContain(signedIn);
    expect(page.html.match(/<li>/g)).toHaveLength(10);
    expect((await visitor.open()).html).not.toContain('<li>');

    await visitor.send('/logout');
    expect((await visitor.login()).html).not.toContain(signedIn);
    expect((await visitor.send('/code', { code: totp(secret) })).html).toContain(signedIn);
  });

  test('ends a login that has to enrol first by the proof of the enrolment', async () => {
    const visitor = at.visitor();
    await at.tenant().call('PUT', '/v1/accounts/acme/policy', { twoFactor: { required: 'all' } });
    expect((await visitor.login()).html).not.toContain(signedIn);
    expect((await setUp(visitor)).page.html).toContain(signedIn);
  });

  test('does not end it by any other proof', async () => {
    const visitor = at.visitor();
    await at.tenant().call('PUT', '/v1/accounts/acme/policy', { twoFactor: { required: 'all' } });
    await visitor.login();
    between.proof = 'nothing';
    expect((await setUp(visitor)).page.html).not.toContain(signedIn);
    expect((await visitor.open()).html).not.toContain(signedIn);
  });
});
