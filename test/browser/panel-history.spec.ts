import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authenticatorApp } from '../support/authenticator-app.js';
import { describeInBrowser, expectAccessible, expectNoHorizontalScroll } from '../support/browser.js';
import { AuditorsProject } from '../support/offline-verifier.js';
import { enter, follow, startMs, startPanelWalk, type PanelWalk } from '../support/panel-walk.js';

describeInBrowser('what happened to my second factor', (newPage) => {
  let walk: PanelWalk;
  let project: AuditorsProject;
  beforeAll(async () => {
    walk = await startPanelWalk();
    project = await AuditorsProject.open();
    const root = join(import.meta.dirname, '../..');
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const source = join(root, 'libs/audit-log');
    await promisify(execFile)(process.execPath, [compiler, '-p', source, '--outDir', project.package]);
  }, startMs);
  afterAll(async () => {
    await walk?.stop();
    await project?.remove();
  });

  /** Someone with an authenticator app, signed in. */
  async function signedIn(name: string): Promise<Page> {
    const user = `/v1/accounts/harbour/users/${name}`;
    await walk.adminCall('POST', `${user}/two-factor/reset`, { reason: 'A test begins.' });
    const made = await walk.adminCall('POST', `${user}/devices`, { method: 'totp', name: `Phone of ${name}` });
    const app = authenticatorApp(made.body.totp.uri);
    const verify = `/v1/devices/${made.body.id}/verify`;
    expect((await walk.adminCall('POST', verify, { code: await app.freshCode() })).status).toBe(200);
    const page = await newPage();
    await page.goto(walk.url);
    await walk.signIn(page, name);
    await enter(page, await app.freshCode());
    return page;
  }

  async function saved(page: Page, name: string): Promise<string> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name, exact: true }).click(),
    ]);
    return readFile(await download.path(), 'utf8');
  }

  test('people see it, save it, and a verifier without Sallyport finds it good', async () => {
    const bob = await signedIn('bob');
    await bob.close();
    const page = await signedIn('anna');
    await follow(page, 'Security');
    await follow(page, 'What happened to my second factor');
    const listed = page.getByRole('listitem');
    const passed = listed.filter({ hasText: 'Second step passed' }).filter({ hasText: 'Sign-in' });
    // It is sealed and signed within some seconds.
    for (const until = Date.now() + 60_000; ; await page.reload()) {
      const unsigned = await page.getByText('Not signed yet').count();
      if (unsigned === 0 && (await passed.count()) > 0) break;
      expect(Date.now()).toBeLessThan(until);
    }
    expect(await listed.filter({ hasText: 'Device added' }).filter({ hasText: 'Phone of anna' }).count()).toBe(1);
    expect(await listed.filter({ hasText: 'Second step started' }).first().textContent()).toContain('from 127.0.0.1');
    expect(await page.getByText('Phone of bob').count()).toBe(0);
    await expectAccessible(page);
    await expectNoHorizontalScroll(page);
    const shown = await listed.filter({ has: page.locator('time') }).count();

    const file = await saved(page, 'Download');
    const keys = await saved(page, 'Download public keys');
    expect(file).toContain('· Device added · Phone of anna');
    const verified = await project.verify([
      '--proof',
      await project.file(file),
      '--keys',
      await project.file(keys),
      '--json',
    ]);
    expect(verified).toMatchObject({ status: 0, stderr: '' });
    const { proofs } = JSON.parse(verified.stdout) as { proofs: { event: { userId: string; type: string } }[] };
    expect(proofs.length).toBeGreaterThanOrEqual(shown);
    expect(new Set(proofs.map(({ event }) => event.userId))).toEqual(new Set(['anna']));
    expect(proofs.map(({ event }) => event.type)).toContain('challenge.approved');

    const changed = file.replace(/^index (\d+)$/m, (_, index: string) => `index ${Number(index) + 1}`);
    const bad = await project.verify(['--proof', await project.file(changed), '--keys', await project.file(keys)]);
    expect(bad).toMatchObject({ status: 1, stdout: expect.stringContaining('(inclusion_wrong)') });
  }, 180_000);
});
