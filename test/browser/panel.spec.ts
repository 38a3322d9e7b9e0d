import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp, type AuthenticatorApp } from '../support/authenticator-app.js';
import {
  describeInBrowser,
  expectAccessible,
  expectNoHorizontalScroll,
  virtualAuthenticator,
} from '../support/browser.js';
import { startSystem, temporaryDataDir, type Answer, type System } from '../support/system.js';

describeInBrowser('the panel in a browser', (newPage) => {
  let system: System;
  let folder: Awaited<ReturnType<typeof temporaryDataDir>>;
  let password: string;
  let adminApiKey: string;
  let app: AuthenticatorApp;
  let recoveryCodes: string[];

  beforeAll(async () => {
    folder = await temporaryDataDir();
    system = await startSystem(folder.path);
    ({ adminApiKey } = JSON.parse(await readFile(join(folder.path, 'panel.json'), 'utf8')));
    password = JSON.parse(await readFile(join(folder.path, 'panel-people.json'), 'utf8')).demoPassword;
  });
  afterAll(async () => {
    await system.stop();
    await folder.remove();
  });

  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    system.call(method, path, body, { authorization: `Bearer ${adminApiKey}` });
  const userOf = (name: string) => `/v1/accounts/${name === 'admin' ? 'office' : 'harbour'}/users/${name}`;

  /** Someone who has an authenticator app and nothing else, before each test. */
  async function enrolled(name: string): Promise<void> {
    await call('POST', `${userOf(name)}/two-factor/reset`, { reason: 'A test begins.' });
    const { id, totp } = (await call('POST', `${userOf(name)}/devices`, { method: 'totp', name: 'App' })).body;
    app = authenticatorApp(totp.uri);
    const verified = await call('POST', `/v1/devices/${id}/verify`, { code: await app.freshCode() });
    expect(verified.status).toBe(200);
    recoveryCodes = verified.body.recoveryCodes;
  }
  /** A phone beside it, imported as far as the panel can see: proved by its code. */
  async function addPhone(name: string, phone: string): Promise<void> {
    const asked = { accountId: 'harbour', userId: name, purpose: 'add_device' };
    const { challenge } = (await call('POST', '/v1/challenges', asked)).body;
    const verify = `/v1/challenges/${challenge.id}/verify`;
    const { proof } = (await call('POST', verify, { recoveryCode: recoveryCodes.pop() })).body;
    const headers = { authorization: `Bearer ${adminApiKey}`, 'sallyport-proof': proof };
    const made = await system.call('POST', `${userOf(name)}/devices`, { method: 'sms', name: 'Phone', phone }, headers);
    expect(made.status).toBe(201);
    const code = await sentTo(phone);
    expect((await call('POST', `/v1/devices/${made.body.id}/verify`, { code })).status).toBe(200);
  }
  const seen = new Map<string, number>();
  /** The next code that comes to an address. */
  async function sentTo(to: string): Promise<string> {
    for (;;) {
      const messages = (await system.messages(to)).filter(({ body }) => /^\d{6}\b/.test(body));
      if (messages.length > (seen.get(to) ?? 0)) {
        seen.set(to, messages.length);
        return messages[0]?.body.slice(0, 6) ?? '';
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  const url = (path: string) => new URL(path, system.panelUrl).href;
  const pathOf = (page: Page) => new URL(page.url()).pathname;

  async function givePassword(page: Page, name: string): Promise<void> {
    await page.goto(url('/sign-in'));
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  async function giveCode(page: Page, code: string): Promise<void> {
    await page.getByLabel('Code', { exact: true }).fill(code);
    await page.getByRole('button', { name: 'Go on' }).click();
  }
  async function enter(page: Page, name: string): Promise<void> {
    await givePassword(page, name);
    await giveCode(page, await app.freshCode());
    expect(pathOf(page)).toBe('/');
  }
  async function expectGoodPage(page: Page): Promise<void> {
    await expectAccessible(page);
    await expectNoHorizontalScroll(page);
  }

  beforeEach(async () => {
    await call('PUT', '/v1/policy', {});
    await enrolled('anna');
  });

  /** Every method, and browsers that may be trusted. */
  const everything = async () => {
    await call('PUT', '/v1/policy', {
      methods: { allowed: ['totp', 'sms', 'email', 'webauthn'] },
      trustedBrowser: { allowed: true },
      webauthn: { rpId: 'localhost', origins: [new URL(system.panelUrl).origin] },
    });
    await addPhone('anna', '+31612345601');
  };
  /** At the second step, by one of the codes that were saved. */
  async function giveRecoveryCode(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'Recovery code' }).click();
    await page.getByLabel('Recovery code').fill(recoveryCodes.pop() ?? '');
    await page.getByRole('button', { name: 'Go on' }).click();
  }

  // axe looks at each page twice, and at its own pace.
  const patience = 180_000;

  test(
    'every page of a login is good to read, light and dark, on a phone and on a desk',
    async () => {
      await everything();
      const page = await newPage();
      await page.goto(url('/sign-in'));
      await expectGoodPage(page);
      await page.getByLabel('Name').fill('anna');
      await page.getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expectGoodPage(page);
      await givePassword(page, 'anna');
      for (const way of ['App', 'Phone', 'Recovery code']) {
        await page.getByRole('navigation', { name: 'Choose how' }).getByRole('link', { name: way }).click();
        await expectGoodPage(page);
      }
      await page.getByRole('link', { name: 'App' }).click();
      await giveCode(page, '000000');
      await expectGoodPage(page);
      await page.getByLabel('Do not ask').check();
      await giveCode(page, await app.freshCode());
      await expectGoodPage(page);
      await page.goto(url('/trusted-browsers'));
      await expectGoodPage(page);
    },
    patience,
  );

  test(
    'every page of someone who is signed in, too',
    async () => {
      await everything();
      const page = await newPage();
      await enter(page, 'anna');
      for (const path of ['/security', '/devices/new', '/no-such-page']) {
        await page.goto(url(path));
        await expectGoodPage(page);
      }
      await page.goto(url('/security'));
      await page.getByRole('link', { name: 'Change “Phone”' }).click();
      await expectGoodPage(page);
      await page.goto(url('/security'));
      await page.getByRole('button', { name: 'Make new codes' }).click();
      await giveCode(page, await app.freshCode());
      expect(pathOf(page)).toBe('/recovery-codes');
      await expectGoodPage(page);
      await page.getByRole('button', { name: 'Next' }).click();
      await expectGoodPage(page);
    },
    patience,
  );

  test(
    'every page on which a device is added, too',
    async () => {
      await everything();
      const page = await newPage();
      await virtualAuthenticator(page);
      await enter(page, 'anna');
      for (const method of ['Authenticator app', 'SMS', 'E-mail', /Passkey/]) {
        await page.goto(url('/devices/new'));
        await page.getByLabel('Name of the device').fill('Another');
        await page.getByRole('radio', { name: method }).check();
        if (method === 'SMS') await page.getByLabel('Phone number').fill('+31612345699');
        await page.getByRole('button', { name: 'Add device' }).click();
        await giveRecoveryCode(page);
        expect(pathOf(page)).toBe('/devices/enrolment');
        await expectGoodPage(page);
      }
      await page.getByRole('button', { name: 'Create passkey' }).click();
      await page.waitForURL('**/security');
    },
    patience,
  );

  test(
    'every page of the administration, too',
    async () => {
      await enrolled('admin');
      const page = await newPage();
      await enter(page, 'admin');
      const account = '/administration/accounts/office';
      const own = [account, `${account}/requirement`, `${account}/users/admin`];
      const lists = [
        '/administration',
        '/administration/deliveries',
        '/administration/audit',
        '/administration/policy',
      ];
      for (const path of [...own, ...lists]) {
        await page.goto(url(path));
        expect(pathOf(page)).toBe(path);
        await expectGoodPage(page);
      }
    },
    patience,
  );

  test('the back button shows nothing after one has left', async () => {
    const page = await newPage();
    await enter(page, 'anna');
    await page.goto(url('/security'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    for (let step = 0; step < 3; step += 1) {
      await page.goBack();
      expect(await page.getByRole('heading', { name: 'Security' }).count()).toBe(0);
      expect(pathOf(page)).toBe('/sign-in');
    }
  });

  test('the back button leads to no second step that was passed, and opens no second session', async () => {
    const page = await newPage();
    await enter(page, 'anna');
    await page.goBack();
    expect(pathOf(page)).toBe('/');
  });

  test('a second tab waits at the same door, and is let in with the first', async () => {
    const page = await newPage();
    await givePassword(page, 'anna');
    const tab = await page.context().newPage();
    await tab.goto(url('/security'));
    expect(pathOf(tab)).toBe('/second-step');
    await giveCode(page, await app.freshCode());
    await tab.goto(url('/security'));
    expect(pathOf(tab)).toBe('/security');
    // What the first tab does, holds for the second.
    await page.getByRole('button', { name: 'Sign out' }).click();
    await tab.reload();
    expect(pathOf(tab)).toBe('/sign-in');
  });

  test('without JavaScript: in by SMS, with another code asked for', async () => {
    await call('PUT', '/v1/policy', { code: { resendAfterSeconds: 0 } });
    await addPhone('anna', '+31612345602');
    const page = await newPage({ javaScriptEnabled: false });
    await givePassword(page, 'anna');
    await page.getByRole('link', { name: 'Phone' }).click();
    await page.getByRole('button', { name: 'Send code' }).click();
    const first = await sentTo('+31612345602');
    await page.getByRole('button', { name: 'Send again' }).click();
    const second = await sentTo('+31612345602');
    // While it is alive, another SMS repeats the same code.
    expect(second).toBe(first);
    await giveCode(page, second);
    expect(pathOf(page)).toBe('/');
  });

  test('by keyboard alone, and with what phones look for in the field of a code', async () => {
    const page = await newPage();
    await page.goto(url('/sign-in'));
    // The field takes the focus with the first picture of the page, and nobody types before that.
    await page.locator('[name=name]:focus').waitFor();
    await page.keyboard.type('anna');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/second-step');
    const field = page.getByLabel('Code', { exact: true });
    const attribute = (name: string) => field.getAttribute(name);
    expect([await attribute('autocomplete'), await attribute('inputmode')]).toEqual(['one-time-code', 'numeric']);
    await page.locator('[name=code]:focus').waitFor();
    await page.keyboard.type(await app.freshCode());
    await page.keyboard.press('Enter');
    await page.waitForURL(url('/'));
  });

  test('the countdown is true: the button can be pressed when Sallyport takes it, not before', async () => {
    await call('PUT', '/v1/policy', { code: { resendAfterSeconds: 8 } });
    await addPhone('anna', '+31612345603');
    const page = await newPage();
    await givePassword(page, 'anna');
    await page.getByRole('link', { name: 'Phone' }).click();
    await page.getByRole('button', { name: 'Send code' }).click();
    await sentTo('+31612345603');
    const waiting = page.getByRole('button', { name: /Once more in [1-8] s/ });
    expect(await waiting.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Send again' }).click();
    await sentTo('+31612345603');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test(
    'a passkey that can not be used says so, and the other ways stay',
    async () => {
      await call('PUT', '/v1/policy', {
        webauthn: { rpId: 'localhost', origins: [new URL(system.panelUrl).origin] },
      });
      const page = await newPage();
      const authenticator = await virtualAuthenticator(page);
      await enter(page, 'anna');
      await page.goto(url('/devices/new'));
      await page.getByLabel('Name of the device').fill('Finger');
      await page.getByRole('radio', { name: /Passkey/ }).check();
      await page.getByRole('button', { name: 'Add device' }).click();
      await giveRecoveryCode(page);
      await page.getByRole('button', { name: 'Create passkey' }).click();
      await page.waitForURL('**/security');
      const [credential] = await authenticator.credentials();
      await authenticator.removeCredential(credential?.credentialId ?? '');

      await givePassword(page, 'anna');
      await page.getByRole('link', { name: 'Finger' }).click();
      await page.getByRole('button', { name: 'Use passkey' }).click();
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain('could not be used');
      await page.getByRole('link', { name: 'App' }).click();
      await giveCode(page, await app.freshCode());
      expect(pathOf(page)).toBe('/');
    },
    // The app has to come to its third code.
    patience,
  );

  test('a browser that is trusted is asked no more, until it is revoked', async () => {
    await call('PUT', '/v1/policy', { trustedBrowser: { allowed: true } });
    const page = await newPage();
    await givePassword(page, 'anna');
    await page.getByLabel('Do not ask').check();
    await giveCode(page, await app.freshCode());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await givePassword(page, 'anna');
    expect(pathOf(page)).toBe('/');
    await page.goto(url('/trusted-browsers'));
    expect(await page.getByRole('listitem').filter({ hasText: 'Chrome' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Trust no more' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await givePassword(page, 'anna');
    expect(pathOf(page)).toBe('/second-step');
  });
});
