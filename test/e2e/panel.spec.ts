import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { preparedDataDir } from '../support/prepared-data-dir.js';
import { totp } from '../support/gateway-harness.js';
import {
  panelAccess,
  runProgram,
  startSystem,
  type Answer,
  type PanelAccess,
  type Program,
  type System,
} from '../support/system.js';
import { hiddenField, Visitor } from '../support/visitor.js';

/** The reference panel before those who want in by another way. People copy it, so what it does wrong is done everywhere. */
let system: System;
let folder: Awaited<ReturnType<typeof preparedDataDir>>;
let access: PanelAccess;
let visitor: Visitor;

beforeAll(async () => {
  folder = await preparedDataDir();
  system = await startSystem(folder.path);
  access = await panelAccess(folder.path);
});
afterAll(async () => {
  await system.stop();
  await folder.remove();
});
beforeEach(() => {
  visitor = new Visitor(system.panelUrl);
});

const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  system.call(method, path, body, { authorization: `Bearer ${access.adminApiKey}` });

interface Someone {
  readonly name: string;
  readonly path: string;
  secret: string;
  deviceId: string;
}

/** A person of the demo with an authenticator app and nothing else. */
async function withApp(accountId: string, name: string): Promise<Someone> {
  const path = `/v1/accounts/${accountId}/users/${name}`;
  await call('POST', `${path}/two-factor/reset`, { reason: 'A test begins.' });
  const { id, totp: shown } = (await call('POST', `${path}/devices`, { method: 'totp', name: 'App' })).body;
  // The step before, so that the present one is left for the test. If that ends on the way, the one before is another.
  const verify = () => call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret, -1) });
  const first = await verify();
  expect((first.status === 200 ? first : await verify()).status).toBe(200);
  return { name, path, secret: shown.secret, deviceId: id };
}
const anna = () => withApp('harbour', 'anna');

const signIn = (who: Visitor, name: string, next = '/') =>
  who.post('/sign-in', { name, password: access.password, next });
const statusOf = async ({ path }: Someone) => (await call('GET', path)).body.twoFactor.status;

/** Sends the form of the second step as it stands on its page. */
async function answer(who: Visitor, fields: Record<string, string>, headers?: Record<string, string>, way = '') {
  const path = `/second-step?way=${way}`;
  const check = hiddenField((await who.get(path)).text, 'check');
  return who.post(path, { check, ...fields }, headers);
}

const recover = (who: Visitor, recoveryCode: string) => answer(who, { recoveryCode }, {}, 'recovery');

/** Through both doors. */
async function enter(who: Visitor, someone: Someone): Promise<void> {
  expect((await signIn(who, someone.name)).location).toBe('/second-step');
  expect((await answer(who, { code: totp(someone.secret) })).location).toBe('/');
  expect((await who.get('/')).status).toBe(200);
}

const pages = [
  '/',
  '/security',
  '/devices/new',
  '/recovery-codes',
  '/trusted-browsers',
  '/administration',
  '/emergency',
];
const deeds = [
  '/security/off',
  '/security/on',
  '/devices/new',
  '/devices/enrolment',
  '/recovery-codes/new',
  '/recovery-codes/saved',
  '/trusted-browsers/revoke',
  '/administration/policy',
];

