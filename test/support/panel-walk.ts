import { expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { NewPage } from './browser.js';
import { preparedDataDir } from './prepared-data-dir.js';
import { receivedCodes, type ReceivedCodes } from './received-codes.js';
import { panelAccess, startSystem, type Answer, type System } from './system.js';

/** The reference panel that `npm start` runs, and what its people hold in their hands: a browser, a phone, a mailbox. */
export interface PanelWalk extends ReceivedCodes {
  readonly system: System;
  /** The panel itself, without a slash at the end. */
  readonly url: string;
  /** What everyone in the demo has for a password. */
  readonly password: string;
  /** Calls of another of the panel's programs, with the key for people's pages or for the administration. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  adminCall(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** An administrator chooses the rules of the panel, in a browser of their own. */
  applyPreset(newPage: NewPage, preset: string): Promise<void>;
  /** Lays values over the rules in force that the panel's page of rules does not offer. */
  adjustPolicy(values: object): Promise<void>;
  /** Name and password on the sign-in page. What comes then is for the test to see. */
  signIn(page: Page, name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Patience with the start of it all and of a browser, on a machine that does other things too. */
export const startMs = 180_000;

export async function startPanelWalk(): Promise<PanelWalk> {
  const dataDir = await preparedDataDir();
  const system = await startSystem(dataDir.path);
  const url = system.panelUrl;
  const { apiKey, adminApiKey, password } = await panelAccess(system.dataDir);
  const caller =
    (key: string): PanelWalk['call'] =>
    (method, path, body, headers) =>
      system.call(method, path, body, { authorization: `Bearer ${key}`, ...headers });
  const adminCall = caller(adminApiKey);

  const signIn: PanelWalk['signIn'] = async (page, name) => {
    if (new URL(page.url(), url).pathname !== '/sign-in') await page.goto(url);
    await page.getByLabel('Username').fill(name);
    await page.getByLabel('Password').fill(password);
    await press(page, 'Sign in');
  };

  return {
    system,
    url,
    password,
    call: caller(apiKey),
    adminCall,
    async applyPreset(newPage, preset) {
      const page = await newPage();
      await signIn(page, 'admin');
      await follow(page, 'Administration');
      await follow(page, 'Policy');
      await page.getByRole('radio', { name: preset }).check();
      await press(page, 'Save');
      await sees(page, 'The panel now follows this preset.');
      expect(await page.getByRole('radio', { name: preset }).isChecked()).toBe(true);
      await page.context().close();
    },
    async adjustPolicy(values) {
      const { body } = await adminCall('GET', '/v1/policy');
      const changed = await adminCall('PUT', '/v1/policy', { ...body.override, ...values });
      expect(changed.status).toBe(200);
    },
    signIn,
    ...receivedCodes(system),
    async stop() {
      await system.stop();
      await dataDir.remove();
    },
  };
}

/** Does something that leads to another page, and waits until it is there. */
async function leaving(page: Page, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForEvent('load'), act()]);
}

/** Presses a button that sends a form, or that is a link to another page. */
export function press(page: Page, button: string, within: Page | Locator = page): Promise<void> {
  return leaving(page, () => within.getByRole('button', { name: button, exact: true }).click());
}

/** Follows a link; its name may go on, as a device's does. */
export function follow(page: Page, link: string | RegExp, within: Page | Locator = page): Promise<void> {
  return leaving(page, () => within.getByRole('link', { name: link }).click());
}

/** Fills the six digits in and sends them. */
export async function enter(page: Page, code: string, button = 'Verify'): Promise<void> {
  await page.getByLabel('Code', { exact: true }).fill(code);
  await press(page, button);
}

/** Such words are on the page: in one place, and visible. */
export async function sees(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole('main').getByText(text).waitFor();
}

/** The refusal beside the field, or on top of the page. */
export async function isTold(page: Page, ...texts: string[]): Promise<void> {
  const alert = page.getByRole('alert').filter({ visible: true });
  const told = await alert.innerText();
  for (const text of texts) expect(told).toContain(text);
}

/** Heading of the page. */
export function heading(page: Page): Promise<string> {
  return page.getByRole('heading', { level: 1 }).innerText();
}

/** The page "Security", by the head of any page. */
export function openSecurity(page: Page): Promise<void> {
  return follow(page, 'Security', page.getByRole('banner'));
}

/** "Add device": a name, a method, and where codes go to. What comes then is for the test to see. */
export async function addDevice(
  page: Page,
  { name, method, phone, email }: { name: string; method: string; phone?: string; email?: string },
): Promise<void> {
  await openSecurity(page);
  await press(page, 'Add device');
  await page.getByLabel('Device name').fill(name);
  await page.getByRole('radio', { name: method }).check();
  if (phone !== undefined) await page.getByLabel('Phone number').fill(phone);
  if (email !== undefined) await page.getByLabel('E-mail address').fill(email);
  await press(page, 'Add device');
}

/** Names of the devices on the page "Security", in their order. */
export const deviceNames = (page: Page): Promise<string[]> =>
  page.getByRole('main').getByRole('listitem').getByRole('strong').allInnerTexts();

/** Confirms that the recovery codes have been saved, and goes on. */
export async function saveCodes(page: Page): Promise<void> {
  await page.getByLabel('I have saved the recovery codes').check();
  await press(page, 'Continue');
}

/** The secret as one types it into an app. */
export async function typedSecret(page: Page): Promise<string> {
  const line = page.getByText('Or enter this secret in the app');
  return (await line.locator('code').innerText()).replaceAll(' ', '');
}

export const qrCode = (page: Page): Locator => page.getByRole('img', { name: 'QR code for the authenticator app' });
