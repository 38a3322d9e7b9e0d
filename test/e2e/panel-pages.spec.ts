import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { totp } from '../support/gateway-harness.js';
import { runProgram, type Program } from '../support/system.js';
import { Visitor } from '../support/visitor.js';
import {
  access,
  anna,
  answer,
  call,
  enter,
  folder,
  pages,
  signIn,
  statusOf,
  system,
  visitor,
  withApp,
} from '../support/panel-visits.js';

const recover = (who: Visitor, recoveryCode: string) => answer(who, { recoveryCode }, {}, 'recovery');

describe('an address', () => {
  test.each(['/%73ecurity', '/securit%79', '/%2Fsecurity', '/sign-in/../security', '/api/../security'])(
    'written as %s leads nowhere else',
    async (page) => {
      const someone = await anna();
      await signIn(visitor, 'anna');
      const { status, text } = await visitor.get(page);
      expect([status, text]).toEqual([303, expect.not.stringContaining(someone.deviceId)]);
    },
  );
});

describe('an asset', () => {
  const unknown = 'none.js,,__proto__,constructor,..%2f..%2fpackage.json,%E0%A4%A,a/b,%00,panel.css/'.split(',');
  test.each(unknown)('that is none is a page that is none: %s', async (file) => {
    const { status, headers, text } = await visitor.get(`/assets/${file}`);
    expect([status, headers.get('content-type')]).toEqual([404, expect.stringMatching(/^text\/html/)]);
    expect(text).toContain('<h1>');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('that is one is kept by the browser', async () => {
    const { status, headers } = await visitor.get('/assets/panel.css');
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=3600']);
  });
});

describe('what was refused', () => {
  /** What the page says beside a field, and what stands in it. */
  const field = (text: string, name: string) => ({
    value: new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(text)?.[1],
    invalid: new RegExp(`name="${name}"[^>]* aria-invalid="true" aria-describedby="about-${name}"`).test(text),
    says: new RegExp(`<small id="about-${name}" role="alert">([^<]+)`).exec(text)?.[1],
  });

  test('of a new device stands beside its field, and what was typed is still there', async () => {
    await call('POST', '/v1/accounts/harbour/users/bob/two-factor/reset', { reason: 'A test begins.' });
    await signIn(visitor, 'bob');
    const filled = { name: 'Phone of Bob', method: 'sms', phone: '+31 123' };
    expect((await visitor.post('/devices/new', filled)).location).toBe('/devices/new');
    const { text } = await visitor.get('/devices/new');
    expect(field(text, 'phone')).toEqual({ value: '+31 123', invalid: true, says: expect.stringMatching(/number/) });
    expect(field(text, 'name')).toMatchObject({ value: 'Phone of Bob', invalid: false });
    expect(text).toMatch(/value="sms" required="" checked=""/);
    // Said once, and not again.
    expect(text.match(/role="alert"/g)).toHaveLength(1);
    expect(field((await visitor.get('/devices/new')).text, 'phone')).toMatchObject({ invalid: false });

    await visitor.post('/devices/new', { method: 'totp', name: '' });
    expect(field((await visitor.get('/devices/new')).text, 'name')).toMatchObject({ invalid: true });
  });

  test('of a new number stands beside its field', async () => {
    const path = '/v1/accounts/harbour/users/bob';
    await call('POST', `${path}/two-factor/reset`, { reason: 'A test begins.' });
    const { id } = (await call('POST', `${path}/devices`, { method: 'sms', name: 'Phone' })).body;
    let sent;
    while (!sent) [sent] = (await system.messages('+31612345602')).filter(({ body }) => /^\d{6}\b/.test(body));
    const verified = await call('POST', `/v1/devices/${id}/verify`, { code: sent.body.slice(0, 6) });
    await signIn(visitor, 'bob');
    expect((await recover(visitor, verified.body.recoveryCodes[0])).location).toBe('/');
    expect((await visitor.post(`/devices/${id}/phone`, { phone: '0612' })).location).toBe(`/devices/${id}`);
    const { text } = await visitor.get(`/devices/${id}`);
    expect(field(text, 'phone')).toEqual({ value: '0612', invalid: true, says: expect.stringMatching(/number/) });
  });
});

describe('what is another’s', () => {
  test('is as if it did not exist: devices', async () => {
    const owner = await anna();
    await enter(visitor, await withApp('harbour', 'bob'));
    const device = `/devices/${owner.deviceId}`;
    expect((await visitor.get(device)).status).toBe(404);
    for (const deed of ['name', 'default', 'remove', 'phone', 'phone/verify', 'codes']) {
      const { status } = await visitor.post(`${device}/${deed}`, {
        name: 'Mine',
        phone: '+31612345699',
        code: '000000',
      });
      expect([deed, status]).toEqual([deed, 404]);
    }
    expect((await call('GET', `/v1/devices/${owner.deviceId}`)).body).toMatchObject({
      name: 'App',
      status: 'verified',
    });
  });

  test('is as if it did not exist: the administration', async () => {
    const someone = await anna();
    await enter(visitor, someone);
    const written = ['/%61dministration', '/administratio%6E/policy', '/administration/../administration/audit'];
    const known = ['/administration', '/administration/policy', '/administration/accounts/harbour/users/bob'];
    for (const page of [...known, ...written]) {
      expect((await visitor.get(page)).status).toBe(404);
    }
    const reset = '/administration/accounts/harbour/users/anna/reset';
    for (const way of [reset, reset.replace('/a', '/%61')]) {
      expect((await visitor.post(way, { reason: 'I want to' })).status).toBe(404);
    }
    expect(await statusOf(someone)).toBe('enabled');
  });
});

describe('every page', () => {
  test('may run no script but the panel’s own, be framed by nobody and be kept by no cache', async () => {
    await enter(visitor, await anna());
    for (const page of ['/', '/security', '/devices/new', '/no-such-page']) {
      const { headers } = await visitor.get(page);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('holds no key of the panel and takes one call of Sallyport at most', async () => {
    const admin = await withApp('office', 'admin');
    await enter(visitor, admin);
    const device = `/devices/${admin.deviceId}`;
    const others = ['/administration/accounts/office', '/administration/accounts/office/requirement'];
    const lists = ['/administration/deliveries', '/administration/audit', '/administration/policy'];
    const all = [...pages.filter((page) => page !== '/emergency'), device, ...others, ...lists];
    for (const page of [...all, '/administration/accounts/office/users/admin']) {
      const { headers, text } = await visitor.get(page);
      expect([page, headers.get('server-timing')]).toEqual([page, expect.stringMatching(/desc="[01] calls"$/)]);
      for (const secret of [access.apiKey, access.adminApiKey, admin.secret]) expect(text).not.toContain(secret);
    }
  });

  test('shows what people call things as text, whatever it is', async () => {
    const someone = await anna();
    const name = '<script>alert(1)</script>"&\'';
    await call('PATCH', `/v1/devices/${someone.deviceId}`, { name });
    await enter(visitor, someone);
    for (const page of ['/security', `/devices/${someone.deviceId}`]) {
      const { text } = await visitor.get(page);
      expect(text).toContain('&lt;script&gt;alert(1)');
      expect(text).not.toContain('<script>alert');
    }
  });
});

describe('API only', () => {
  const basic = (name: string, secret = access.password) => ({
    authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
  });
  const websites = (headers: Record<string, string> = {}) => visitor.get('/api/websites', headers);

  test('a service user gets in, and nowhere else', async () => {
    const { status, text } = await websites(basic('backup'));
    expect([status, JSON.parse(text)]).toEqual([200, { websites: expect.any(Array) }]);
    const refused = await signIn(visitor, 'backup');
    expect(refused.status).toBe(403);
    expect((await visitor.get('/')).location).toMatch(/^\/sign-in/);
  });

  test('a person with two-factor authentication does not; one without does', async () => {
    await anna();
    const { status, text } = await websites(basic('anna'));
    expect([status, JSON.parse(text).reason]).toEqual([403, 'two_factor_user']);
    await call('POST', '/v1/accounts/harbour/users/bob/two-factor/reset', { reason: 'A test begins.' });
    expect((await websites(basic('bob'))).status).toBe(200);
  });

  test('a wrong password, another scheme and nothing at all are 401', async () => {
    for (const headers of [basic('backup', 'wrong'), basic('nobody'), { authorization: 'Bearer x' }, {}]) {
      const { status, headers: answered } = await websites(headers);
      expect([status, answered.get('www-authenticate')]).toEqual([401, 'Basic realm="panel", charset="UTF-8"']);
    }
  });
});

describe('as a process of its own', () => {
  let gate: Server;
  let panel: Program;
  let url: string;
  /** What becomes of an answer on its way to the panel. */
  let alter: (path: string, text: string) => string;

  /** Between panel and gateway: may lie, or be shut. */
  beforeEach(async () => {
    alter = (_, text) => text;
    gate = createServer(async (request, response) => {
      const path = request.url ?? '';
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
      const answer = await fetch(new URL(path, system.gatewayUrl), {
        method: request.method ?? 'GET',
        headers: headers as Record<string, string>,
        body: chunks.length === 0 ? null : Buffer.concat(chunks),
      });
      const type = answer.headers.get('content-type') ?? 'text/plain';
      const text = await answer.text();
      const told = alter(path, text);
      response.writeHead(told === text ? answer.status : 200, { 'content-type': type }).end(told);
    });
    await new Promise<void>((done) => gate.listen(0, '127.0.0.1', done));
    panel = runProgram('panel/main', [], {
      SALLYPORT_URL: `http://127.0.0.1:${(gate.address() as AddressInfo).port}`,
      PANEL_API_KEY: access.apiKey,
      PANEL_ADMIN_API_KEY: access.adminApiKey,
      PANEL_PEOPLE: join(folder.path, 'panel-people.json'),
      PANEL_PORT: '0',
      PANEL_URL: 'https://panel.example',
    });
    const listening = /"port":(\d+)/;
    while (!listening.test(panel.output.stdout)) {
      if (panel.process.exitCode !== null) throw new Error(panel.output.stderr);
      await new Promise((done) => setTimeout(done, 50));
    }
    url = `http://127.0.0.1:${listening.exec(panel.output.stdout)?.[1]}`;
  });
  afterEach(async () => {
    panel.process.kill('SIGTERM');
    expect(await panel.ended).toBe(0);
    gate.closeAllConnections();
    gate.close();
  });

  test('by https the cookie is bound to host and https, and another origin is another site', async () => {
    await anna();
    const guest = new Visitor(url);
    const from = { origin: 'https://panel.example' };
    const signedIn = await guest.post('/sign-in', { name: 'anna', password: access.password }, from);
    expect(signedIn.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect((await guest.post('/sign-out', {}, { origin: url })).status).toBe(403);
  });

  test('a proof is believed for its own person and challenge only', async () => {
    const someone = await anna();
    const bob = await withApp('harbour', 'bob');
    const prove = async (name: string, secret: string) => {
      const { challenge } = (await call('POST', '/v1/challenges', { accountId: 'harbour', userId: name })).body;
      const verify = `/v1/challenges/${challenge.id}/verify`;
      return (await call('POST', verify, { code: totp(secret) })).body.proof as string;
    };
    const from = { origin: 'https://panel.example' };
    const foreign = [await prove('bob', bob.secret), 'no.proof.at-all', ''];
    for (const proof of foreign) {
      const guest = new Visitor(url);
      alter = (path, text) =>
        path.endsWith('/verify')
          ? JSON.stringify({ ...JSON.parse(text), status: 'approved', proof, advice: [] })
          : text;
      // Right or wrong: what comes back says approved.
      await guest.post('/sign-in', { name: 'anna', password: access.password }, from);
      const entered = await answer(guest, { code: totp(someone.secret) }, from);
      expect(entered.location).not.toBe('/');
      expect((await guest.get('/')).location).not.toBeNull();
    }
  });

  test('nobody gets in while Sallyport cannot be asked, and people read why', async () => {
    await call('POST', '/v1/accounts/harbour/users/bob/two-factor/reset', { reason: 'A test begins.' });
    gate.closeAllConnections();
    gate.close();
    const guest = new Visitor(url);
    const refused = await guest.post(
      '/sign-in',
      { name: 'bob', password: access.password },
      { origin: 'https://panel.example' },
    );
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('is temporarily unavailable')]);
    expect(guest.cookies.size).toBe(0);
  });
});