describe('before the second step', () => {
  test.each(pages)('%s cannot be visited directly', async (page) => {
    expect((await visitor.get(page)).location).toMatch(/^\/sign-in\?next=/);
    await anna();
    await signIn(visitor, 'anna');
    expect((await visitor.get(page)).location).toBe('/second-step');
  });

  test.each(deeds)('%s does nothing', async (deed) => {
    const someone = await anna();
    await signIn(visitor, 'anna');
    const before = (await call('GET', someone.path)).body;
    expect((await visitor.post(deed, { method: 'totp', name: 'Mine', preset: 'nist' })).location).toBe('/second-step');
    expect((await call('GET', someone.path)).body).toEqual(before);
  });

  test('a device of one’s own cannot be reached', async () => {
    const someone = await anna();
    await signIn(visitor, 'anna');
    expect((await visitor.get(`/devices/${someone.deviceId}`)).location).toBe('/second-step');
    expect((await visitor.post(`/devices/${someone.deviceId}/remove`)).location).toBe('/second-step');
    expect((await call('GET', `/v1/devices/${someone.deviceId}`)).status).toBe(200);
  });

  test('a wrong code opens nothing, and the words stand beside the field', async () => {
    const someone = await anna();
    await signIn(visitor, 'anna');
    const refused = await answer(visitor, { code: totp(someone.secret, -40) });
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(/aria-invalid="true" aria-describedby="about-code"/);
    expect((await visitor.get('/')).location).toBe('/second-step');
  });

  test('the code of one person opens no session of another', async () => {
    const someone = await anna();
    await withApp('harbour', 'bob');
    await signIn(visitor, 'anna');
    // In a second tab somebody else gives a right password: the second step is now theirs.
    await signIn(visitor, 'bob');
    expect((await answer(visitor, { code: totp(someone.secret) })).status).toBe(422);
    expect((await visitor.get('/')).location).toBe('/second-step');
  });

  test('a code that was meant for one check approves no other', async () => {
    const someone = await anna();
    await enter(visitor, someone);
    await visitor.post(`/devices/${someone.deviceId}/remove`);
    const { text } = await visitor.get('/second-step');
    const check = hiddenField(text, 'check');
    // Whoever has the session as well asks for something else meanwhile.
    await visitor.post('/recovery-codes/new');
    for (const meant of [check, '', 'x']) {
      const late = await visitor.post('/second-step', { check: meant, code: totp(someone.secret, 1) });
      expect([late.status, late.text]).toEqual([409, expect.stringContaining('To generate new recovery codes')]);
    }
    expect((await call('GET', someone.path)).body.recoveryCodesLeft).toBe(10);
    expect((await answer(visitor, { code: totp(someone.secret, 1) })).location).toBe('/recovery-codes');
  });

  test('a set-up that the company requires cannot be walked around', async () => {
    await call('POST', '/v1/accounts/lighthouse/users/dora/two-factor/reset', { reason: 'A test begins.' });
    await call('PUT', '/v1/accounts/lighthouse/policy', { twoFactor: { required: 'all', graceUntil: null } });
    expect((await signIn(visitor, 'dora')).location).toBe('/devices/new');
    for (const page of ['/', '/security', '/recovery-codes', '/second-step']) {
      expect((await visitor.get(page)).location).toBe('/devices/new');
    }
    expect((await visitor.get('/devices/new')).status).toBe(200);
    // Where codes are saved first, they can be.
    const { text } = await visitor.post('/recovery-codes/download', { codes: 'AAAA-BBBB\n<script>\nCCCC-DDDD' });
    expect(text).toBe('AAAA-BBBB\nCCCC-DDDD\n');
    await call('DELETE', '/v1/accounts/lighthouse/policy');
  });
});

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

