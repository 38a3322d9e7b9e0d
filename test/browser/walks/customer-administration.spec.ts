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
  saveCodes,
  sees,
  startMs,
  startPanelWalk,
  typedSecret,
} from '../../support/panel-walk.js';

/** Anna and Bob are persons of one account, Dora of another. */
describeInBrowser('Two-factor authentication in Customer Administration', (newPage) => {
  const number = '+31612345601';
  const newNumber = '+31612345609';
  let walk: PanelWalk;
  let anna: Page;
  let bob: Page;
  let app: AuthenticatorApp;
  beforeAll(async () => {
    walk = await startPanelWalk();
    await walk.applyPreset(newPage, 'customer-administration');
    [anna, bob] = [await newPage(), await newPage()];
  }, startMs);
  afterAll(() => walk?.stop());

  const codesSent = async (to: string) =>
    (await walk.system.messages(to)).filter(({ body }) => /^\d{6}\b/.test(body)).length;
  /** Anna logs in elsewhere, by the SMS that comes to a number. */
  const logsInBySms = async (to: string) => {
    const other = await newPage();
    await walk.signIn(other, 'anna');
    expect(await heading(other)).toBe('Two-factor authentication');
    await enter(other, await walk.received(to));
    expect(await heading(other)).toBe('Welcome, Anna Visser');
  };

  test('your name > Edit profile > Security: two options for two-factor authentication', async () => {
    await walk.signIn(anna, 'anna');
    await openSecurity(anna);
    await sees(anna, 'Disabled');
    await press(anna, 'Add device');
    expect(await anna.getByRole('radio').count()).toBe(2);
    await anna.getByRole('radio', { name: 'SMS' }).check();
    await anna.getByRole('radio', { name: 'Authenticator app' }).check();
  });

  test('login via SMS: add number, send code, enter it', async () => {
    await addDevice(anna, { name: 'Mobile', method: 'SMS', phone: number });
    await sees(anna, 'Enter the code that was sent to');
    const code = await walk.received(number);
    await enter(anna, code === '000000' ? '000001' : '000000', 'Verify device');
    await isTold(anna, 'This code is incorrect.');
    await enter(anna, code, 'Verify device');
    await sees(anna, '“Mobile” is verified. You can now use it to sign in.');
    await saveCodes(anna);
    await sees(anna, 'Enabled');
  });

  test('you receive an SMS every time you try to log in', async () => {
    await logsInBySms(number);
    await logsInBySms(number);
  });

  test('a number verified by one of the persons of the account needs no verification: enabled as soon as it is input', async () => {
    const sent = await codesSent(number);
    await walk.signIn(bob, 'bob');
    await addDevice(bob, { name: 'Mobile', method: 'SMS', phone: number });
    await sees(bob, '“Mobile” is verified. You can now use it to sign in.');
    await saveCodes(bob);
    await sees(bob, 'Enabled');
    // The number is told of its second user; no code is sent.
    expect(await codesSent(number)).toBe(sent);
    // Never across accounts.
    const dora = await newPage();
    await walk.signIn(dora, 'dora');
    await addDevice(dora, { name: 'Mobile', method: 'SMS', phone: number });
    await sees(dora, 'Enter the code that was sent to');
    await walk.received(number);
  });

  test('"Change number": the new one is verified', async () => {
    await openSecurity(anna);
    await follow(anna, /Mobile/);
    await anna.getByLabel('Phone number').fill(newNumber);
    await press(anna, 'Change number');
    await enter(anna, await walk.received(number));
    await sees(anna, 'Enter it to change the number.');
    await enter(anna, await walk.received(newNumber), 'Change number');
    await sees(anna, 'The phone number was changed.');
    await logsInBySms(newNumber);
  });

  test('"Delete number": switched off first, it is deleted, and the password is enough', async () => {
    await openSecurity(bob);
    await follow(bob, /Mobile/);
    await press(bob, 'Remove');
    await isTold(bob, 'This is your last device. Add another one first, or turn off two-factor authentication.');
    await openSecurity(bob);
    await press(bob, 'Turn off');
    await enter(bob, await walk.received(number));
    await sees(bob, 'Two-factor authentication is off.');
    await follow(bob, /Mobile/);
    await press(bob, 'Remove');
    await sees(bob, '“Mobile” was removed.');
    await sees(bob, 'You have no devices yet.');
    const other = await newPage();
    await walk.signIn(other, 'bob');
    expect(await heading(other)).toBe('Welcome, Bob de Wit');
  });

  test('to change the method, the original one has to be deactivated first', async () => {
    await addDevice(anna, { name: 'App', method: 'Authenticator app' });
    await isTold(anna, 'Only one kind of device can be used at a time. Replace the current one, or remove it first.');
    await openSecurity(anna);
    expect(await deviceNames(anna)).toEqual(['Mobile']);
  });

  test('or in one step. OTP: connect device, display the QR code, scan it, verify; until then the number serves', async () => {
    await press(anna, 'Add device');
    await anna.getByLabel('Device name').fill('App');
    await anna.getByRole('radio', { name: 'Authenticator app' }).check();
    await anna.getByLabel('Replaces').selectOption('Mobile');
    await press(anna, 'Add device');
    await enter(anna, await walk.received(newNumber));
    const scanned = await readQr(anna, qrCode(anna));
    // "Choose between scanning the QR code or manually entering the code."
    expect(await typedSecret(anna)).toBe(new URL(scanned).searchParams.get('secret'));
    app = authenticatorApp(scanned);
    await logsInBySms(newNumber);

    await enter(anna, await app.freshCode(), 'Verify device');
    await sees(anna, '“App” is verified. You can now use it to sign in.');
    expect(await deviceNames(anna)).toEqual(['App']);
  });

  test('keep the app on your device: each login asks for a code of it', async () => {
    const sent = await codesSent(newNumber);
    const other = await newPage();
    await walk.signIn(other, 'anna');
    await sees(other, 'The six-digit code that the app on “App” shows now');
    await enter(other, await app.freshCode());
    expect(await heading(other)).toBe('Welcome, Anna Visser');
    await press(other, 'Sign out');
    await walk.signIn(other, 'anna');
    expect(await heading(other)).toBe('Two-factor authentication');
    // Notices aside, nothing is sent to the number any more.
    expect(await codesSent(newNumber)).toBe(sent);
  });
});
