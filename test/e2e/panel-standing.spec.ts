import { beforeEach, describe, expect, test } from '@jest/globals';
import { totp, wrongTotp } from '../support/gateway-harness.js';
import { fill, people, phone, send, visitor } from '../support/panel-forms.js';
import type { Someone } from '../support/panel-people.js';
import type { Visitor } from '../support/visitor.js';

beforeEach(() => people.call('PUT', '/v1/policy', {}));

const isIn = async (who: Visitor) => (await who.get('/')).status === 200;

/** A proof for a purpose, by a recovery code of someone. */
async function proofFor(someone: Someone, purpose: string): Promise<Record<string, string>> {
  const { challenge } = (
    await people.call('POST', '/v1/challenges', { accountId: 'harbour', userId: someone.name, purpose })
  ).body;
  const recoveryCode = someone.recoveryCodes[0];
  const { body } = await people.call('POST', `/v1/challenges/${challenge.id}/verify`, { recoveryCode });
  return { 'sallyport-proof': body.proof };
}

/** What ends a session of the panel, what does not, and how a lock is told. */
describe('a session that a device opened', () => {
  /** Ways in which another program than the panel ends the phone of someone. */
  const ends: [string, (someone: Someone, device: string) => Promise<unknown>][] = [
    [
      'is removed',
      async (_, device) => {
        await people.call('PUT', '/v1/policy', { proofRequired: { removeDevice: false } });
        await people.call('DELETE', `/v1/devices/${device}`);
      },
    ],
    ['is reset', (someone) => people.call('POST', `${someone.path}/two-factor/reset`, { reason: 'Lost it' })],
    [
      'is disabled',
      async (someone, device) => {
        await people.call('PUT', '/v1/policy', { lockout: { free: 1, disableAt: 1 } });
        const guest = people.guest();
        await people.signIn(guest, someone.name);
        await guest.post(`/second-step/codes?way=${device}`);
        const code = String((Number(await people.received(phone)) + 1) % 1_000_000).padStart(6, '0');
        const { text } = await people.answer(guest, { code }, device);
        expect(text).toContain('This device was disabled after too many wrong codes.');
      },
    ],
    [
      'gets another number',
      async (someone, device) => {
        const next = '+31612345677';
        const proof = await proofFor(someone, 'change_phone');
        await people.call('PUT', `/v1/devices/${device}/phone`, { phone: next }, proof);
        await people.call('POST', `/v1/devices/${device}/verify`, { code: await people.received(next) });
      },
    ],
    [
      'is of a method that is no longer allowed',
      () => people.call('PUT', '/v1/policy', { methods: { allowed: ['totp'] } }),
    ],
  ];
  test.each(ends)('ends when it %s', async (_, end) => {
    const someone = await people.withApp('anna');
    const device = await people.addDevice(someone, { method: 'sms', name: 'Phone', phone });
    const other = people.guest();
    await people.enter(other, someone);
    await people.signIn(visitor, 'anna');
    await visitor.post(`/second-step/codes?way=${device}`);
    expect((await people.answer(visitor, { code: await people.received(phone) }, device)).location).toBe('/');
    const stranger = people.guest();
    await people.without('bob');
    await people.signIn(stranger, 'bob');
    expect([await isIn(visitor), await isIn(other)]).toEqual([true, true]);
    await end(someone, device);
    const { status, location } = await visitor.get('/security');
    expect([status, location]).toEqual([303, '/sign-in?next=%2Fsecurity']);
    // Told once.
    expect((await visitor.get('/sign-in')).text).toContain('Your session has ended because');
    expect((await visitor.get('/sign-in')).text).not.toContain('Your session has ended because');
    expect(await isIn(stranger)).toBe(true);
    const reset = (await people.call('GET', someone.path)).body.twoFactor.status === 'disabled';
    expect(await isIn(other)).toBe(!reset);
  });

  test('goes on after what it does itself: two-factor authentication off, a number changed', async () => {
    await people.call('PUT', '/v1/policy', { twoFactor: { onDisable: 'remove' } });
    const someone = await people.withApp('anna');
    await people.enter(visitor, someone);
    await visitor.post('/security/off');
    expect((await people.answer(visitor, { recoveryCode: someone.recoveryCodes[0] ?? '' }, 'recovery')).location).toBe(
      '/security',
    );
    expect((await people.call('GET', someone.path)).body.devices).toEqual([]);
    expect(await isIn(visitor)).toBe(true);
  });

  test('goes on where the company required that device a moment before', async () => {
    await people.without('dora', 'lighthouse');
    await people.call('PUT', '/v1/accounts/lighthouse/policy', { twoFactor: { required: 'all', graceUntil: null } });
    expect((await people.signIn(visitor, 'dora')).location).toBe('/devices/new');
    await visitor.post('/devices/new', { method: 'totp', name: 'App' });
    const { text } = await visitor.get('/devices/enrolment');
    const secret = (/<code class="secret">([^<]+)/.exec(text)?.[1] ?? '').replaceAll(' ', '');
    expect((await visitor.post('/devices/enrolment', { code: totp(secret) })).location).toBe('/recovery-codes');
    expect(await isIn(visitor)).toBe(true);
    const { data } = (await people.call('GET', '/v1/accounts/lighthouse/users/dora/devices')).body;
    expect(data).toHaveLength(1);
    await people.call('POST', '/v1/accounts/lighthouse/users/dora/two-factor/reset', { reason: 'Lost it' });
    expect(await isIn(visitor)).toBe(false);
    await people.call('DELETE', '/v1/accounts/lighthouse/policy');
  });
});