describe('a session', () => {
  test('has another token after each door, and the one before leads to it for some seconds only', async () => {
    const someone = await anna();
    await signIn(visitor, 'anna');
    const early = visitor.cookies.get('session') ?? '';
    expect((await answer(visitor, { code: totp(someone.secret) })).location).toBe('/');
    const late = visitor.cookies.get('session') ?? '';
    expect(late).not.toBe(early);
    const other = new Visitor(system.panelUrl);
    other.cookies.set('session', early);
    // An answer that was lost brought the new token: it is brought again.
    expect((await other.get('/')).status).toBe(200);
    expect(other.cookies.get('session')).toBe(late);
    // Whoever signs in again leaves no open session behind, and whoever signs out none at all.
    other.cookies.set('session', late);
    expect((await other.get('/security')).status).toBe(200);
    await signIn(visitor, 'anna');
    expect((await other.get('/security')).location).toBe('/sign-in?next=%2Fsecurity');
    await enter(visitor, await anna());
    other.cookies.set('session', visitor.cookies.get('session') ?? '');
    expect((await other.get('/')).status).toBe(200);
    await visitor.post('/sign-out');
    expect((await other.get('/')).location).toBe('/sign-in?next=%2F');
    other.cookies.set('session', early);
    expect((await other.get('/')).location).toBe('/sign-in?next=%2F');
  });

  test('never takes a token that somebody else chose', async () => {
    const planted = 'A'.repeat(43);
    visitor.cookies.set('session', planted);
    await enter(visitor, await anna());
    expect(visitor.cookies.get('session')).not.toBe(planted);
    const other = new Visitor(system.panelUrl);
    other.cookies.set('session', planted);
    expect((await other.get('/')).location).toMatch(/^\/sign-in/);
  });

  test('of the panel does not open the emergency service', async () => {
    const someone = await anna();
    await enter(visitor, someone);
    expect((await visitor.get('/emergency')).location).toBe('/sign-in?next=%2Femergency');
    expect((await signIn(visitor, 'anna', '/emergency')).location).toBe('/second-step');
    expect((await visitor.get('/emergency')).location).toBe('/second-step');
  });

  const guest = () => new Visitor(system.panelUrl);
  const isIn = async (who: Visitor) => (await who.get('/')).status === 200;

  /** Proves the authenticator app that the page of an enrolment shows. @returns its secret */
  async function proveApp(who: Visitor, to: string): Promise<string> {
    const { text } = await who.get('/devices/enrolment');
    const secret = (/<code class="secret">([^<]+)/.exec(text)?.[1] ?? '').replaceAll(' ', '');
    // The step before, so that two are left for the test. If that ends on the way, the one before is another.
    const prove = async () => (await who.post('/devices/enrolment', { code: totp(secret, -1) })).location;
    expect((await prove()) ?? (await prove())).toBe(to);
    return secret;
  }

  test('of the same person ends where a first device is verified; the one that did it goes on', async () => {
    await call('POST', '/v1/accounts/harbour/users/bob/two-factor/reset', { reason: 'A test begins.' });
    const other = guest();
    const between = guest();
    const stranger = guest();
    await signIn(other, 'bob');
    await signIn(visitor, 'bob');
    await enter(stranger, await anna());
    expect([await isIn(other), await isIn(visitor)]).toEqual([true, true]);
    await visitor.post('/devices/new', { method: 'totp', name: 'New' });
    const secret = await proveApp(visitor, '/recovery-codes');
    expect([await isIn(visitor), await isIn(stranger)]).toEqual([true, true]);
    expect((await other.get('/')).location).toBe('/sign-in?next=%2F');
    // From now on there is a second step.
    await signIn(other, 'bob');
    expect((await other.get('/')).location).toBe('/second-step');
    expect((await answer(other, { code: totp(secret) })).location).toBe('/');
    // Another device beside it is no reason: several people may share a login.
    await signIn(between, 'bob');
    expect([await isIn(visitor), await isIn(other), await isIn(between)]).toEqual([true, true, false]);
  });

  test('of the same person ends where two-factor authentication is switched on again', async () => {
    const someone = await anna();
    await enter(visitor, someone);
    await visitor.post('/security/off');
    await answer(visitor, { code: totp(someone.secret, 1) });
    const other = guest();
    await signIn(other, 'anna');
    expect([await statusOf(someone), await isIn(other)]).toEqual(['disabled', true]);
    await visitor.post('/security/on');
    expect([await statusOf(someone), await isIn(visitor), await isIn(other)]).toEqual(['enabled', true, false]);
  });

  test('and a login under way end where an administrator resets the person; the administrator’s goes on', async () => {
    const someone = await anna();
    await enter(visitor, someone);
    const between = guest();
    await signIn(between, 'anna');
    const administrator = guest();
    await call('POST', '/v1/accounts/office/users/admin/two-factor/reset', { reason: 'A test begins.' });
    await signIn(administrator, 'admin');
    const page = '/administration/accounts/harbour/users/anna';
    expect((await administrator.post(`${page}/reset`, { reason: 'Lost it' })).location).toBe(page);
    expect(await statusOf(someone)).toBe('disabled');
    expect([await isIn(visitor), await isIn(administrator)]).toEqual([false, true]);
    expect((await between.get('/second-step')).location).toMatch(/^\/sign-in/);
  });

  test('ends where the device is removed that let it in, and no other', async () => {
    const someone = await anna();
    const second = guest();
    await enter(second, someone);
    await call('PUT', '/v1/accounts/harbour/policy', { proofRequired: { removeDevice: false, disable: true } });
    // A second device, as of a colleague who shares the login.
    await second.post('/devices/new', { method: 'totp', name: 'Of a colleague' });
    await answer(second, { code: totp(someone.secret, 1) });
    const secret = await proveApp(second, '/security');
    const device = /href="\/devices\/(dev_\w+)" aria-label="[^"]*Of a colleague/.exec(
      (await second.get('/security')).text,
    )?.[1];
    const [colleague, elsewhere] = [guest(), guest()];
    for (const [who, steps] of [
      [colleague, 0],
      [elsewhere, 1],
    ] as const) {
      await signIn(who, 'anna');
      await answer(who, { code: totp(secret, steps) }, {}, device);
    }
    expect([await isIn(second), await isIn(colleague), await isIn(elsewhere)]).toEqual([true, true, true]);
    expect((await colleague.post(`/devices/${someone.deviceId}/remove`)).location).toBe('/security');
    expect([await isIn(second), await isIn(colleague), await isIn(elsewhere)]).toEqual([false, true, true]);
    await call('DELETE', '/v1/accounts/harbour/policy');
  });

  test('keeps its cookie from scripts and from other sites; by https from other hosts, too', async () => {
    await anna();
    const [cookie] = (await signIn(visitor, 'anna')).headers.getSetCookie();
    expect(cookie).toMatch(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  });
});

