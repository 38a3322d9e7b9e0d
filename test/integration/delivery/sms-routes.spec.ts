import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { httpChannel } from '../../../apps/sms-worker/src/http-channel.js';
import { twilioChannel } from '../../../apps/sms-worker/src/twilio-channel.js';
import type { DeliveryChannel } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { startHttpSender, type HttpSender } from '../../support/http-sender.js';
import {
  attempts,
  logged,
  logger,
  makeDue,
  newDelivery,
  number,
  row,
  sealer,
  sms,
  smsOf,
  store,
} from '../../support/sent-deliveries.js';
import { startTwilioServer, type TwilioAnswer, type TwilioServer } from '../../support/twilio-server.js';

let own: HttpSender;
let twilio: TwilioServer;
let http: DeliveryChannel;
let byTwilio: DeliveryChannel;

beforeAll(async () => {
  own = await startHttpSender();
  twilio = await startTwilioServer();
  http = httpChannel({ url: own.url, secret: own.secret });
  byTwilio = twilioChannel({ ...twilio.credentials, from: '+15005550006', host: twilio.host });
});
afterEach(() => {
  own.answer = undefined;
  twilio.answer = undefined;
});
afterAll(async () => {
  http.close?.();
  await own.close();
  await twilio.close();
});

/** A delivery by one route, whose answer is waited for as long as a test has. */
async function sendBy(channel: DeliveryChannel, waitMs = 15_000) {
  const { id } = await newDelivery();
  const deliverer = new Deliverer({
    database: store.database,
    sealer,
    routes: new RouteTable([channel]),
    logger,
    waitMs,
  });
  const again = await deliverer.deliver(id);
  const { status, error, reference } = await row(id);
  return { id, again, status, error, reference };
}

/** A route that fails, before one that is Vonage. */
async function fallBack(channel: DeliveryChannel) {
  const { id } = await newDelivery();
  const routes = new RouteTable([channel, sms]);
  const deliverer = new Deliverer({ database: store.database, sealer, routes, logger, waitMs: 15_000 });
  await deliverer.deliver(id);
  await store.database.query(makeDue, { id });
  await deliverer.deliver(id);
  return { id };
}

