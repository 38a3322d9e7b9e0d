import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser } from '../support/browser.js';
import { startSystem, temporaryDataDir, type System } from '../support/system.js';

/** A breach of its Content-Security-Policy is an error on the console, and so fails the test. */
describeInBrowser('the page that shows the API', (newPage) => {
  let folder: Awaited<ReturnType<typeof temporaryDataDir>>;
  let system: System;
  beforeAll(async () => {
    folder = await temporaryDataDir();
    system = await startSystem(folder.path);
  });
  afterAll(async () => {
    await system?.stop();
    await folder?.remove();
  });

  it.each(['', '/'])('works under its policy, at /docs%s, and asks nobody else', async (end) => {
    const page = await newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await page.goto(`${system.docsUrl}${end}`);
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    const dialog = page.locator('.modal-ux');
    await dialog.getByRole('textbox').fill(system.apiKey);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    const call = page.locator('#operations-accounts-Accounts_list');
    await call.locator('.opblock-summary-control').click();
    await call.getByRole('button', { name: 'Try it out' }).click();
    await call.getByRole('button', { name: 'Execute' }).click();
    await call.getByText('"nextCursor": null').first().waitFor();
    // Its style is applied: nothing of it was blocked.
    expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('0px');
    const own = new Set(asked.filter((origin) => origin !== 'null'));
    expect(own).toEqual(new Set([new URL(system.docsUrl).origin]));
  });
});
