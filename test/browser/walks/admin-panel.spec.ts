import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp, type AuthenticatorApp } from '../../support/authenticator-app.js';
import { describeInBrowser, readQr } from '../../support/browser.js';
import {
  addDevice,
  enter,
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

describeInBrowser('2FA for the Admin Panel', (newPage) => {
  let walk: PanelWalk;
  let page: Page;
  let app: AuthenticatorApp;
  let secret: string;
  beforeAll(async () => {
    walk = await startPanelWalk();
    await walk.applyPreset(newPage, 'admin-panel');
    page = await newPage();
  }, startMs);
  afterAll(() => walk?.stop());

  /** The panel's API, by name and password. */
  const callApi = async (name: string) => {
    const authorization = `Basic ${btoa(`${name}:${walk.password}`)}`;
    const response = await fetch(`${walk.url}/api/websites`, { headers: { authorization } });
    return { status: response.status, body: await response.json() };
  };

  test('log in to the Admin Panel; from the menu, go to Security: the status is Disabled', async () => {
    await walk.signIn(page, 'admin');
    expect(await heading(page)).toBe('Welcome, Administrator');
    await openSecurity(page);
    await sees(page, 'Disabled');
    await sees(page, 'You have no devices yet.');
    expect(await callApi('admin')).toEqual({ status: 200, body: { websites: expect.any(Array) } });
  });

  test('Enabled and Next: the requirements are an app on your phone, and nothing else is offered', async () => {
    await press(page, 'Add device');
    expect(await page.getByRole('radio').count()).toBe(1);
    await page.getByLabel('Device name').fill('Phone');
    await page.getByRole('radio', { name: 'Authenticator app' }).check();
    await press(page, 'Add device');
    await sees(page, /^Finish by /);
  });

  test('scan the QR code, fill in the six-digit code before the token expires, and save', async () => {
    const scanned = await readQr(page, qrCode(page));
    app = authenticatorApp(scanned);
    secret = new URL(scanned).searchParams.get('secret') ?? '';
    expect(secret).toMatch(/^[A-Z2-7]{16,}$/);

    const wrong = String((Number(app.shownOnWrongClock(0)) + 1) % 1_000_000).padStart(6, '0');
    await enter(page, wrong, 'Verify device');
    await isTold(page, 'This code is incorrect. Check it and try again.');
    await enter(page, app.shownOnWrongClock(-4), 'Verify device');
    await isTold(page, 'This code has just expired.');
    // Nothing has changed for anybody until then.
    const other = await newPage();
    await walk.signIn(other, 'admin');
    expect(await heading(other)).toBe('Welcome, Administrator');
    await openSecurity(other);
    await sees(other, 'Disabled');

    await enter(page, await app.freshCode(), 'Verify device');
    await sees(page, '“Phone” is verified. You can now use it to sign in.');
    await page.getByLabel('I have saved the recovery codes').check();
    await press(page, 'Continue');
    await sees(page, 'Enabled');
  });

  test('you log in with user name, password and the code of the app', async () => {
    const other = await newPage();
    await walk.signIn(other, 'admin');
    expect(await heading(other)).toBe('Two-factor authentication');
    await sees(other, 'The six-digit code that the app on “Phone” shows now');
    await enter(other, await app.freshCode());
    expect(await heading(other)).toBe('Welcome, Administrator');
  });

  test('the API login of this account fails; a sub-admin for the API only is let in there, and nowhere else', async () => {
    expect(await callApi('admin')).toEqual({
      status: 403,
      body: {
        error: 'This user has two-factor authentication on and cannot be used for the API. Use an API-only user.',
        reason: 'two_factor_user',
      },
    });
    expect(await callApi('backup')).toEqual({ status: 200, body: { websites: expect.any(Array) } });
    const other = await newPage();
    await walk.signIn(other, 'backup');
    await isTold(other, 'This user is for the API only and cannot sign in here.');
    await other.goto(walk.url);
    expect(await heading(other)).toBe('Sign in');
  });

  test('Disabled: insert the token of your app, and save; a wrong one changes nothing', async () => {
    await openSecurity(page);
    await press(page, 'Turn off');
    expect(await heading(page)).toBe('Confirm that it’s you');
    await sees(page, 'To turn off two-factor authentication.');
    await enter(page, app.shownBefore());
    await isTold(page, 'This code was used before. Wait until your app shows a new one.');
    await enter(page, await app.freshCode());
    // After the confirmation you can delete the entry from your app: the panel knows it no more.
    await sees(page, 'Two-factor authentication is off.');
    await sees(page, 'Disabled');
    await sees(page, 'You have no devices yet.');
    expect((await callApi('admin')).status).toBe(200);
    const other = await newPage();
    await walk.signIn(other, 'admin');
    expect(await heading(other)).toBe('Welcome, Administrator');
  });

  test('enabling again shows a new QR code: what is left of the old entry opens nothing', async () => {
    await addDevice(page, { name: 'Phone', method: 'Authenticator app' });
    const scanned = await readQr(page, qrCode(page));
    expect(await typedSecret(page)).toBe(new URL(scanned).searchParams.get('secret'));
    expect(await typedSecret(page)).not.toBe(secret);
    await enter(page, app.shownOnWrongClock(0), 'Verify device');
    await isTold(page, 'This code is incorrect.');
    await enter(page, await authenticatorApp(scanned).freshCode(), 'Verify device');
    await page.getByLabel('I have saved the recovery codes').check();
    await press(page, 'Continue');
    await sees(page, 'Enabled');
  });
});
