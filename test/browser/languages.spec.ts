import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordsFor as sallyportWordsFor } from '#words';
import { languageNames, wordsOf, type Language } from '../../apps/panel/src/words/words.js';
import { describeInBrowser } from '../support/browser.js';
import { heading, startMs, startPanelWalk, type PanelWalk } from '../support/panel-walk.js';

const languages = Object.keys(languageNames) as Language[];

describeInBrowser('the panel in six languages', (newPage) => {
  const mail = 'anna@harbour.example';
  let walk: PanelWalk;
  beforeAll(async () => {
    walk = await startPanelWalk();
    // One person signs in six times in a row.
    await walk.adjustPolicy({ code: { resendAfterSeconds: 0 } });
    // Codes by mail: whoever uses an app waits for the next code at each login.
    const path = '/v1/accounts/harbour/users/anna/devices';
    const { body } = await walk.call('POST', path, { method: 'email', name: 'Post', email: mail });
    const verified = await walk.call('POST', `/v1/devices/${body.id}/verify`, { code: await walk.received(mail) });
    expect(verified.body.status).toBe('verified');
  }, startMs);
  afterAll(() => walk?.stop());

  test.each(languages)(
    'in %s, as the browser asks for it: sign-in, second step, a refusal, security',
    async (language) => {
      const words = wordsOf(language);
      const page = await newPage({ locale: language });
      const isIn = async (title: string) => {
        expect(await heading(page)).toBe(title);
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
      };
      const press = (name: string) =>
        Promise.all([page.waitForEvent('load'), page.getByRole('button', { name, exact: true }).click()]);

      await page.goto(walk.url);
      await isIn(words.signIn.title);
      await page.getByLabel(words.signIn.name, { exact: true }).fill('anna');
      await page.getByLabel(words.signIn.password, { exact: true }).fill(walk.password);
      await press(words.signIn.submit);

      await isIn(words.secondStep.title);
      await page.getByText(words.secondStep.toSignIn).waitFor();
      const code = await walk.received(mail);
      const field = page.getByLabel(words.secondStep.code, { exact: true });
      await field.fill(String((Number(code) + 1) % 1_000_000).padStart(6, '0'));
      await press(words.secondStep.submit);
      await isIn(words.secondStep.title);
      const refusal = sallyportWordsFor(language).words.refusals.code_invalid;
      expect(await page.getByRole('alert').innerText()).toContain(refusal);
      await field.fill(code);
      await press(words.secondStep.submit);

      await isIn(words.home.welcome('Anna Visser'));
      await page.goto(`${walk.url}/security`);
      await isIn(words.security.title);
      await page.getByText(words.security.on, { exact: true }).waitFor();
    },
  );

  test('an English browser, and one of no language of the panel, is answered in English', async () => {
    for (const locale of ['en-GB', 'fr']) {
      const page = await newPage({ locale });
      await page.goto(walk.url);
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      expect(await heading(page)).toBe(wordsOf('en').signIn.title);
    }
  });

  test('the form at the foot of the page changes the language, and it stays so in every tab', async () => {
    const page = await newPage({ locale: 'en' });
    const tab = await page.context().newPage();
    await page.goto(walk.url);
    let words = wordsOf('en');
    for (const language of languages.toReversed()) {
      const foot = page.getByRole('contentinfo');
      await foot.getByLabel(words.language).selectOption(language);
      await Promise.all([page.waitForEvent('load'), foot.getByRole('button', { name: words.change }).click()]);
      words = wordsOf(language);
      await tab.goto(walk.url);
      for (const shown of [page, tab]) {
        expect(await shown.locator('html').getAttribute('lang')).toBe(language);
        expect(await heading(shown)).toBe(words.signIn.title);
      }
    }
  });
});