describe('a second application', () => {
  test('has a session of its own beside the first one', async () => {
    const someone = await people.withApp('anna');
    await people.enter(visitor, someone);
    expect((await visitor.get('/emergency')).location).toBe('/sign-in?next=%2Femergency');
    expect((await people.signIn(visitor, 'anna', '/emergency')).location).toBe('/second-step');
    // While that login is under way, and after it.
    expect((await visitor.get('/security')).status).toBe(200);
    expect((await visitor.get('/emergency')).location).toBe('/second-step');
    expect((await people.answer(visitor, { code: totp(someone.secret, 1) })).location).toBe('/emergency');
    expect([(await visitor.get('/emergency')).status, (await visitor.get('/security')).status]).toEqual([200, 200]);
    await visitor.post('/sign-out');
    expect((await visitor.get('/emergency')).location).toMatch(/^\/sign-in/);
    expect((await visitor.get('/')).location).toMatch(/^\/sign-in/);
  });

  test('that is given up, or refused, leaves the first one as it is; a stranger’s sign-in does not', async () => {
    const someone = await people.withApp('anna');
    await people.enter(visitor, someone);
    await people.signIn(visitor, 'anna', '/emergency');
    expect((await visitor.post('/second-step/cancel')).location).toBe('/');
    expect((await visitor.post('/sign-in', { name: 'anna', password: 'wrong', next: '/emergency' })).status).toBe(422);
    expect(await isIn(visitor)).toBe(true);
    await people.without('bob');
    await people.signIn(visitor, 'bob', '/emergency');
    expect([(await visitor.get('/emergency')).status, await isIn(visitor)]).toEqual([200, false]);
  });
});

describe('the lock', () => {
  const lock = async (someone: Someone, who: Visitor) => {
    let page = await who.get('/second-step');
    for (let tries = 0; tries < 5; tries += 1) page = await people.answer(who, { code: wrongTotp(someone.secret) });
    return page;
  };

  test('is told by the code that locks, with seconds and other ways; the page counts down', async () => {
    const someone = await people.withApp('anna');
    const device = await people.addDevice(someone, { method: 'sms', name: 'Phone', phone });
    await people.signIn(visitor, 'anna');
    const { status, text } = await lock(someone, visitor);
    expect(status).toBe(422);
    expect(text).toMatch(/Too many wrong codes\. Try again in (30|29) seconds\./);
    expect(text).toContain('You do not have to wait: you can also use another method.');
    expect(text).toMatch(/data-wait="(30|29|28|27)" data-waiting="Try again in \{\} s" data-ready="Verify"/);
    // The challenge is over with its fifth wrong code; another way goes on all the same.
    await visitor.post(`/second-step/codes?way=${device}`);
    expect((await people.answer(visitor, { code: await people.received(phone) }, device)).location).toBe('/');
  });

  test('that is over lets the right code in, on the page that was open all the time', async () => {
    await people.call('PUT', '/v1/policy', { lockout: { baseSeconds: 1, maxSeconds: 1 }, recoveryCodes: { count: 0 } });
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    const { text } = await lock(someone, visitor);
    expect(text).toContain('Try again in 1 second.');
    const check = /name="check" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await new Promise((done) => setTimeout(done, 1500));
    const right = await visitor.post(`/second-step?way=${someone.deviceId}`, { check, code: totp(someone.secret) });
    expect(right.location).toBe('/');
  });

  test('that lasts refuses the right code with words, where it was entered', async () => {
    await people.call('PUT', '/v1/policy', { recoveryCodes: { count: 0 } });
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    await lock(someone, visitor);
    for (const text of [
      (await people.answer(visitor, { code: totp(someone.secret) })).text,
      (await visitor.get('/second-step')).text,
    ]) {
      expect(text).toMatch(/Too many wrong codes\. Try again in \d+ seconds\./);
      expect(text).toContain('name="code"');
    }
  });

  test('of an action is told as that of a login', async () => {
    const someone = await people.withApp('anna');
    await people.enter(visitor, someone);
    await visitor.post('/security/off');
    const { text } = await lock(someone, visitor);
    expect(text).toMatch(/Too many wrong codes\. Try again in \d+ seconds\./);
    const recoveryCode = someone.recoveryCodes[0] ?? '';
    expect((await people.answer(visitor, { recoveryCode }, 'recovery')).location).toBe('/security');
    expect((await people.call('GET', someone.path)).body.twoFactor.status).toBe('disabled');
  });
});

