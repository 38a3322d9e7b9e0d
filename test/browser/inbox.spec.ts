import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, expectAccessible, expectNoHorizontalScroll } from '../support/browser.js';
import { startWalk, type Walk } from '../support/walk.js';

describeInBrowser('the inbox', (newPage) => {
  const phone = '+31612345678';
  const mail = 'jane@customer.example';
  const user = '/v1/accounts/acme/users/jane';
  let walk: Walk;
  let inbox: string;
  beforeAll(async () => {
    walk = await startWalk({ code: { resendAfterSeconds: 0 } });
    inbox = walk.quickstart.inboxUrl;
    await walk.call('PUT', '/v1/accounts/acme', {});
    await walk.call('PUT', user, { phone, email: mail });
  });
  afterAll(() => walk?.stop());

  /** An enrolment sends its code at once. @returns the code */
  const sendTo = async (to: string) => {
    const [method, place] = to.startsWith('+') ? ['sms', 'phone'] : ['email', 'email'];
    await walk.expectAnswer(201, walk.call('POST', `${user}/devices`, { method, name: 'Device', [place]: to }));
    return walk.received(to);
  };

  it('says what to do while it is empty, in any colours and widths', async () => {
    const page = await newPage();
    await page.goto(inbox);
    await page.getByText('No SMS yet.').waitFor();
    await page.getByText('No e-mail yet.').waitFor();
    await expectAccessible(page);
    await expectNoHorizontalScroll(page);
  });

  it('shows an SMS and a mail as they come, without a reload', async () => {
    const page = await newPage();
    await page.goto(inbox);
    const status = page.getByRole('status');
    await status.getByText('Live:').waitFor();
    await page.evaluate('globalThis.sameDocument = true');
    const place = await page.getByRole('heading', { name: 'Mailbox' }).boundingBox();

    const first = await sendTo(phone);
    const thread = page.getByRole('region', { name: 'Phone' }).getByRole('article').filter({ hasText: phone });
    await thread.locator('strong', { hasText: first }).waitFor();
    await status.getByText(`New SMS to ${phone}`).waitFor();
    expect(await page.getByText('No SMS yet.').isVisible()).toBe(false);
    // What was there stays where it was.
    expect(await page.getByRole('heading', { name: 'Mailbox' }).boundingBox()).toEqual(place);

    const second = await sendTo(phone);
    await thread.locator('strong', { hasText: second }).waitFor();
    expect(await thread.locator('strong').allTextContents()).toEqual([second, first]);
    const other = await sendTo('+31612345679');
    await page.locator('strong', { hasText: other }).waitFor();
    expect(await page.locator('#sms h3').allTextContents()).toEqual(['+31612345679', phone]);

    const mailed = await sendTo(mail);
    const box = page.getByRole('region', { name: 'Mailbox' }).getByRole('article');
    await box.locator('strong', { hasText: mailed }).waitFor();
    expect(await box.getByRole('heading').textContent()).toContain('code');
    await status.getByText(`New e-mail to ${mail}`).waitFor();
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true);

    await expectAccessible(page);
    await expectNoHorizontalScroll(page);
    // A reload shows the same.
    const shown = await page.getByRole('main').innerText();
    await page.reload();
    expect(await page.getByRole('main').innerText()).toBe(shown);
  });

  it('says when it has no connection, and catches up when it has one', async () => {
    const page = await newPage();
    const events = `${inbox}/events*`;
    await page.route(events, (route) => route.abort('connectionreset'));
    await page.goto(inbox);
    await page.getByRole('status').getByText('No connection').waitFor();
    const missed = [await sendTo(phone), await sendTo(phone)];
    await page.unroute(events);
    await page.locator('strong', { hasText: missed[1] ?? '' }).waitFor();
    const shown = await page.locator('#sms strong').allTextContents();
    expect(shown.slice(0, 2)).toEqual(missed.toReversed());
    expect(new Set(shown).size).toBe(shown.length);
  });

  it('gives its connection back while nobody sees it, and catches up afterwards', async () => {
    const page = await newPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/events')) asked.push(request.url());
    });
    await page.goto(inbox);
    await page.getByRole('status').getByText('Live:').waitFor();
    // A window behind others cannot be had here: the document is told that it is one.
    const become = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }), document.dispatchEvent(new Event('visibilitychange'))`,
      );
    const before = await page.getByRole('main').innerText();
    await become(true);
    const missed = await sendTo(phone);
    expect(await page.getByRole('main').innerText()).toBe(before);
    await become(false);
    await page.locator('strong', { hasText: missed }).waitFor();
    expect(asked).toHaveLength(2);
  });

  it('shows one number or address, by keyboard alone, and live too', async () => {
    const page = await newPage();
    await page.goto(inbox);
    await page.keyboard.press('Tab');
    await page.keyboard.type(mail);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?to=jane%40customer\.example$/);
    await page.getByText('No SMS to').waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
    expect(await page.getByRole('searchbox').inputValue()).toBe(mail);

    await page.getByRole('status').getByText('Live:').waitFor();
    await sendTo(phone);
    const mailed = await sendTo(mail);
    await page.locator('strong', { hasText: mailed }).waitFor();
    expect(await page.locator('#sms article').count()).toBe(0);
    await expectAccessible(page);

    // Field, button, "Show all", and then what is there.
    const focused = () => page.evaluate('document.activeElement.textContent.trim()');
    await page.reload();
    const order: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual(['', 'Show', 'Show all', mail]);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/$/);
    await page.getByRole('link', { name: phone, exact: true }).press('Enter');
    await page.waitForURL(/\?to=%2B31612345678$/);
    expect(await page.locator('#sms h3').allTextContents()).toEqual([phone]);
    expect(await page.locator('#email article').count()).toBe(0);
  });

  it('keeps the focus where it is when a thread moves up', async () => {
    await sendTo(phone);
    await sendTo('+31612345679');
    const page = await newPage();
    await page.goto(inbox);
    await page.getByRole('status').getByText('Live:').waitFor();
    const link = page.getByRole('link', { name: phone, exact: true });
    await link.focus();
    const code = await sendTo(phone);
    await page.locator('#sms > :first-child strong', { hasText: code }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe(phone);
  });

  it('works without JavaScript: it loads itself anew', async () => {
    const page = await newPage({ javaScriptEnabled: false });
    await page.goto(`${inbox}/?to=${encodeURIComponent(phone)}`);
    const code = await sendTo(phone);
    await page.locator('strong', { hasText: code }).waitFor();
    await page.getByRole('searchbox').fill(mail);
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/jane%40/);
    expect(await page.locator('#sms article').count()).toBe(0);
    await expectNoHorizontalScroll(page);
  });
});
