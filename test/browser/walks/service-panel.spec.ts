import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp, type AuthenticatorApp } from '../../support/authenticator-app.js';
import { describeInBrowser, readQr } from '../../support/browser.js';
import {
  addDevice,
  deviceNames,
  enter,
  follow,
  heading,
  isTold,
  openSecurity,
  type PanelWalk,
  press,
  qrCode,
  sees,
  startMs,
  startPanelWalk,
} from '../../support/panel-walk.js';

/** One login, `bob`, that the employees of Harbour Supplies share. */
describeInBrowser('How to use 2FA on the Service Panel', (newPage) => {
  const anna = '+31612345601';
  const support = 'support@panel.example';
  let walk: PanelWalk;
  /** Where Bob sits, signed in. */
  let page: Page;
  let bobsApp: AuthenticatorApp;
  let tablet: AuthenticatorApp;
  beforeAll(async () => {
    walk = await startPanelWalk();
    await walk.applyPreset(newPage, 'service-panel');
    // Nobody waits half a minute for another code in a test.
    await walk.adjustPolicy({ supportContact: support, code: { resendAfterSeconds: 1 } });
    page = await newPage();
  }, startMs);
  afterAll(() => walk?.stop());

  const ways = (of: Page) => of.getByRole('navigation', { name: 'Choose a method' });
  /** The second step by Anna's phone, from choosing it to the code that it gets. */
  const chooseAnna = (of: Page) => follow(of, /^Anna/, ways(of));
  const codeForAnna = async (of: Page) => {
    await chooseAnna(of);
    await press(of, 'Send code');
    return walk.received(anna);
  };
  const annas = async (): Promise<{ id: string; quota: { used: number; limit: number } }> => {
    const { body } = await walk.call('GET', '/v1/accounts/harbour/users/bob');
    return body.devices.find((device: { name: string }) => device.name === 'Anna');
  };

  test('log in to the Service Panel, to your own data, to two-factor authentication: it is not set up', async () => {
    await walk.signIn(page, 'bob');
    expect(await heading(page)).toBe('Welcome, Bob de Wit');
    await openSecurity(page);
    await sees(page, 'Disabled');
    await sees(page, 'You have no devices yet.');
  });

  test('adding a device: a name, a verification method, the code of the app; and it is validated', async () => {
    await addDevice(page, { name: 'Phone of Bob', method: 'Authenticator app' });
    bobsApp = authenticatorApp(await readQr(page, qrCode(page)));
    await enter(page, await bobsApp.freshCode(), 'Verify device');
    await sees(page, '“Phone of Bob” is verified. You can now use it to sign in.');
    await sees(page, 'Enabled');
  });

  test('"my validation code doesn\'t work": it was used; wait until the app shows a new one', async () => {
    const other = await newPage();
    await walk.signIn(other, 'bob');
    expect(await heading(other)).toBe('Two-factor authentication');
    await enter(other, bobsApp.shownBefore());
    await isTold(other, 'This code was used before. Wait until your app shows a new one.', `Need help? ${support}`);
    await enter(other, await bobsApp.freshCode());
    expect(await heading(other)).toBe('Welcome, Bob de Wit');
  });

  test('"it is also possible that the time on your device is not set correctly"', async () => {
    const other = await newPage();
    await walk.signIn(other, 'bob');
    await enter(other, bobsApp.shownOnWrongClock(-5));
    await isTold(other, 'check that your phone’s clock is set automatically', `Need help? ${support}`);
    expect(await heading(other)).toBe('Two-factor authentication');
  });

  test('multiple users: Anna has a device of her own on the same login, and takes SMS', async () => {
    await addDevice(page, { name: 'Anna', method: 'SMS', phone: '+31 6 12345601' });
    expect(await heading(page)).toBe('Confirm that it’s you');
    await sees(page, 'To add “Anna”.');
    await enter(page, await bobsApp.freshCode());
    await sees(page, /^Enter the code that was sent to /);
    await walk.received(anna);
    // "Code via SMS that does not work? Request a new code."
    await press(page, 'Resend code');
    await enter(page, await walk.received(anna), 'Verify device');
    await sees(page, '“Anna” is verified. You can now use it to sign in.');
    expect(await deviceNames(page)).toEqual(['Phone of Bob', 'Anna']);
  });

  test('after customer number and password, Anna chooses her device and enters the code of the SMS, once', async () => {
    const other = await newPage();
    await walk.signIn(other, 'bob');
    expect(await ways(other).getByRole('link').allInnerTexts()).toEqual([
      expect.stringContaining('Phone of Bob'),
      expect.stringContaining('Anna'),
    ]);
    const code = await codeForAnna(other);
    await sees(other, 'No code? Check that your phone has reception, or use another method.');
    await enter(other, code);
    expect(await heading(other)).toBe('Welcome, Bob de Wit');

    const again = await newPage();
    await walk.signIn(again, 'bob');
    await codeForAnna(again);
    await enter(again, code);
    await isTold(again, 'This code', support);
    expect(await heading(again)).toBe('Two-factor authentication');
  });

  test('"prefer to log in with your tablet? Then you use the app"', async () => {
    await addDevice(page, { name: 'Tablet', method: 'Authenticator app' });
    await enter(page, await codeForAnna(page));
    tablet = authenticatorApp(await readQr(page, qrCode(page)));
    await enter(page, await tablet.freshCode(), 'Verify device');
    expect(await deviceNames(page)).toEqual(['Phone of Bob', 'Anna', 'Tablet']);
  });

  test('the Emergency Service: another front door, the same devices, and a code of its own', async () => {
    const other = await newPage();
    await walk.signIn(other, 'bob');
    await enter(other, await codeForAnna(other));
    await press(other, 'Emergency service');
    expect(await heading(other)).toBe('Sign in to the emergency service');
    await walk.signIn(other, 'bob');
    await enter(other, await codeForAnna(other));
    expect(await heading(other)).toBe('Emergency service');
    await sees(other, 'You are in the emergency service.');
  });

  test('15 text messages a day for a device: then use the app, or contact us and get the day back', async () => {
    const { id, quota } = await annas();
    expect(quota.limit).toBe(15);
    const login = { accountId: 'harbour', userId: 'bob', purpose: 'login', deviceId: id };
    // As if each had waited for the pause after the third.
    await walk.adjustPolicy({ code: { resendAfterSeconds: 0 } });
    for (let { used } = quota; used < 15; used += 1) {
      const { body } = await walk.call('POST', '/v1/challenges', login);
      expect(body.challenge.send).toHaveProperty('deliveryId');
    }
    await walk.adjustPolicy({ code: { resendAfterSeconds: 1 } });
    await openSecurity(page);
    await sees(page, '0 of 15 SMS left today');

    const other = await newPage();
    await walk.signIn(other, 'bob');
    await chooseAnna(other);
    await press(other, 'Send code');
    await isTold(
      other,
      'Today’s limit of text messages has been reached. Use an authenticator app to sign in',
      support,
    );
    // Whoever uses the app is not concerned.
    await follow(other, /^Tablet/, ways(other));
    await enter(other, await tablet.freshCode());
    expect(await heading(other)).toBe('Welcome, Bob de Wit');

    const office = await newPage();
    await walk.signIn(office, 'admin');
    await follow(office, 'Administration');
    await follow(office, 'Harbour Supplies');
    await follow(office, 'Bob de Wit');
    await sees(office, '0 of 15 SMS left today');
    await press(office, 'Reset today’s SMS limit');
    await sees(office, '15 of 15 SMS left today');

    await walk.forget(anna, 15);
    const later = await newPage();
    await walk.signIn(later, 'bob');
    await enter(later, await codeForAnna(later));
    expect(await heading(later)).toBe('Welcome, Bob de Wit');
  });

  test('how do I disable it: switch "Active" off; on again, the devices are still there', async () => {
    await openSecurity(page);
    await press(page, 'Turn off');
    await sees(page, 'To turn off two-factor authentication.');
    await enter(page, await codeForAnna(page));
    await sees(page, 'Two-factor authentication is off.');
    const other = await newPage();
    await walk.signIn(other, 'bob');
    expect(await heading(other)).toBe('Welcome, Bob de Wit');

    expect(await deviceNames(page)).toEqual(['Phone of Bob', 'Anna', 'Tablet']);
    await press(page, 'Turn on');
    await sees(page, 'Two-factor authentication is on.');
    const again = await newPage();
    await walk.signIn(again, 'bob');
    expect(await heading(again)).toBe('Two-factor authentication');
  });

  test('the employee is no longer allowed to enter: the device is removed, and the access is over at once', async () => {
    const annasBrowser = await newPage();
    await walk.signIn(annasBrowser, 'bob');
    const code = await codeForAnna(annasBrowser);

    await openSecurity(page);
    await follow(page, /Anna/);
    await press(page, 'Remove');
    await sees(page, 'To remove “Anna”.');
    await follow(page, /^Phone of Bob/, ways(page));
    await enter(page, await bobsApp.freshCode());
    await sees(page, '“Anna” was removed.');
    expect(await deviceNames(page)).toEqual(['Phone of Bob', 'Tablet']);

    await enter(annasBrowser, code);
    await isTold(annasBrowser, 'This page has expired. Start again.');
    await annasBrowser.goto(walk.url);
    expect(await heading(annasBrowser)).toBe('Sign in');
    await walk.signIn(annasBrowser, 'bob');
    expect(await heading(annasBrowser)).toBe('Two-factor authentication');
    await sees(annasBrowser, 'The six-digit code that the app on “Phone of Bob” shows now');
    expect(await annasBrowser.getByRole('link', { name: /Anna/ }).count()).toBe(0);
  });

  test('on a login that several share there are no recovery codes: whoever left would still have them', async () => {
    expect(await page.getByRole('heading', { name: 'Recovery codes' }).count()).toBe(0);
    const other = await newPage();
    await walk.signIn(other, 'bob');
    expect(await other.getByText('Recovery code').count()).toBe(0);
  });
});
