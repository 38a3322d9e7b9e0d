import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp, type AuthenticatorApp } from '../../support/authenticator-app.js';
import { describeInBrowser, virtualAuthenticator } from '../../support/browser.js';
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
  typedSecret,
} from '../../support/panel-walk.js';

describeInBrowser('Enable two-factor authentication (2FA) in the control panel', (newPage) => {
  const mail = 'dora@lighthouse.example';
  const mobile = '+420601123456';
  let walk: PanelWalk;
  /** Dora's computer, with a reader of fingerprints, and her phone, which knows her face. */
  let computer: Page;
  let phone: Page;
  let app: AuthenticatorApp;
  let codes: string[];
  beforeAll(async () => {
    walk = await startPanelWalk();
    await walk.applyPreset(newPage, 'control-panel');
    [computer, phone] = [await newPage(), await newPage()];
    await virtualAuthenticator(computer);
    await virtualAuthenticator(phone);
  }, startMs);
  afterAll(() => walk?.stop());

  const way = (of: Page, name: RegExp) => follow(of, name, of.getByRole('navigation', { name: 'Choose a method' }));
  /** Dora comes to the second step. */
  const comes = async (of: Page) => {
    await walk.signIn(of, 'dora');
    expect(await heading(of)).toBe('Two-factor authentication');
  };
  const isIn = async (of: Page) => expect(await heading(of)).toBe('Welcome, Dora Novák');
  /** The second step by the code of a mail. */
  const confirmByMail = async (of: Page) => {
    await way(of, /^Mail/);
    await press(of, 'Send code');
    await enter(of, await walk.received(mail));
  };

  test('log in, go to the security settings, and choose among app, e-mail, SMS and biometrics', async () => {
    await walk.signIn(computer, 'dora');
    await openSecurity(computer);
    await sees(computer, 'Disabled');
    await press(computer, 'Add device');
    const labels = computer.getByRole('group', { name: 'Verification method' }).locator('label');
    expect((await labels.allInnerTexts()).map((text) => text.trim())).toEqual([
      'Authenticator app',
      'E-mail',
      'SMS',
      'Passkey (fingerprint, face, security key)',
    ]);
  });

  test('save your recovery codes: print or download them, and "I have saved the recovery codes" to continue', async () => {
    await addDevice(computer, { name: 'Phone', method: 'Authenticator app' });
    await sees(computer, 'Save these codes now. They are shown only once.');
    codes = await computer.getByRole('region', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
    expect(new Set(codes).size).toBe(10);
    // The secret of the app comes after them.
    expect(await qrCode(computer).count()).toBe(0);

    const download = computer.waitForEvent('download');
    await computer.getByRole('button', { name: 'Download' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('recovery-codes.txt');
    expect((await readFile(await file.path(), 'utf8')).trim().split('\n')).toEqual(codes);
    await computer.evaluate('globalThis.print = () => { globalThis.printed = true; }');
    await computer.getByRole('button', { name: 'Print' }).click();
    expect(await computer.evaluate('globalThis.printed')).toBe(true);

    await press(computer, 'Continue');
    await sees(computer, 'Save the codes first, then tick this box.');
    expect(await qrCode(computer).count()).toBe(0);
    await computer.getByLabel('I have saved the recovery codes').check();
    await press(computer, 'Continue');
    expect(await computer.getByText(codes[0] ?? '').count()).toBe(0);
  });

  test('enter the code shown in the app, confirm the code that it generates, save: all done', async () => {
    app = authenticatorApp(await typedSecret(computer));
    await sees(computer, /^Finish by /);
    await enter(computer, await app.freshCode(), 'Verify device');
    await sees(computer, '“Phone” is verified. You can now use it to sign in.');
    await sees(computer, 'Enabled');
    await sees(computer, /10 left/);
  });

  test('if you lose access to your device: a recovery code opens the door, once', async () => {
    const other = await newPage();
    await comes(other);
    await way(other, /^Recovery code/);
    await other.getByRole('textbox', { name: 'Recovery code' }).fill(codes[0] ?? '');
    await press(other, 'Verify');
    await isIn(other);
    await sees(other, 'You have 9 recovery codes left.');

    const again = await newPage();
    await comes(again);
    await way(again, /^Recovery code/);
    await again.getByRole('textbox', { name: 'Recovery code' }).fill(codes[0] ?? '');
    await press(again, 'Verify');
    await isTold(again, 'This recovery code is incorrect or was used before.');
  });

  test('e-mail: enter the address, then the one-time code from the inbox', async () => {
    await addDevice(computer, { name: 'Mail', method: 'E-mail', email: mail });
    expect(await heading(computer)).toBe('Confirm that it’s you');
    await enter(computer, await app.freshCode());
    await enter(computer, await walk.received(mail), 'Verify device');
    await sees(computer, '“Mail” is verified. You can now use it to sign in.');

    const other = await newPage();
    await comes(other);
    await confirmByMail(other);
    await isIn(other);
  });

  test('SMS: enter the mobile number, then the one-time code from the phone', async () => {
    await addDevice(computer, { name: 'Mobile', method: 'SMS', phone: mobile });
    await confirmByMail(computer);
    await enter(computer, await walk.received(mobile), 'Verify device');
    await sees(computer, '“Mobile” is verified. You can now use it to sign in.');

    const other = await newPage();
    await comes(other);
    await way(other, /^Mobile/);
    await press(other, 'Send code');
    await enter(other, await walk.received(mobile));
    await isIn(other);
  });

  test('biometrics: the fingerprint is registered, and opens the door the next time', async () => {
    await addDevice(computer, { name: 'Fingerprint', method: 'Passkey' });
    await confirmByMail(computer);
    await sees(computer, 'Your browser asks for your fingerprint, your face or a PIN.');
    await press(computer, 'Create passkey');
    await sees(computer, '“Fingerprint” is verified. You can now use it to sign in.');

    await press(computer, 'Sign out');
    await comes(computer);
    await way(computer, /^Fingerprint/);
    await press(computer, 'Use passkey');
    await isIn(computer);
  });

  test('"it may be tricky to log in from other devices": there another way leads in, and its face is registered too', async () => {
    await comes(phone);
    await confirmByMail(phone);
    await isIn(phone);
    await addDevice(phone, { name: 'Face', method: 'Passkey' });
    await confirmByMail(phone);
    await press(phone, 'Create passkey');
    await sees(phone, '“Face” is verified. You can now use it to sign in.');

    // Each opens the door where it is.
    for (const [place, name] of [
      [phone, /^Face/],
      [computer, /^Fingerprint/],
    ] as const) {
      await press(place, 'Sign out');
      await comes(place);
      await way(place, name);
      await press(place, 'Use passkey');
      await isIn(place);
    }
  });

  test('one of two passkeys is removed: it opens nothing any more, and the other still does', async () => {
    await openSecurity(computer);
    await follow(computer, /Face/);
    await press(computer, 'Remove');
    await sees(computer, 'To remove “Face”.');
    await way(computer, /^Fingerprint/);
    await press(computer, 'Use passkey');
    await sees(computer, '“Face” was removed.');
    expect(await deviceNames(computer)).toEqual(['Phone', 'Mail', 'Mobile', 'Fingerprint']);

    await press(phone, 'Sign out');
    await comes(phone);
    expect(await phone.getByRole('link', { name: /Face/ }).count()).toBe(0);
    await press(computer, 'Sign out');
    await comes(computer);
    await way(computer, /^Fingerprint/);
    await press(computer, 'Use passkey');
    await isIn(computer);
  });
});
