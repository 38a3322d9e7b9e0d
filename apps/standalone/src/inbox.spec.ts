import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openInbox, type Inbox } from './inbox.js';

describe('the inbox', () => {
  let inbox: Inbox;
  beforeAll(async () => {
    inbox = await openInbox();
  });
  afterAll(() => inbox.stop());

  const send = (channel: 'sms' | 'email', to: string, text: string, subject: string | null = null) =>
    inbox.channel(channel).send({ deliveryId: 'dlv_1', to, subject, text, html: null, expiresAt: new Date() }, idle);
  const idle = new AbortController().signal;
  const messages = async (query = '') =>
    ((await (await fetch(`${inbox.url}/messages${query}`)).json()) as { data: Record<string, string>[] }).data;

  it('shows what would have been sent, newest first, by address', async () => {
    await send('sms', '+31612345678', 'first');
    await send('email', 'a+b@example.org', '<b>second</b>', 'Subject');
    const sent = await send('sms', '+31612345678', 'third');
    expect(sent).toMatchObject({ outcome: 'sent', price: null });

    expect((await messages()).map(({ body }) => body)).toEqual(['third', '<b>second</b>', 'first']);
    // With its plus sign encoded or not.
    expect((await messages('?to=%2B31612345678')).map(({ body }) => body)).toEqual(['third', 'first']);
    expect((await messages('?to=+31612345678')).map(({ body }) => body)).toEqual(['third', 'first']);
    expect(await messages('?to=a%2Bb@example.org')).toMatchObject([{ channel: 'email', subject: 'Subject' }]);
    expect(await messages('?to=nobody')).toEqual([]);
    expect(await (await fetch(inbox.url)).text()).toContain('&lt;b>second');
  });

  it('answers to its own name only', async () => {
    const status = (host: string) =>
      new Promise((done, fail) => {
        get(`${inbox.url}/messages`, { headers: { host } }, (response) => {
          response.resume();
          done(response.statusCode);
        }).on('error', fail);
      });
    const { port } = new URL(inbox.url);
    expect(await status(`localhost:${port}`)).toBe(200);
    expect(await status(`rebound.example:${port}`)).toBe(421);
    expect(await status('127.0.0.1')).toBe(421);
  });

  it('can only be read', async () => {
    expect((await fetch(`${inbox.url}/messages`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${inbox.url}/keys.json`)).status).toBe(404);
  });

  it('keeps the newest ten thousand', async () => {
    for (let n = 0; n < 10_050; n += 1) await send('sms', '+4512345678', `${n}`);
    const all = await messages();
    expect(all).toHaveLength(10_000);
    expect(all[0]).toMatchObject({ body: '10049' });
  });
});
