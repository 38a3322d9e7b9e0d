import { expect, test } from '@jest/globals';
import { virtualAuthenticator } from '../support/browser.js';
import {
  addPhone,
  app,
  describePanel,
  enrolled,
  everything,
  expectGoodPage,
  givePassword,
  giveRecoveryCode,
  passBoth,
  pathOf,
  patience,
  url,
  walk,
} from '../support/panel-in-browser.js';
import { enter } from '../support/panel-walk.js';

describePanel('the panel in a browser', (newPage) => {
  test(
    'every page of a login is good to read, light and dark, on a phone and on a desk',
    async () => {
      await everything();
      const page = await newPage();
      await page.goto(url('/sign-in'));
      await expectGoodPage(page);
      await page.getByLabel('Username').fill('anna');
      await page.getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expectGoodPage(page);
      await givePassword(page, 'anna');
      for (const way of ['App', 'Phone', 'Recovery code']) {
        await page.getByRole('navigation', { name: 'Choose a method' }).getByRole('link', { name: way }).click();
        await expectGoodPage(page);
      }
      await page.getByRole('link', { name: 'App' }).click();
      await enter(page, '000000');
      await expectGoodPage(page);
      await page.getByLabel('Do not ask').check();
      await enter(page, await app.freshCode());
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
      await passBoth(page, 'anna');
      for (const path of ['/security', '/devices/new', '/no-such-page']) {
        await page.goto(url(path));
        await expectGoodPage(page);
      }
      await page.goto(url('/security'));
      await page.getByRole('link', { name: 'Manage “Phone”' }).click();
      await expectGoodPage(page);
      await page.goto(url('/security'));
      await page.getByRole('button', { name: 'Generate new codes' }).click();
      await enter(page, await app.freshCode());
      expect(pathOf(page)).toBe('/recovery-codes');
      await expectGoodPage(page);
      await page.getByRole('button', { name: 'Continue' }).click();
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
      await passBoth(page, 'anna');
      for (const method of ['Authenticator app', 'SMS', 'E-mail', /Passkey/]) {
        await page.goto(url('/devices/new'));
        await page.getByLabel('Device name').fill('Another');
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
      await passBoth(page, 'admin');
      const account = '/administration/accounts/office';
      const own = [account, `${account}/requirement`, `${account}/users/admin`];
      const lists = [
        '/administration',
        '/administration/two-factor',
        '/administration/deliveries',
        '/administration/audit',
        '/administration/policy',
        '/administration/compliance',
      ];
      for (const path of [...own, ...lists]) {
        await page.goto(url(path));
        expect(pathOf(page)).toBe(path);
        await expectGoodPage(page);
      }
    },
    patience,
  );

  test(
    'the administration shows who has no second factor, and how many they are',
    async () => {
      await enrolled('admin');
      const page = await newPage();
      await passBoth(page, 'admin');
      const table = page.getByRole('table');
      await page.goto(url('/administration/two-factor'));
      const off = await table.getByRole('row').count();
      await page.getByRole('link', { name: `Disabled (${off - 1})`, exact: true }).waitFor();
      expect(await table.getByRole('link', { name: 'Office administrator' }).count()).toBe(0);
      await page.getByRole('link', { name: /^Enabled \(\d+\)$/ }).click();
      await table.locator('a[href$="/users/admin"]').waitFor();
      await page.getByRole('link', { name: /^API only \(\d+\)$/ }).click();
      await page.locator('[aria-current=page]', { hasText: 'API only' }).waitFor();
      expect(await table.locator('a[href$="/users/admin"]').count()).toBe(0);
    },
    patience,
  );

  test(
    'the administration shows how rules are kept, and hands out the signed report',
    async () => {
      await enrolled('admin');
      const page = await newPage();
      await passBoth(page, 'admin');
      await page.goto(url('/administration/compliance?profile=nis2'));
      await page.getByRole('row', { name: /^Everybody has a second factor Not kept/ }).waitFor();
      await page.getByRole('row', { name: /^A code is accepted once Kept/ }).waitFor();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download the signed report' }).click(),
      ]);
      expect(file.suggestedFilename()).toBe('compliance-nis2.json');
    },
    patience,
  );

  test('the back button shows nothing after one has left', async () => {
    const page = await newPage();
    await passBoth(page, 'anna');
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
    await passBoth(page, 'anna');
    await page.goBack();
    expect(pathOf(page)).toBe('/');
  });

  test('a second tab waits at the same door, and is let in with the first', async () => {
    const page = await newPage();
    await givePassword(page, 'anna');
    const tab = await page.context().newPage();
    await tab.goto(url('/security'));
    expect(pathOf(tab)).toBe('/second-step');
    await enter(page, await app.freshCode());
    await tab.goto(url('/security'));
    expect(pathOf(tab)).toBe('/security');
    // What the first tab does, holds for the second.
    await page.getByRole('button', { name: 'Sign out' }).click();
    await tab.reload();
    expect(pathOf(tab)).toBe('/sign-in');
  });

  test('without JavaScript: in by SMS, with another code asked for', async () => {
    await walk.adminCall('PUT', '/v1/policy', { code: { resendAfterSeconds: 0 } });
    await addPhone('anna', '+31612345602');
    const page = await newPage({ javaScriptEnabled: false });
    await givePassword(page, 'anna');
    await page.getByRole('link', { name: 'Phone' }).click();
    await page.getByRole('button', { name: 'Send code' }).click();
    const first = await walk.received('+31612345602');
    await page.getByRole('button', { name: 'Resend code' }).click();
    const second = await walk.received('+31612345602');
    // While it is alive, another SMS repeats the same code.
    expect(second).toBe(first);
    await enter(page, second);
    expect(pathOf(page)).toBe('/');
  });

  test('by keyboard alone, and with what phones look for in the field of a code', async () => {
    const page = await newPage();
    await page.goto(url('/sign-in'));
    // The field takes the focus with the first picture of the page, and nobody types before that.
    await page.locator('[name=name]:focus').waitFor();
    await page.keyboard.type('anna');
    await page.keyboard.press('Tab');
    await page.keyboard.type(walk.password);
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
    await walk.adminCall('PUT', '/v1/policy', { code: { resendAfterSeconds: 8 } });
    await addPhone('anna', '+31612345603');
    const page = await newPage();
    await givePassword(page, 'anna');
    await page.getByRole('link', { name: 'Phone' }).click();
    await page.getByRole('button', { name: 'Send code' }).click();
    await walk.received('+31612345603');
    const waiting = page.getByRole('button', { name: /Resend code \([1-8] s\)/ });
    expect(await waiting.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Resend code' }).click();
    await walk.received('+31612345603');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('a browser that is trusted is asked no more, until it is revoked', async () => {
    await walk.adminCall('PUT', '/v1/policy', { trustedBrowser: { allowed: true } });
    const page = await newPage();
    await givePassword(page, 'anna');
    await page.getByLabel('Do not ask').check();
    await enter(page, await app.freshCode());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await givePassword(page, 'anna');
    expect(pathOf(page)).toBe('/');
    await page.goto(url('/trusted-browsers'));
    expect(await page.getByRole('listitem').filter({ hasText: 'Chrome' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await givePassword(page, 'anna');
    expect(pathOf(page)).toBe('/second-step');
  });
});
