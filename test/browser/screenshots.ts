import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { answerHelp } from '../../scripts/answer-help.ts';
import { authenticatorApp } from '../support/authenticator-app.ts';
import { panelAccess, startSystem, temporaryDataDir } from '../support/system.ts';

/**
 * `npm run screenshots`: makes the pictures of the README from what runs, by walking through it. Chromium from CHROMIUM,
 * else `/usr/bin/chromium`.
 */
answerHelp('npm run screenshots: makes the pictures of the README. CHROMIUM names the browser.');

const target = join(import.meta.dirname, '../../docs/screenshots');
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

const folder = await temporaryDataDir();
const system = await startSystem(folder.path);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
try {
  await mkdir(target, { recursive: true });
  const { password } = await panelAccess(folder.path);
  const open = async (colorScheme: 'light' | 'dark', width: number, height: number) =>
    (await browser.newContext({ colorScheme, viewport: { width, height }, reducedMotion: 'reduce' })).newPage();
  const shot = async (page: Page, name: string) => {
    // A cursor that blinks would make each picture another one.
    const path = join(target, `${name}.png`);
    await page.screenshot({ path, caret: 'hide' });
    process.stderr.write(`${relative(process.cwd(), path)}\n`);
  };
  const signIn = async (page: Page) => {
    await page.goto(system.panelUrl);
    await page.getByLabel('Username').fill('anna');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  const desk = await open('light', 1000, 760);
  await signIn(desk);
  await desk.goto(new URL('/devices/new', system.panelUrl).href);
  await desk.getByLabel('Device name').fill('Anna’s phone');
  await desk.getByRole('button', { name: 'Add device' }).click();
  await shot(desk, 'add-device');
  const app = authenticatorApp((await desk.locator('.secret').innerText()).replaceAll(' ', ''));
  await desk.getByLabel('Code', { exact: true }).fill(await app.freshCode());
  await desk.getByRole('button', { name: 'Verify device' }).click();
  await desk.getByLabel('I have saved').check();
  await desk.getByRole('button', { name: 'Continue' }).click();

  await desk.goto(new URL('/devices/new', system.panelUrl).href);
  await desk.getByLabel('Device name').fill('SMS to Bob');
  await desk.getByRole('radio', { name: 'SMS' }).check();
  await desk.getByRole('button', { name: 'Add device' }).click();
  await desk.getByLabel('Code', { exact: true }).fill(await app.freshCode());
  await desk.getByRole('button', { name: 'Verify' }).click();
  let sent;
  while (!sent) [sent] = await system.messages('+31612345601');
  await desk.getByLabel('Code', { exact: true }).fill(sent.body.slice(0, 6));
  await desk.getByRole('button', { name: 'Verify device' }).click();
  await shot(desk, 'security');

  const phone = await open('dark', 390, 760);
  await signIn(phone);
  await phone.getByRole('link', { name: 'SMS to Bob' }).click();
  await phone.getByRole('button', { name: 'Send code' }).click();
  await shot(phone, 'second-step');

  const inbox = await open('light', 1000, 600);
  await inbox.goto(system.inboxUrl);
  await shot(inbox, 'inbox');
} finally {
  await browser.close();
  await system.stop();
  await folder.remove();
}