describe('a sender of the operator', () => {
  test('is asked once, signed, and told all that it needs; a repeat has the same id', async () => {
    const { id, ...sent } = await sendBy(http);
    expect(sent).toMatchObject({ status: 'sent', reference: 'own-1', error: null });
    expect(await attempts(id)).toMatchObject([{ provider: 'http', outcome: 'sent', price: '0.0450' }]);
    const [asked, ...more] = own.asked.filter(({ body }) => body.deliveryId === id);
    expect(more).toEqual([]);
    expect(asked).toMatchObject({
      id,
      body: { to: number, kind: 'code', country: 'NL', text: expect.stringContaining('048213') },
    });
    expect(Object.keys(asked?.body ?? {}).toSorted()).toEqual([
      'country',
      'deliveryId',
      'expiresAt',
      'kind',
      'text',
      'to',
    ]);
    const life = Date.parse(asked?.body.expiresAt ?? '') - Date.now();
    expect(life).toBeGreaterThan(200_000);
    expect(life).toBeLessThanOrEqual(300_000);
    expect(own.forged).toBe(0);
  });

  test.each([
    ['takes it without a word', 204, '', { status: 'sent', reference: null }],
    ['tells a price as a number', 200, '{"price":0.0000001}', { status: 'sent' }],
    [
      'answers the page of a proxy',
      200,
      '<html>Sign in</html>',
      { status: 'sending', error: 'http-answer-unreadable' },
    ],
    [
      'answers 200 with a failure inside',
      200,
      '{"error":"no credit"}',
      { status: 'sending', error: 'http-answer-error' },
    ],
    [
      'answers a reference that is none',
      200,
      `{"reference":"${number} 048213"}`,
      { status: 'sending', error: 'http-answer-unreadable' },
    ],
    [
      'answers more than we read',
      200,
      `{"x":"${'x'.repeat(40_000)}"}`,
      { status: 'sending', error: 'http-answer-incomplete' },
    ],
    ['refuses the message', 422, '', { status: 'failed', error: 'http-422' }],
    ['refuses our signature', 401, '', { status: 'failed', error: 'http-401' }],
    ['redirects', 307, '', { status: 'queued', error: 'http-307' }],
    ['has too much to do', 503, '', { status: 'queued', error: 'http-503' }],
    ['fails', 500, '', { status: 'sending', error: 'http-500' }],
  ])('that %s leaves the delivery in a true state', async (_, status, body, expected) => {
    own.answer = (response) => response.writeHead(status, { location: own.url }).end(body);
    const before = own.asked.length;
    expect(await sendBy(http)).toMatchObject(expected);
    expect(own.asked.length).toBe(before + 1);
  });

  test('that asks for time is given it', async () => {
    own.answer = (response) => response.writeHead(429, { 'retry-after': '40' }).end();
    const { again } = await sendBy(http);
    expect((again as { retryAt: Date }).retryAt.getTime()).toBeGreaterThan(Date.now() + 30_000);
  });

  test.each([
    ['never', () => undefined, 'timeout'],
    [
      'byte by byte',
      (response: import('node:http').ServerResponse) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      },
      'http-answer-incomplete',
    ],
    [
      'garbage in place of HTTP',
      (response: import('node:http').ServerResponse) => response.socket?.end('garbage\r\n\r\n'),
      'http-broken-off',
    ],
    [
      'by ending the connection',
      (response: import('node:http').ServerResponse) => response.socket?.destroy(),
      'http-broken-off',
    ],
  ])('that answers %s may have sent it', async (_, answer, error) => {
    own.answer = answer;
    expect(await sendBy(http, 6000)).toMatchObject({ status: 'sending', error });
  });

  test('that is not there has sent nothing', async () => {
    const closed = createServer();
    await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
    const { port } = closed.address() as { port: number };
    await new Promise((done) => closed.close(done));
    const nobody = httpChannel({ url: `http://127.0.0.1:${port}`, secret: own.secret });
    expect(await sendBy(nobody)).toMatchObject({ status: 'queued', error: 'http-unreachable' });
    const bare = httpChannel({ url: own.url.replace('http:', 'https:'), secret: own.secret });
    expect(await sendBy(bare)).toMatchObject({ status: 'queued', error: 'http-unreachable' });
    nobody.close?.();
    bare.close?.();
  });

  test('that refuses our signature leaves the message to the next route', async () => {
    const stranger = httpChannel({ url: own.url, secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` });
    const before = own.forged;
    const { id } = await fallBack(stranger);
    expect(own.forged).toBe(before + 1);
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'vonage' });
    expect(smsOf(id)).toHaveLength(1);
    expect(await attempts(id)).toMatchObject([
      { provider: 'http', outcome: 'permanent' },
      { provider: 'vonage', outcome: 'sent' },
    ]);
    stranger.close?.();
  });
});

describe('Twilio', () => {
  test('is given number, text and life, by its SDK', async () => {
    const { id, ...sent } = await sendBy(byTwilio);
    expect(sent).toMatchObject({ status: 'sent', reference: expect.stringMatching(/^SM\d{32}$/) });
    expect(await attempts(id)).toMatchObject([{ provider: 'twilio', outcome: 'sent' }]);
    const message = twilio.messages.at(-1);
    expect(message).toMatchObject({ to: number, from: '+15005550006', messagingServiceSid: null });
    expect(message?.body).toContain('048213');
    expect(message?.validityPeriod).toBeGreaterThan(200);
    expect(message?.validityPeriod).toBeLessThanOrEqual(300);
    const service = `MG${'0b'.repeat(16)}`;
    await sendBy(twilioChannel({ ...twilio.credentials, from: service, host: twilio.host }));
    expect(twilio.messages.at(-1)).toMatchObject({ from: null, messagingServiceSid: service });
  });

  const refusals: [string, TwilioAnswer, object][] = [
    ['refuses the number', { http: 400, code: 21211 }, { status: 'failed', error: 'twilio-21211' }],
    ['has no right to the country', { http: 400, code: 21408 }, { status: 'failed', error: 'twilio-21408' }],
    ['has too many messages', { http: 429, code: 20429 }, { status: 'queued', error: 'twilio-20429' }],
    ['is overloaded', { http: 503, body: 'no JSON' }, { status: 'queued', error: 'twilio-http-503' }],
    ['fails', { http: 500 }, { status: 'sending', error: 'twilio-http-500' }],
    ['says 201 with a failure inside', { status: 'failed', code: 30007 }, { status: 'failed', error: 'twilio-30007' }],
    ['answers garbage', { body: 'not JSON' }, { status: 'sending' }],
    ['answers another thing', { body: '{"sid":"x","status":"odd"}' }, { status: 'sending', error: 'twilio-no-answer' }],
    ['answers more than we read', { body: `{"sid":"${'x'.repeat(200_000)}"}` }, { status: 'sending' }],
    ['ends the connection', { drop: true }, { status: 'sending', error: 'twilio-broken-off' }],
  ];
  test.each(refusals)('that %s leaves the delivery in a true state', async (_, answer, expected) => {
    twilio.answer = answer;
    const before = twilio.messages.length;
    expect(await sendBy(byTwilio)).toMatchObject(expected);
    expect(twilio.messages.length).toBe(before + 1);
  });

  test('that is not there, or knows us no more, leaves the message to the next route', async () => {
    const channels = [
      twilioChannel({ ...twilio.credentials, from: 'Acme', host: 'http://127.0.0.1:9' }),
      twilioChannel({ ...twilio.credentials, authToken: 'old', from: 'Acme', host: twilio.host }),
    ];
    for (const channel of channels) {
      const { id } = await fallBack(channel);
      expect(await row(id)).toMatchObject({ status: 'sent', provider: 'vonage', fence: 2 });
      expect(smsOf(id)).toHaveLength(1);
    }
  });
});

test('no word of a provider, no number and no code is logged', async () => {
  await delay(50);
  const all = logged.join('');
  for (const secret of [number, '048213', 'no credit', 'is refused', own.secret]) expect(all).not.toContain(secret);
});
