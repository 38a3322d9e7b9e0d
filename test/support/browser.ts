import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest } from '@jest/globals';
import jsQR from 'jsqr';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { oathtoolIsHere } from './authenticator-app.js';

export interface PageOptions {
  /** As in `nl`: what the browser asks for by Accept-Language. */
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly javaScriptEnabled?: boolean;
}

/** Opens a page in a context of its own: no cookie of another. `page.context().newPage()` is a second tab beside it. */
export type NewPage = (options?: PageOptions) => Promise<Page>;

/**
 * A suite in a real Chromium, one process a file. Pages opened in a test end with it, those opened in `beforeAll` with
 * the suite. A test fails where a script has thrown or the console shows an error: a breach of the page's
 * Content-Security-Policy is seen nowhere else. Where there is no Chromium the suite is skipped and says so; where CI
 * is set it fails.
 */
export function describeInBrowser(name: string, suite: (newPage: NewPage) => void): void {
  const executablePath = findChromium();
  const orSkip = isPossible(executablePath) ? describe : describe.skip;
  orSkip(name, () => {
    // A browser beside a whole system is slow where cores are few, and nothing is proved by giving up early.
    jest.setTimeout(180_000);
    let browser: Browser;
    let inTest = false;
    const ofTest: BrowserContext[] = [];
    const complaints: string[] = [];
    beforeAll(async () => {
      const args = ['--no-sandbox', '--disable-background-networking'];
      browser = await chromium.launch({ executablePath: executablePath ?? '', args });
    });
    beforeEach(() => {
      inTest = true;
    });
    afterEach(async () => {
      inTest = false;
      await Promise.all(ofTest.splice(0).map((context) => context.close()));
      expect(complaints.splice(0)).toEqual([]);
    });
    afterAll(() => browser.close());

    suite(async (options = {}) => {
      // Twice as fine as a plain screen, as on a phone: QR codes are read from the picture. Nothing fades in before axe.
      const context = await browser.newContext({ deviceScaleFactor: 2, reducedMotion: 'reduce', ...options });
      context.setDefaultTimeout(90_000);
      if (inTest) ofTest.push(context);
      context.on('weberror', (error) => complaints.push(String(error.error())));
      context.on('console', (message) => {
        // An answer that refuses is no fault of the page, nor is a line that a test has cut.
        const ofNetwork = message.text().startsWith('Failed to load resource: ');
        if (message.type() === 'error' && !ofNetwork) complaints.push(message.text());
      });
      return context.newPage();
    });
  });
}

/** CHROMIUM, or what is on the PATH. */
function findChromium(): string | undefined {
  const wanted = process.env['CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const paths = wanted ? [wanted] : names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Says what is missing, so that a skipped suite has a printed reason. */
function isPossible(executablePath: string | undefined): boolean {
  const missing = [
    ...(executablePath === undefined ? ['no Chromium on the PATH or in CHROMIUM (apt-get install chromium)'] : []),
    ...(oathtoolIsHere() ? [] : ['no oathtool on the PATH (apt-get install oathtool)']),
  ];
  if (missing.length === 0) return true;
  const ci = process.env['CI'] ?? '';
  if (ci !== '' && ci !== 'false') throw new Error(`Browser tests cannot run: ${missing.join(', ')}.`);
  process.stderr.write(`Browser tests are skipped: ${missing.join(', ')}.\n`);
  return false;
}

/**
 * Text of a QR code as one reads it off the screen, from a screenshot. Dark modules on a light ground only: not every
 * app reads the inverse.
 */
export async function readQr(page: Page, locator: Locator): Promise<string> {
  await locator.scrollIntoViewIfNeeded();
  const box = await locator.boundingBox();
  if (!box) throw new Error('The QR code is not visible.');
  // With what is around it: there has to be a quiet zone, and a camera sees more than the code.
  const margin = 16;
  const [x, y] = [Math.max(0, box.x - margin), Math.max(0, box.y - margin)];
  const clip = { x, y, width: box.x + box.width + margin - x, height: box.y + box.height + margin - y };
  const { data, width, height } = PNG.sync.read(await page.screenshot({ clip }));
  const found = jsQR.default(new Uint8ClampedArray(data), width, height, { inversionAttempts: 'dontInvert' });
  if (!found) throw new Error(`No QR code can be read in ${width} × ${height} pixels.`);
  return found.data;
}

/** axe finds nothing serious or critical, neither in light nor in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  const before = (await page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')) ? 'dark' : 'light';
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, impact, help, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      const places = nodes.map(({ target, failureSummary = '' }) => `\n  ${target.join(' ')}: ${failureSummary}`);
      found.push(`${colorScheme}: ${id} (${help})${places.join('')}`);
    }
  }
  await page.emulateMedia({ colorScheme: before });
  if (found.length > 0) throw new Error(`Not accessible: ${page.url()}\n${found.join('\n')}`);
}

/** What sticks out to the right, for the message. */
const stickingOut = `[...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map((element) => element.cloneNode().outerHTML)`;

/** Neither on a phone nor on a desk: nothing is wider than the window. Leaves the page at 1280 px. */
export async function expectNoHorizontalScroll(page: Page): Promise<void> {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const excess = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (excess === 0) continue;
    const elements = await page.evaluate<string[]>(stickingOut);
    throw new Error(`At ${width} px, ${excess} px stick out: ${page.url()}\n${elements.join('\n')}`);
  }
}

export interface VirtualAuthenticator {
  /** What it holds; ids in base 64. */
  credentials(): Promise<{ readonly credentialId: string; readonly rpId?: string; readonly signCount: number }[]>;
  /** As one who deletes the passkey from the device. */
  removeCredential(credentialId: string): Promise<void>;
  /** Takes the authenticator itself away. */
  remove(): Promise<void>;
}

/** A platform authenticator with passkeys that verifies its user without asking, in this one page. */
export async function virtualAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  return {
    credentials: async () => (await client.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    removeCredential: async (credentialId) =>
      void (await client.send('WebAuthn.removeCredential', { authenticatorId, credentialId })),
    remove: async () => void (await client.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })),
  };
}
