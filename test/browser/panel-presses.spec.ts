import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp } from '../support/authenticator-app.js';
import { virtualAuthenticator } from '../support/browser.js';
import {
  app,
  describePanel,
  everything,
  expectGoodPage,
  givePassword,
  giveRecoveryCode,
  passBoth,
  pathOf,
  patience,
  recoveryCodes,
  url,
  userOf,
  walk,
} from '../support/panel-in-browser.js';
import { enter, typedSecret } from '../support/panel-walk.js';

describePanel('the panel in a browser', (newPage) => {
  /**
   * Presses twice while the panel is slow, and waits for what the answer shows. Each press asks at once and is answered
   * 800 ms late, so the browser gives up the answer of the first. By the mouse: Playwright's own click waits for the answer.
   */
  async function presserOf(page: Page, javaScriptEnabled: boolean) {
    const network = await page.context().newCDPSession(page);
    const slow = (latency: number) => {
      const speed = { downloadThroughput: -1, uploadThroughput: -1 };
      return network.send('Network.emulateNetworkConditions', { offline: false, latency, ...speed });
    };
    let sent = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') sent += 1;
    });
    return async (button: string, answer: string | RegExp) => {
      // With its styles, or the button moves.
      await page.waitForLoadState();
      const place = page.getByRole('button', { name: button, exact: true });
      await place.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await place.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      await slow(800);
      sent = 0;
      for (const pause of [200, 0]) {
        await page.mouse.click(x + width / 2, y + height / 2);
        await sleep(pause);
      }
      await page.getByRole('main').getByText(answer).first().waitFor({ timeout: 20_000 });
      await slow(0);
      // A script disables the button, which is comfort: the second press is to do no harm where it comes.
      expect([button, sent]).toEqual([button, javaScriptEnabled ? 1 : 2]);
      expect(await page.getByRole('alert').count()).toBe(0);
    };
  }

  test.each([true, false])(
    'buttons that are pressed twice while the panel is slow do one thing (with JavaScript: %s)',
    async (javaScriptEnabled) => {
      const page = await newPage({ javaScriptEnabled });
      const pressTwice = await presserOf(page, javaScriptEnabled);
      await page.goto(url('/sign-in'));
      await page.getByLabel('Username').fill('anna');
      await page.getByLabel('Password').fill(walk.password);
      await pressTwice('Sign in', 'Recovery code');
      await page.getByLabel('Code', { exact: true }).fill(await app.freshCode());
      await pressTwice('Verify', /^Welcome/);
      await page.goto(url('/security'));
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Security');
    },
    patience,
  );

  test(
    'every button of the way of one person, pressed again within 800 ms of latency, does one thing',
    async () => {
      await walk.adminCall('POST', `${userOf('bob')}/two-factor/reset`, { reason: 'A test begins.' });
      await walk.adminCall('PUT', '/v1/policy', { code: { resendAfterSeconds: 0 } });
      const start = new Date().toISOString();
      const phone = '+31612345677';
      // Without a script nothing keeps the second press from the server.
      const page = await newPage({ javaScriptEnabled: false });
      const pressTwice = await presserOf(page, false);
      const state = async () => {
        const { body } = await walk.adminCall('GET', userOf('bob'));
        const names = body.devices.map(({ name, status }: { name: string; status: string }) => `${name} ${status}`);
        return [body.twoFactor.status, body.recoveryCodesLeft, ...names];
      };
      let saved: string[] = [];
      await givePassword(page, 'bob');
      await page.goto(url('/devices/new'));
      await page.getByLabel('Device name').fill('Phone');
      await page.getByRole('radio', { name: 'SMS' }).check();
      await page.getByLabel('Phone number').fill(phone);
      await pressTwice('Add device', 'Enter the code that was sent');
      expect(await state()).toEqual(['disabled', 0, 'Phone unverified']);
      await page.getByLabel('Code', { exact: true }).fill(await walk.received(phone));
      await pressTwice('Verify device', 'Save these codes now.');
      saved = await page.getByRole('region', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
      expect([new Set(saved).size, ...(await state())]).toEqual([10, 'enabled', 10, 'Phone verified']);
      await page.getByLabel('I have saved the recovery codes').check();
      await pressTwice('Continue', 'The recovery codes are saved.');

      await page.goto(url('/devices/new'));
      await page.getByLabel('Device name').fill('App');
      await page.getByRole('radio', { name: 'Authenticator app' }).check();
      await pressTwice('Add device', 'Recovery code');
      await page.getByRole('link', { name: 'Recovery code' }).click();
      await page.getByLabel('Recovery code').fill(saved.pop() ?? '');
      await pressTwice('Verify', 'Or enter this secret');

      await page.getByLabel('Code', { exact: true }).fill(await authenticatorApp(await typedSecret(page)).freshCode());
      await pressTwice('Verify device', '“App” is verified.');
      expect(await state()).toEqual(['enabled', 9, 'Phone verified', 'App verified']);
      // The code for the second device, in whose place a recovery code was given.
      await walk.forget(phone, 2);

      const bySms = async (answer: string | RegExp) => {
        await page.getByLabel('Code', { exact: true }).fill(await walk.received(phone));
        await pressTwice('Verify', answer);
      };
      await page.getByRole('link', { name: 'Manage “App”' }).click();
      await pressTwice('Remove', 'A code will be sent');
      await pressTwice('Send code', / sent to /);
      await bySms('“App” was removed.');
      expect(await state()).toEqual(['enabled', 9, 'Phone verified']);
      // Sent at once, as there is no choice.
      await pressTwice('Turn off', / sent to /);
      await bySms('Two-factor authentication is off.');
      expect(await state()).toEqual(['disabled', 9, 'Phone verified']);

      const query = `accountId=harbour&userId=bob&from=${start}&limit=100`;
      const counts = async () => {
        const { body } = await walk.adminCall('GET', `/v1/audit/events?${query}`);
        const types: string[] = body.data.map(({ type }: { type: string }) => type.replace('com.sallyport.', ''));
        return Object.fromEntries(types.map((type) => [type, types.filter((other) => other === type).length]));
      };
      const done = {
        'login.allowed': 1,
        'device.enrolment_started': 2,
        'device.verified': 2,
        'two_factor.enabled': 1,
        'recovery_codes.generated': 1,
        'recovery_codes.acknowledged': 1,
        'recovery_code.used': 1,
        'device.removed': 1,
        'two_factor.disabled': 1,
        // App, removal, off; and a message for each, beside that of the first device.
        'challenge.created': 3,
        'challenge.approved': 3,
        'code.requested': 4,
        'code.sent': 4,
      };
      while (((await counts())['code.sent'] ?? 0) < done['code.sent']) await sleep(200);
      expect(await counts()).toEqual(done);
    },
    patience,
  );

  test(
    'a passkey that cannot be used says so, and the other ways stay',
    async () => {
      await walk.adminCall('PUT', '/v1/policy', {
        webauthn: { rpId: 'localhost', origins: [walk.url] },
      });
      const page = await newPage();
      const authenticator = await virtualAuthenticator(page);
      await passBoth(page, 'anna');
      await page.goto(url('/devices/new'));
      await page.getByLabel('Device name').fill('Finger');
      await page.getByRole('radio', { name: /Passkey/ }).check();
      await page.getByRole('button', { name: 'Add device' }).click();
      // Whoever presses before the script is there waits for it.
      await page.route('**/passkey.js*', async (route) => {
        await sleep(1500);
        await route.continue();
      });
      await giveRecoveryCode(page);
      await page.getByRole('button', { name: 'Create passkey' }).click();
      await page.waitForURL('**/security');
      await page.unrouteAll();
      const [credential] = await authenticator.credentials();
      await authenticator.removeCredential(credential?.credentialId ?? '');

      await givePassword(page, 'anna');
      await page.getByRole('link', { name: 'Finger' }).click();
      await page.getByRole('button', { name: 'Use passkey' }).click();
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').innerText()).toContain('could not be used');
      await page.getByRole('link', { name: 'App' }).click();
      await enter(page, await app.freshCode());
      expect(pathOf(page)).toBe('/');
    },
    // The app has to come to its third code.
    patience,
  );

  test(
    'a device that the policy does not allow any more is shown, greyed and with words, and not offered',
    async () => {
      await everything();
      await walk.adminCall('PUT', '/v1/policy', { methods: { allowed: ['totp', 'email'] } });
      const words = 'Your company no longer accepts this device';
      const page = await newPage();
      await givePassword(page, 'anna');
      const ways = page.getByRole('navigation', { name: 'Choose a method' });
      expect(await ways.getByRole('listitem').filter({ hasText: 'Phone' }).innerText()).toContain(words);
      expect(await ways.getByRole('link', { name: 'Phone' }).count()).toBe(0);
      await expectGoodPage(page);
      await enter(page, await app.freshCode());
      await page.goto(url('/security'));
      expect(await page.getByRole('listitem').filter({ hasText: 'Phone' }).innerText()).toContain(words);
      await expectGoodPage(page);
      await page.getByRole('link', { name: 'Manage “Phone”' }).click();
      await page.getByText(words).waitFor();
      expect(await page.getByRole('button').allInnerTexts()).not.toContain('Make default');
      expect(await page.getByLabel('Phone number').count()).toBe(0);

      // The only one there is: its page leads to the recovery codes.
      await walk.adminCall('PUT', '/v1/policy', { methods: { allowed: ['email'] } });
      await page.getByRole('button', { name: 'Sign out' }).click();
      await givePassword(page, 'anna');
      await page.getByLabel('Recovery code').fill(recoveryCodes.pop() ?? '');
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.waitForURL(url('/'));
    },
    patience,
  );
});
