import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp, type AuthenticatorApp } from './authenticator-app.js';
import { describeInBrowser, expectAccessible, expectNoHorizontalScroll, type NewPage } from './browser.js';
import { enter, startMs, startPanelWalk, type PanelWalk } from './panel-walk.js';

/** The panel in a browser, with anna before its door, for each file that imports this. */

export let walk: PanelWalk;
/** Of the person who was enrolled last. */
export let app: AuthenticatorApp;
export let recoveryCodes: string[];

/** axe looks at each page twice, and at its own pace. */
export const patience = 180_000;

/** A suite before whose every test anna has an authenticator app and nothing else, and the policy is that of the start. */
export function describePanel(name: string, suite: (newPage: NewPage) => void): void {
  describeInBrowser(name, (newPage) => {
    beforeAll(async () => {
      walk = await startPanelWalk();
    }, startMs);
    afterAll(() => walk?.stop());
    beforeEach(async () => {
      await walk.adminCall('PUT', '/v1/policy', {});
      await enrolled('anna');
    });
    suite(newPage);
  });
}

export const userOf = (name: string) => `/v1/accounts/${name === 'admin' ? 'office' : 'harbour'}/users/${name}`;

/** Someone who has an authenticator app and nothing else, as before each test. */
export async function enrolled(name: string): Promise<void> {
  await walk.adminCall('POST', `${userOf(name)}/two-factor/reset`, { reason: 'A test begins.' });
  const { id, totp } = (await walk.adminCall('POST', `${userOf(name)}/devices`, { method: 'totp', name: 'App' })).body;
  app = authenticatorApp(totp.uri);
  const verified = await walk.adminCall('POST', `/v1/devices/${id}/verify`, { code: await app.freshCode() });
  expect(verified.status).toBe(200);
  recoveryCodes = verified.body.recoveryCodes;
}

/** A phone beside it, proved by its code. */
export async function addPhone(name: string, phone: string): Promise<void> {
  const asked = { accountId: 'harbour', userId: name, purpose: 'add_device' };
  const { challenge } = (await walk.adminCall('POST', '/v1/challenges', asked)).body;
  const verify = `/v1/challenges/${challenge.id}/verify`;
  const { proof } = (await walk.adminCall('POST', verify, { recoveryCode: recoveryCodes.pop() })).body;
  const device = { method: 'sms', name: 'Phone', phone };
  const made = await walk.adminCall('POST', `${userOf(name)}/devices`, device, { 'sallyport-proof': proof });
  expect(made.status).toBe(201);
  const code = await walk.received(phone);
  expect((await walk.adminCall('POST', `/v1/devices/${made.body.id}/verify`, { code })).status).toBe(200);
}

/** Of a page of the panel. */
export const url = (path: string) => new URL(path, walk.url).href;
export const pathOf = (page: Page) => new URL(page.url()).pathname;

/** Signs in with the password; the second step is next. */
export async function givePassword(page: Page, name: string): Promise<void> {
  await page.goto(url('/sign-in'));
  await walk.signIn(page, name);
}

/** Signs in with the password and a code. */
export async function passBoth(page: Page, name: string): Promise<void> {
  await givePassword(page, name);
  await enter(page, await app.freshCode());
  expect(pathOf(page)).toBe('/');
}

/** It can be read by everybody, on a phone and on a desk. */
export async function expectGoodPage(page: Page): Promise<void> {
  await expectAccessible(page);
  await expectNoHorizontalScroll(page);
}

/** Every method, and browsers that may be trusted. */
export async function everything(): Promise<void> {
  await walk.adminCall('PUT', '/v1/policy', {
    methods: { allowed: ['totp', 'sms', 'email', 'webauthn'] },
    trustedBrowser: { allowed: true },
    webauthn: { rpId: 'localhost', origins: [walk.url] },
  });
  await addPhone('anna', '+31612345601');
}

/** At the second step, by one of the codes that were saved. */
export async function giveRecoveryCode(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Recovery code' }).click();
  await page.getByLabel('Recovery code').fill(recoveryCodes.pop() ?? '');
  await page.getByRole('button', { name: 'Verify' }).click();
}