describe('a form of the administration changes what it shows, and nothing else', () => {
  beforeEach(async () => {
    await people.without('admin', 'office');
    await people.signIn(visitor, 'admin');
  });
  const overrideAt = async (path: string) => (await people.call('GET', path)).body.override;

  test('the requirement of a company', async () => {
    const path = '/v1/accounts/harbour/policy';
    const own = { phone: { smsPerDevicePerDay: 3 }, twoFactor: { disableBy: 'admin' }, supportContact: 'Call us' };
    await people.call('PUT', path, own);
    const page = '/administration/accounts/harbour';
    expect((await visitor.post(`${page}/requirement`, { required: 'all', graceUntil: '2099-01-01' })).location).toBe(
      page,
    );
    expect(await overrideAt(path)).toMatchObject({
      ...own,
      twoFactor: { disableBy: 'admin', required: 'all', graceUntil: expect.stringMatching(/^2099-01-01/) },
    });
    await visitor.post(`${page}/requirement`, { graceUntil: '' });
    expect(await overrideAt(path)).toMatchObject({
      ...own,
      twoFactor: { disableBy: 'admin', required: 'none', graceUntil: null },
    });
    await people.call('DELETE', path);
  });

  test('the policy, with a preset, without one, and with the same one again', async () => {
    const own = { code: { resendAfterSeconds: 7 }, notices: { lockout: false }, webauthn: { rpName: 'Harbour' } };
    await people.call('PUT', '/v1/policy', own);
    const save = async (preset: string, more: Record<string, string> = {}) => {
      const saved = await visitor.post('/administration/policy', { preset, supportContact: 'Call us', ...more });
      expect(saved.location).toBe('/administration/policy');
      return overrideAt('/v1/policy');
    };
    expect(await save('', { trustedBrowser: 'yes' })).toMatchObject({
      ...own,
      trustedBrowser: { allowed: true },
      supportContact: 'Call us',
    });
    const preset = await save('user-card');
    expect(preset).toMatchObject({ ...own, preset: 'user-card', twoFactor: { disableBy: 'admin' } });
    // What was changed beside the preset since is not set back by it.
    await people.call('PATCH', '/v1/policy', { twoFactor: { disableBy: 'user' } });
    expect(await save('user-card')).toMatchObject({ ...own, preset: 'user-card', twoFactor: { disableBy: 'user' } });
    const without = await save('');
    expect(without).toMatchObject({ ...own, twoFactor: { disableBy: 'user' } });
    expect(without).not.toHaveProperty('preset');
  });
});

describe('a challenge', () => {
  beforeEach(() => people.call('PUT', '/v1/policy', { code: { resendAfterSeconds: 0 } }));

  test('whose time is over is not shown as alive, and the words lead on', async () => {
    await people.call('PUT', '/v1/policy', { challenge: { ttlSeconds: 1 } });
    const someone = await people.withApp('anna');
    await people.signIn(visitor, 'anna');
    await new Promise((done) => setTimeout(done, 1500));
    expect((await visitor.get('/second-step')).location).toBe('/sign-in');
    expect((await visitor.get('/sign-in')).text).toContain('The time to confirm this has expired. Start again.');
    await people.call('PUT', '/v1/policy', {});
    await people.enter(visitor, someone);
    await people.call('PUT', '/v1/policy', { challenge: { ttlSeconds: 1 } });
    await send(visitor, await fill(visitor, '/security', '/recovery-codes/new'));
    await new Promise((done) => setTimeout(done, 1500));
    expect((await visitor.get('/second-step')).location).toBe('/security');
    expect((await visitor.get('/security')).text).toContain('The time to confirm this has expired. Start again.');
  });

  test('names the device that its code went to: a locked phone beside a mailbox', async () => {
    const someone = await people.withApp('anna');
    const sms = await people.addDevice(someone, { method: 'sms', name: 'Phone', phone });
    const mail = await people.addDevice(
      { ...someone, recoveryCodes: someone.recoveryCodes.slice(0, 9) },
      { method: 'email', name: 'Mail' },
    );
    await people.call('PUT', '/v1/policy', { methods: { allowed: ['sms', 'email'] } });
    await people.signIn(visitor, 'anna');
    await visitor.post(`/second-step/codes?way=${sms}`);
    const wrong = String((Number(await people.received(phone)) + 1) % 1_000_000).padStart(6, '0');
    for (let tries = 0; tries < 5; tries += 1) await people.answer(visitor, { code: wrong }, sms);
    const later = people.guest();
    await people.signIn(later, 'anna');
    const { text } = await later.get('/second-step');
    expect(text).toContain('name="code"');
    const sent = await people.received('anna@harbour.example');
    expect((await people.answer(later, { code: sent }, mail)).location).toBe('/');
  });
});
