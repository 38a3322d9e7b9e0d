import { describe, expect, test } from '@jest/globals';
import { totp } from '../support/gateway-harness.js';
import { formsOf } from '../support/panel-people.js';
import type { Visitor } from '../support/visitor.js';
import {
  bob,
  codesTo,
  fill,
  people,
  phone,
  pressAgain,
  pressTwice,
  send,
  userOf,
  visitor,
} from '../support/panel-forms.js';

describe('every form', () => {
  test('carries a key of its own', async () => {
    const keys: string[] = [];
    const look = async (who: Visitor, page: string) => {
      const { text } = await who.get(page);
      const forms = formsOf(text);
      expect([page, forms.length]).toEqual([page, text.split('<form').length - 1]);
      for (const { action, hidden } of forms) {
        expect([page, action, hidden['key']]).toEqual([page, action, expect.stringMatching(/^[\w-]{36}$/)]);
        keys.push(hidden['key'] ?? '');
      }
    };
    const someone = await people.withApp('admin', 'office');
    await look(visitor, '/sign-in');
    await people.signIn(visitor, 'admin');
    for (const way of ['', 'recovery']) await look(visitor, `/second-step?way=${way}`);
    await people.answer(visitor, { code: totp(someone.secret) });
    const user = '/administration/accounts/office/users/admin';
    const more = ['/administration/accounts/office/requirement', '/administration/policy', user];
    for (const page of ['/', '/security', '/devices/new', `/devices/${someone.deviceId}`, ...more]) {
      await look(visitor, page);
    }
    await send(visitor, await fill(visitor, '/security', '/recovery-codes/new'));
    await people.answer(visitor, { recoveryCode: someone.recoveryCodes[0] ?? '' }, 'recovery');
    await look(visitor, '/recovery-codes');
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe.each([
  ['pressed twice at once', pressTwice],
  ['pressed again because its answer was lost', pressAgain],
])('a button that is %s', (_, press) => {
  test('opens one login, and sends one code', async () => {
    const someone = await people.withApp('anna');
    const id = await people.addDevice(someone, { method: 'sms', name: 'Phone', phone });
    await people.call('PATCH', `/v1/devices/${id}`, { isDefault: true });
    await people.call('PUT', '/v1/policy', { methods: { allowed: ['sms'] }, code: { resendAfterSeconds: 0 } });
    const before = await codesTo(phone);
    const form = await fill(visitor, '/sign-in', '/sign-in', { name: 'anna', password: people.access.password });
    expect((await press(visitor, form)).location).toBe('/second-step');
    const code = await people.received(phone);
    expect((await people.answer(visitor, { code })).location).toBe('/');
    expect(await codesTo(phone)).toBe(before + 1);
  });

  test('opens one session, and uses the code of an app or a recovery code up once', async () => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    const byApp = await fill(visitor, '/second-step', '/second-step', { code: totp(someone.secret) });
    expect((await press(visitor, byApp)).location).toBe('/');
    expect((await visitor.get('/security')).status).toBe(200);
    const other = people.guest();
    await people.signIn(other, 'anna');
    const [recoveryCode = ''] = someone.recoveryCodes;
    const byCode = await fill(other, '/second-step?way=recovery', '/second-step', { recoveryCode });
    expect((await press(other, byCode)).location).toBe('/');
    expect((await other.get('/')).status).toBe(200);
    expect((await userOf(someone)).recoveryCodesLeft).toBe(9);
  });

  test('charges a wrong code once', async () => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    const wrong = await fill(visitor, '/second-step', '/second-step', { code: totp(someone.secret, -40) });
    const { status, text } = await press(visitor, wrong);
    expect([status, text]).toEqual([422, expect.stringContaining('4 attempts left')]);
    // The same form, filled in otherwise, asks for something else.
    const right = { ...wrong, fields: { ...wrong.fields, code: totp(someone.secret) } };
    expect((await send(visitor, right)).location).toBe('/');
  });

  test('adds one device, sends one code and shows the recovery codes of the first one', async () => {
    await people.without('bob');
    await people.signIn(visitor, 'bob');
    const to = '+31612345602';
    const before = await codesTo(to);
    const add = await fill(visitor, '/devices/new', '/devices/new', { method: 'sms', name: 'Phone', phone: to });
    expect((await press(visitor, add)).location).toBe('/devices/enrolment');
    const code = await people.received(to);
    expect(await codesTo(to)).toBe(before + 1);
    expect((await userOf(bob)).devices).toHaveLength(1);
    const verify = await fill(visitor, '/devices/enrolment', '/devices/enrolment', { code });
    expect((await press(visitor, verify)).location).toBe('/recovery-codes');
    expect((await visitor.get('/recovery-codes')).text.match(/<li><code>/g)).toHaveLength(10);
    // Whoever goes away from them finds them again.
    expect((await visitor.get('/security')).text).toContain('<a href="/recovery-codes">');
    const saved = await fill(visitor, '/recovery-codes', '/recovery-codes/saved', { saved: 'yes' });
    expect((await press(visitor, saved)).location).toBe('/security');
    expect((await visitor.get('/security')).text).not.toContain('<a href="/recovery-codes">');
  });

  test('sends one more code, changes a name once, makes one set of recovery codes', async () => {
    const someone = await people.withApp('anna');
    const id = await people.addDevice(someone, { method: 'sms', name: 'Phone', phone });
    await people.signIn(visitor, 'anna');
    const before = await codesTo(phone);
    const ask = await fill(visitor, `/second-step?way=${id}`, '/second-step/codes');
    expect((await press(visitor, ask)).location).toBe(`/second-step?way=${id}`);
    const code = await people.received(phone);
    expect(await codesTo(phone)).toBe(before + 1);
    expect((await people.answer(visitor, { code }, id)).location).toBe('/');
    const rename = await fill(visitor, `/devices/${id}`, `/devices/${id}/name`, { name: 'Mobile' });
    expect((await press(visitor, rename)).location).toBe('/security');
    const make = await fill(visitor, '/security', '/recovery-codes/new');
    expect((await press(visitor, make)).location).toBe('/second-step');
    const confirm = await fill(visitor, `/second-step?way=${someone.deviceId}`, '/second-step', {
      code: totp(someone.secret),
    });
    expect((await press(visitor, confirm)).location).toBe('/recovery-codes');
    const shown = (await visitor.get('/recovery-codes')).text.match(/<code>([\w-]{19})<\/code>/g);
    expect(shown).toHaveLength(10);
    expect((await userOf(someone)).recoveryCodesLeft).toBe(10);
  });

  test('removes, switches off and resets once', async () => {
    const someone = await people.withApp('anna');
    const id = await people.addDevice(someone, { method: 'email', name: 'Mail' });
    await people.enter(visitor, someone);
    const remove = await fill(visitor, `/devices/${id}`, `/devices/${id}/remove`);
    expect((await press(visitor, remove)).location).toBe('/second-step');
    const confirm = await fill(visitor, `/second-step?way=${someone.deviceId}`, '/second-step', {
      code: totp(someone.secret, 1),
    });
    expect((await press(visitor, confirm)).location).toBe('/security');
    expect((await visitor.get('/security')).text).toContain('“Mail” was removed.');
    await people.without('admin', 'office');
    const office = people.guest();
    await people.signIn(office, 'admin');
    const page = '/administration/accounts/harbour/users/anna';
    const reset = await fill(office, page, `${page}/reset`, { reason: 'Lost it' });
    expect((await press(office, reset)).location).toBe(page);
    expect((await office.get(page)).text).toContain('was reset.');
    expect((await press(office, await fill(office, '/', '/sign-out'))).location).toBe('/sign-in');
    expect((await office.get('/')).location).toMatch(/^\/sign-in/);
  });
});

describe('an answer that was lost', () => {
  test('with the new session in it is found by the token before, and the cookie comes again', async () => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    const before = visitor.cookies.get('session') ?? '';
    await people.answer(visitor, { code: totp(someone.secret) });
    const after = visitor.cookies.get('session');
    visitor.cookies.set('session', before);
    expect((await visitor.get('/security')).status).toBe(200);
    expect(visitor.cookies.get('session')).toBe(after);
  });

  test('to whoever has signed out meanwhile begins nothing anew by itself, and the form works', async () => {
    await people.without('bob');
    const form = await fill(visitor, '/sign-in', '/sign-in', { name: 'bob', password: people.access.password });
    expect((await send(visitor, form)).location).toBe('/');
    await send(visitor, await fill(visitor, '/', '/sign-out'));
    expect((await visitor.get('/')).location).toMatch(/^\/sign-in/);
    expect((await send(visitor, form)).location).toBe('/');
    expect((await visitor.get('/')).status).toBe(200);
  });
});

describe('two tabs', () => {
  test('at the same login: each lets in, whichever is answered', async () => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    const first = await fill(visitor, '/second-step', '/second-step', { code: totp(someone.secret) });
    await people.signIn(visitor, 'anna');
    const second = await fill(visitor, '/second-step', '/second-step', { code: totp(someone.secret, 1) });
    expect((await send(visitor, first)).location).toBe('/');
    // What the other one says is true: nothing is left to do.
    expect((await send(visitor, second)).location).toBe('/');
    expect((await visitor.get('/')).text).toContain('You are already signed in.');
  });

  test('with different actions: the older one does nothing, and the page says what it is about now', async () => {
    const someone = await people.withApp('anna');
    await people.enter(visitor, someone);
    await send(visitor, await fill(visitor, '/devices/new', '/devices/new', { method: 'totp', name: 'Two' }));
    const old = await fill(visitor, '/second-step', '/second-step', { code: totp(someone.secret, 1) });
    const cancel = await fill(visitor, '/second-step', '/second-step/cancel');
    await send(visitor, await fill(visitor, '/security', '/recovery-codes/new'));
    for (const form of [old, cancel]) {
      const { status, text } = await send(visitor, form);
      expect([status, text]).toEqual([409, expect.stringContaining('You started something else in another tab.')]);
      expect(text).toContain('To generate new recovery codes.');
    }
    expect((await people.answer(visitor, { code: totp(someone.secret, 1) })).location).toBe('/recovery-codes');
  });

  test('with two devices that are added: the code for one is not taken for the other', async () => {
    await people.without('bob');
    await people.signIn(visitor, 'bob');
    await send(visitor, await fill(visitor, '/devices/new', '/devices/new', { method: 'totp', name: 'One' }));
    const one = await fill(visitor, '/devices/enrolment', '/devices/enrolment', { code: '000000' });
    await send(visitor, await fill(visitor, '/devices/new', '/devices/new', { method: 'totp', name: 'Two' }));
    const { status, text } = await send(visitor, one);
    expect([status, text]).toEqual([409, expect.stringContaining('<h1>Two</h1>')]);
  });
});