describe('a form', () => {
  const foreign = [
    ['another site', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://localhost:1' }],
    ['a browser that says so', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ] as const;
  test.each(foreign)('from %s does nothing', async (_, headers) => {
    const someone = await anna();
    await enter(visitor, someone);
    for (const deed of ['/sign-out', '/security/off', '/devices/new', '/language']) {
      expect((await visitor.post(deed, { language: 'nl' }, headers)).status).toBe(403);
    }
    expect((await visitor.get('/')).status).toBe(200);
  });

  test('without an origin at all does nothing', async () => {
    await enter(visitor, await anna());
    const response = await fetch(`${system.panelUrl}/sign-out`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `session=${visitor.cookies.get('session')}` },
    });
    expect(response.status).toBe(403);
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'evil',
    '',
    '///evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/x/..//evil.example',
    '/.///evil.example?x#y',
    '/%2e//evil.example',
    '/x/%2E%2e//evil.example',
    '/.\\/evil.example',
    '/./\\evil.example',
    '/\n/evil.example',
    '/.\r\n//evil.example',
    '/\t.//\tevil.example',
    '\t//evil.example',
    '/@evil.example/..//evil.example',
    'http:evil.example',
  ])('that wants to lead to %j leads nowhere else', async (next) => {
    const someone = await anna();
    await signIn(visitor, 'anna', next);
    const { location } = await answer(visitor, { code: totp(someone.secret) });
    expect(new URL(location ?? '', system.panelUrl).origin).toBe(system.panelUrl);
    expect(location).toMatch(/^\/(?![/\\])/);
    expect((await visitor.post('/language', { language: 'en', next })).location).toMatch(/^\/(?![/\\])/);
    const { text } = await visitor.get(`/sign-in?next=${encodeURIComponent(next)}`);
    expect(text).not.toContain('evil.example/"');
  });

  test('may be large only within reason', async () => {
    expect((await visitor.post('/sign-in', { name: 'a'.repeat(100_000), password: 'b' })).status).toBe(413);
  });
});

describe('an asset', () => {
  const unknown = [
    'none.js',
    '',
    '__proto__',
    'constructor',
    '..%2f..%2fpackage.json',
    '%E0%A4%A',
    'a/b',
    '%00',
    'panel.css/',
  ];
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
