import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp, type AuthenticatorApp } from '../../support/authenticator-app.js';
import { describeInBrowser, readQr } from '../../support/browser.js';
import {
  addDevice,
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

/** Anna's company, Harbour Supplies, requires it; Dora's, Lighthouse Inn, leaves it to her. */
describeInBrowser('Activate 2FA in your user card', (newPage) => {
  const wrongNumber = '+420601123455';
  const number = '+420601123456';
  const newNumber = '+420601123457';
  let walk: PanelWalk;
  let administrator: Page;
  let anna: Page;
  let dora: Page;
  let annasApp: AuthenticatorApp;
  beforeAll(async () => {
    walk = await startPanelWalk();
    await walk.applyPreset(newPage, 'user-card');
    // Nobody waits half a minute for another code in a test.
    await walk.adjustPolicy({ code: { resendAfterSeconds: 1 } });
    [administrator, anna, dora] = [await newPage(), await newPage(), await newPage()];
    await walk.signIn(administrator, 'admin');
  }, startMs);
  afterAll(() => walk?.stop());

  const company = async (name: string) => {
    await follow(administrator, 'Administration', administrator.getByRole('banner'));
    await follow(administrator, name);
  };
  /** @param day as in 2026-12-01; empty for at once */
  const requireFrom = async (day: string) => {
    await company('Harbour Supplies');
    await follow(administrator, 'Requirement');
    await administrator.getByLabel('Require two-factor authentication').check();
    await administrator.getByLabel('From this date').fill(day);
    await press(administrator, 'Save');
    await sees(administrator, 'The requirement was saved.');
  };

  test('for some companies there is a requirement: from a date on, and until then people are reminded', async () => {
    const inTwoDays = new Date(Date.now() + 2 * 86_400_000);
    await requireFrom(inTwoDays.toISOString().slice(0, 10));
    await walk.signIn(anna, 'anna');
    expect(await heading(anna)).toBe('Welcome, Anna Visser');
    const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(inTwoDays);
    await sees(anna, `Your company requires two-factor authentication from ${date}.`);
    await openSecurity(anna);
    await sees(anna, `Your company requires it from ${date}.`);
    // The others leave it to the user.
    await walk.signIn(dora, 'dora');
    expect(await heading(dora)).toBe('Welcome, Dora Novák');
    await openSecurity(dora);
    expect(await dora.getByText('Your company requires it').count()).toBe(0);
  });

  test('required at once: it is set up during the login, and no page is reached before', async () => {
    await requireFrom('');
    await press(anna, 'Sign out');
    await walk.signIn(anna, 'anna');
    expect(await heading(anna)).toBe('Set up two-factor authentication');
    await sees(anna, 'Your company requires two-factor authentication. Add a device to continue.');
    await anna.goto(`${walk.url}/security`);
    expect(await heading(anna)).toBe('Set up two-factor authentication');
  });

  test('Google Authenticator: either scan the QR code or manually enter the code, which is the same', async () => {
    await anna.getByLabel('Device name').fill('App');
    await anna.getByRole('radio', { name: 'Authenticator app' }).check();
    await press(anna, 'Add device');
    const secret = await typedSecret(anna);
    expect(new URL(await readQr(anna, qrCode(anna))).searchParams.get('secret')).toBe(secret);
    annasApp = authenticatorApp(secret);
    // Enter the code, and press Verify.
    await enter(anna, await annasApp.freshCode(), 'Verify device');
    await sees(anna, '“App” is verified. You can now use it to sign in.');
    await saveCodes(anna);
    await anna.goto(walk.url);
    expect(await heading(anna)).toBe('Welcome, Anna Visser');
  });

  test('you only have to do this once: the next time it is the password, and then the code', async () => {
    const other = await newPage();
    await walk.signIn(other, 'anna');
    expect(await heading(other)).toBe('Two-factor authentication');
    // "The code from my app is not approved": a new one has to come first.
    await enter(other, annasApp.shownBefore());
    await isTold(other, 'Wait until your app shows a new one.');
    await enter(other, await annasApp.freshCode());
    expect(await heading(other)).toBe('Welcome, Anna Visser');
  });

  test('"the phone number shown is wrong": begin again with the right one', async () => {
    await addDevice(dora, { name: 'Mobile', method: 'SMS', phone: wrongNumber });
    await sees(dora, 'Enter the code that was sent to');
    await press(dora, 'Cancel');
    await openSecurity(dora);
    await sees(dora, 'You have no devices yet.');
    // Left empty, it is the number of the user card.
    await addDevice(dora, { name: 'Mobile', method: 'SMS' });
    await sees(dora, /^Enter the code that was sent to .*56$/);
  });

  test('SMS: send the code, enter it, and press Verify; "I\'m not receiving any": refresh, and send it again', async () => {
    await walk.received(number);
    await dora.reload();
    await press(dora, 'Resend code');
    await enter(dora, await walk.received(number), 'Verify device');
    await sees(dora, '“Mobile” is verified. You can now use it to sign in.');
    await saveCodes(dora);
    await sees(dora, 'Enabled');
  });

  /** Dora signs in elsewhere, by the code that comes to a number. */
  const signsInBySms = async (to: string) => {
    const other = await newPage();
    await walk.signIn(other, 'dora');
    expect(await heading(other)).toBe('Two-factor authentication');
    await enter(other, await walk.received(to));
    expect(await heading(other)).toBe('Welcome, Dora Novák');
  };

  test('the next time you log in, an SMS arrives, and its code is asked for', () => signsInBySms(number));

  test('"have you changed your mobile number?": it has to be verified again, and the old one serves until then', async () => {
    const card = { displayName: 'Dora Novák', phone: newNumber };
    expect((await walk.call('PUT', '/v1/accounts/lighthouse/users/dora', card)).status).toBe(200);
    await openSecurity(dora);
    await sees(dora, 'This is not the number in your profile.');
    await follow(dora, /Mobile/);
    await dora.getByLabel('Phone number').fill(newNumber);
    await press(dora, 'Change number');
    await sees(dora, 'To change the phone number.');
    await enter(dora, await walk.received(number));
    await sees(dora, 'Enter it to change the number.');

    await signsInBySms(number);

    await enter(dora, await walk.received(newNumber), 'Change number');
    await sees(dora, 'The phone number was changed.');
    expect(await dora.getByText('This is not the number in your profile.').count()).toBe(0);
    await signsInBySms(newNumber);
  });

  test('"I don\'t want 2FA any more": there is no button for it, and the only device cannot be removed', async () => {
    await openSecurity(dora);
    await sees(dora, 'Only an administrator can turn it off for you.');
    expect(await dora.getByRole('button', { name: 'Turn off' }).count()).toBe(0);
    await follow(dora, /Mobile/);
    await press(dora, 'Remove');
    await isTold(dora, 'This is your last device.');
    await openSecurity(dora);
    await sees(dora, 'Enabled');
  });

  test('reach out to your administrator, who turns it off; and the user is told by mail', async () => {
    await company('Lighthouse Inn');
    await follow(administrator, 'Dora Novák');
    await administrator.getByLabel('Reason').fill('Asked for by telephone');
    await press(administrator, 'Reset two-factor authentication');
    await sees(administrator, 'Two-factor authentication of this user was reset.');

    const told = async () =>
      (await walk.system.messages('dora@lighthouse.example')).find(({ subject }) =>
        subject?.includes('two-factor authentication was reset'),
      );
    let mail = await told();
    for (; !mail; mail = await told()) await sleep(100);
    expect(mail.body).toContain('An administrator has reset two-factor authentication for your account');
    const other = await newPage();
    await walk.signIn(other, 'dora');
    expect(await heading(other)).toBe('Welcome, Dora Novák');
  });

  test('where the company requires it, that only means setting it up anew', async () => {
    await company('Harbour Supplies');
    await follow(administrator, 'Anna Visser');
    await administrator.getByLabel('Reason').fill('Lost the phone');
    await press(administrator, 'Reset two-factor authentication');
    await sees(administrator, 'Two-factor authentication of this user was reset.');
    const other = await newPage();
    await walk.signIn(other, 'anna');
    expect(await heading(other)).toBe('Set up two-factor authentication');
  });
});
