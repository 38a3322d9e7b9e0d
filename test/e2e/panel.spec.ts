import { describe, expect, test } from '@jest/globals';
import { totp } from '../support/gateway-harness.js';
import { hiddenField, Visitor } from '../support/visitor.js';
import {
  anna,
  answer,
  call,
  deeds,
  enter,
  pages,
  signIn,
  statusOf,
  system,
  visitor,
  withApp,
} from '../support/panel-visits.js';

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