describe('a code as it was pasted', () => {
  const codes: [string, (code: string) => string][] = [
    ['with a no-break space', (code) => `${code.slice(0, 3)}\u00a0${code.slice(3)}`],
    ['with a tab and a line break', (code) => `\t${code.slice(0, 3)}\t${code.slice(3)}\r\n`],
    ['with a dash', (code) => `${code.slice(0, 3)}\u2013${code.slice(3)}`],
    ['in Arabic digits', (code) => code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)))],
    ['in Devanagari digits', (code) => code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x966 + Number(digit)))],
    [
      'in full width, with marks that nobody sees',
      (code) => `\u202a${code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))}\u202c\ufe0f`,
    ],
  ];
  test.each(codes)('%s opens the door', async (_, pasted) => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    expect((await people.answer(visitor, { code: pasted(totp(someone.secret)) })).location).toBe('/');
  });

  test.each(['12 34', '12345', '', ' - ', '1234567', 'abcdef', '12345x'])('as %j is sent nowhere', async (code) => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    for (let tries = 0; tries < 6; tries += 1) {
      const { status, text } = await people.answer(visitor, { code });
      expect([status, text]).toEqual([422, expect.stringContaining('Enter all six digits.')]);
    }
    expect((await people.answer(visitor, { code: totp(someone.secret) })).location).toBe('/');
  });

  const recovery: [string, (code: string) => string][] = [
    ['with other dashes', (code) => code.replaceAll('-', '\u2011')],
    ['with minus signs', (code) => code.replaceAll('-', '\u2212')],
    [
      'in full width',
      (code) => code.replaceAll(/[a-z0-9]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0)),
    ],
    ['with no-break spaces, in capitals', (code) => code.replaceAll('-', '\u00a0').toUpperCase()],
  ];
  test.each(recovery)('for recovery, %s, opens the door', async (_, pasted) => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    const recoveryCode = pasted(someone.recoveryCodes[0] ?? '');
    expect((await people.answer(visitor, { recoveryCode }, 'recovery')).location).toBe('/');
  });

  test('for recovery, and half of it, is sent nowhere', async () => {
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    const { status, text } = await people.answer(
      visitor,
      { recoveryCode: someone.recoveryCodes[0]?.slice(0, 9) ?? '' },
      'recovery',
    );
    expect([status, text]).toEqual([422, expect.stringContaining('Enter all 16 letters and digits.')]);
  });
});
