import { setTimeout as delay } from 'node:timers/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { smtpChannel } from '../../../apps/email-worker/src/smtp-channel.js';
import { vonageChannel } from '../../../apps/sms-worker/src/vonage-channel.js';
import { events } from '#contracts';
import { startAbruptSmtpServer, startSmtpServer } from '../../support/smtp-server.js';
import {
  address,
  attempts,
  code,
  codePayload,
  from,
  logged,
  mail,
  mailsOf,
  makeDue,
  newDelivery,
  notice,
  number,
  outcomes,
  owner,
  requestId,
  row,
  send,
  smsOf,
  smtp,
  store,
  told,
  vonage,
} from '../../support/sent-deliveries.js';

/** What another process will have found soon. */
async function soon<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await delay(20);
  }
}

describe('Vonage', () => {
  test.each([
    ['throttled', { status: '1' }, 'transient', 'vonage-1'],
    ['internal error', { status: '5' }, 'transient', 'vonage-5'],
    ['account suspended', { status: '8' }, 'transient', 'vonage-8'],
    ['too many binds', { status: '10' }, 'transient', 'vonage-10'],
    ['a status of the future', { status: '99' }, 'transient', 'vonage-99'],
    ['a status that is none', { status: 'No 31612345678' }, 'transient', 'vonage-unknown'],
    ['invalid parameter', { status: '3' }, 'permanent', 'vonage-3'],
    ['invalid message', { status: '6' }, 'permanent', 'vonage-6'],
    ['barred number', { status: '7' }, 'permanent', 'vonage-7'],
    ['refused sender', { status: '15' }, 'permanent', 'vonage-15'],
    ['number not on the list', { status: '29' }, 'permanent', 'vonage-29'],
    ['HTTP 429', { http: 429 }, 'transient', 'vonage-http-429'],
    ['HTTP 503', { http: 503 }, 'transient', 'vonage-http-503'],
    ['HTTP 408', { http: 408 }, 'transient', 'vonage-http-408'],
    ['HTTP 500', { http: 500 }, 'unknown', 'vonage-http-500'],
    ['HTTP 502', { http: 502 }, 'unknown', 'vonage-http-502'],
    ['HTTP 504', { http: 504 }, 'unknown', 'vonage-http-504'],
    ['HTTP 401', { http: 401 }, 'permanent', 'vonage-http-401'],
    ['connection dropped', { drop: true }, 'unknown', 'vonage-broken-off'],
    ['200 with nothing', { body: '{}' }, 'unknown', 'vonage-no-answer'],
    ['200 with no parts', { body: '{"message-count":"0","messages":[]}' }, 'unknown', 'vonage-no-answer'],
    ['200 with null', { body: 'null' }, 'unknown', 'vonage-no-answer'],
    ['200 with half', { body: '{"messages":[{"st' }, 'unknown', 'vonage-no-answer'],
    ['200 with more than anybody reads', { body: ' '.repeat(70_000) }, 'unknown', 'vonage-answer-too-long'],
    [
      '200 with one part of two',
      { body: '{"message-count":"2","messages":[{"status":"0","message-id":"1"},{"status":"5"}]}' },
      'unknown',
      'vonage-5',
    ],
  ] as const)('T15 %s is not taken for sent', async (_name, answer, outcome, error) => {
    const { id } = await newDelivery();
    vonage.next(answer);
    await send(id);
    const status = { transient: 'queued', permanent: 'failed', unknown: 'sending' }[outcome];
    expect(await row(id)).toMatchObject({ status, error, sent: false });
    expect(await attempts(id)).toMatchObject([{ outcome, error, reference: null, price: null }]);
    const events = await told(id);
    if (outcome !== 'permanent') expect(events).toEqual([]);
    else expect(events).toMatchObject([{ type: 'code.failed', data: { error, attempts: 1 } }]);
  });

  test.each([
    [200, 'vonage-answer-too-long'],
    [500, 'vonage-http-500'],
    [503, 'vonage-http-503'],
  ])('T15 an answer of HTTP %s that does not end is left, and the delivery is in a true state', async (http, error) => {
    const { id } = await newDelivery();
    vonage.next({ endless: true, http });
    await send(id);
    expect(await row(id)).toMatchObject({ status: http === 503 ? 'queued' : 'sending', error, sent: false });
    const bytes = await soon(() => vonage.endlessBytes);
    // What the two sockets hold is the system's; the server would go on to 256 MiB.
    expect(bytes).toBeLessThan(32 * 1024 ** 2);
    await store.database.query(makeDue, { id });
    await send(id);
    expect(await outcomes(id)).toEqual([http === 503 ? 'transient' : 'unknown', 'sent']);
  });

  test.each([
    ['seconds', () => '40'],
    ['a date', () => new Date(Date.now() + 60_000).toUTCString()],
  ])('T15 HTTP 429 with Retry-After in %s is left alone for as long', async (_name, retryAfter) => {
    const { id } = await newDelivery();
    vonage.next({ http: 429, retryAfter: retryAfter() });
    const asked = Date.now();
    const again = await send(id);
    // Without it the first pause is two seconds.
    expect((again?.retryAt.getTime() ?? 0) - asked).toBeGreaterThan(30_000);
    expect(await attempts(id)).toMatchObject([{ outcome: 'transient', error: 'vonage-http-429' }]);
  });

  test('a message with less than 20 s to live is sent with the shortest time that the API takes', async () => {
    const { id } = await newDelivery('sms', { lifeSeconds: 5 });
    await send(id);
    expect(smsOf(id)).toMatchObject([{ ttl: 20_000, accepted: true }]);
  });

  test('a wrong secret, a host that is away', async () => {
    const stranger = vonageChannel({ apiKey: 'test-key', apiSecret: 'wrong', from: 'Acme', host: vonage.host });
    const { id } = await newDelivery();
    await send(id, stranger);
    expect(await row(id)).toMatchObject({ status: 'failed', error: 'vonage-http-401' });

    const away = await newDelivery();
    await send(away.id, vonageChannel({ ...vonage.credentials, from: 'Acme', host: 'http://127.0.0.1:1' }));
    expect(await row(away.id)).toMatchObject({ status: 'queued', error: 'vonage-unreachable' });
  });
});

test('T15 a redirection is not followed: the code would go to whoever is named there', async () => {
  const redirecting = createServer((_, response) => {
    response.writeHead(307, { location: `${vonage.host}/sms/json` }).end();
  }).listen(0, '127.0.0.1');
  await once(redirecting, 'listening');
  const host = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
  const { id } = await newDelivery();
  await send(id, vonageChannel({ ...vonage.credentials, from: 'Acme', host }));
  expect(await row(id)).toMatchObject({ status: 'queued', error: 'vonage-http-307' });
  expect(smsOf(id)).toEqual([]);
  redirecting.close();
});

describe('mail', () => {
  test('carries the code, answers no robot, and can be told from a repeat', async () => {
    const { id } = await newDelivery('email');
    expect(await send(id, mail)).toBeUndefined();
    const [received, ...more] = mailsOf(id);
    expect(more).toEqual([]);
    expect(received?.envelope).toEqual({ from: '2fa@panel.example', to: [address] });
    expect(received?.messageId).toBe(`<${id}@sallyport.panel.example>`);
    expect(received?.headers['auto-submitted']).toBe('auto-generated');
    expect(received?.subject).toBe('Your Acme code');
    expect(/\d{6}/.exec(received?.text ?? '')?.[0]).toBe(code);
    expect(/\d{6}/.exec(received?.html ?? '')?.[0]).toBe(code);
    expect(await row(id)).toMatchObject({ status: 'sent', provider: 'smtp', payload: null, jobs: 0 });
    expect(await told(id)).toMatchObject([{ type: 'code.sent', data: { method: 'email', provider: 'smtp' } }]);
  });

  test('T14 dropped after its content is repeated with the same Message-ID', async () => {
    const { id } = await newDelivery('email');
    smtp.next({ drop: true });
    expect(await send(id, mail)).toMatchObject({ retryAt: expect.any(Date) });
    await store.database.query(makeDue, { id });
    expect(await send(id, mail)).toBeUndefined();
    const [one, two, ...more] = mailsOf(id);
    expect(more).toEqual([]);
    expect(two?.messageId).toBe(one?.messageId);
    expect(two?.text).toBe(one?.text);
    expect(await outcomes(id)).toEqual(['unknown', 'sent']);
  });

  test.each([
    [{ at: 'RCPT', code: 550 }, 'permanent', 'smtp-550'],
    [{ at: 'DATA', code: 554 }, 'permanent', 'smtp-554'],
    [{ at: 'MAIL', code: 451 }, 'transient', 'smtp-451'],
    [{ at: 'RCPT', code: 450 }, 'transient', 'smtp-450'],
    [{ at: 'DATA', code: 421 }, 'transient', 'smtp-421'],
  ] as const)('T14 refused: %j', async (answer, outcome, error) => {
    const { id } = await newDelivery('email');
    smtp.next(answer);
    await send(id, mail);
    expect(await row(id)).toMatchObject({ status: outcome === 'transient' ? 'queued' : 'failed', error, sent: false });
    expect(await outcomes(id)).toEqual([outcome]);
  });

  test('T14 goes to no server whose certificate nobody signed, nor to one that is away', async () => {
    const bad = await startSmtpServer({ badTls: true });
    const channel = smtpChannel({ url: bad.url, from });
    const { id } = await newDelivery('email');
    await send(id, channel);
    expect(bad.mails).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'queued', sent: false });
    channel.close();
    await bad.close();

    const nobody = smtpChannel({ url: 'smtp://127.0.0.1:1', from });
    const away = await newDelivery('email');
    await send(away.id, nobody);
    expect(await row(away.id)).toMatchObject({ status: 'queued', error: expect.stringMatching(/^smtp-e/) });
    nobody.close();
  });

  test('goes to one address only, whatever stands in it', async () => {
    const { id } = await newDelivery('email', { payload: { ...codePayload, to: 'a@b.example, other@c.example' } });
    await send(id, mail);
    for (const { envelope } of mailsOf(id)) expect(envelope.to).toHaveLength(1);
    expect(mailsOf(id).flatMap(({ envelope }) => envelope.to)).not.toContain('other@c.example');
  });

  test('notices are sent without an event, and have one when they are not sent', async () => {
    const { id } = await newDelivery('email', { payload: notice });
    await send(id, mail);
    expect(mailsOf(id)).toMatchObject([{ subject: 'Acme: too many wrong codes' }]);
    expect(await row(id)).toMatchObject({ status: 'sent', payload: null, jobs: 0 });
    expect(await told(id)).toEqual([]);

    const dead = await newDelivery('email', { payload: notice, lifeSeconds: -1 });
    await send(dead.id, mail);
    expect(await row(dead.id)).toMatchObject({ status: 'expired' });
    const refused = await newDelivery('email', { payload: notice });
    smtp.next({ at: 'RCPT', code: 550 });
    await send(refused.id, mail);
    const wrongWay = await newDelivery('sms', { payload: notice });
    await send(wrongWay.id);
    expect(await row(wrongWay.id)).toMatchObject({ status: 'failed', error: 'no-words' });
    for (const [delivery, type, data] of [
      [dead, 'notice.expired', { method: 'email', attempts: 0 }],
      [refused, 'notice.failed', { method: 'email', attempts: 1, error: 'smtp-550' }],
      [wrongWay, 'notice.failed', { method: 'sms', attempts: 1, error: 'no-words' }],
    ] as const) {
      const { id: deliveryId, deviceId } = delivery;
      const found = await told(deliveryId);
      expect(found).toMatchObject([
        { type, data: { deliveryId, deviceId, ...data }, userRef: owner.userId, requestId },
      ]);
      expect(events[type].data.parse(found[0]?.data)).toEqual(found[0]?.data);
    }
  });

  test('T14 a server that makes strangers wait gets its notice in the end', async () => {
    const { id } = await newDelivery('email', { payload: notice, lifeSeconds: 86_400 });
    // Five minutes of 451, and as long again: nine tries.
    smtp.next(...Array.from({ length: 9 }, () => ({ at: 'RCPT', code: 451 }) as const));
    for (let again = await send(id, mail); again; again = await send(id, mail)) {
      expect(await row(id)).toMatchObject({ status: 'queued', error: 'smtp-451', jobs: 1 });
      await store.database.query(makeDue, { id });
    }
    expect(await row(id)).toMatchObject({ status: 'sent', error: null, payload: null, jobs: 0 });
    expect(await outcomes(id)).toEqual([...Array.from({ length: 9 }, () => 'transient'), 'sent']);
    expect(mailsOf(id)).toHaveLength(1);
  });

  test.each([
    ['greeting', 'transient'],
    ['MAIL', 'transient'],
    ['RCPT', 'transient'],
    ['DATA', 'transient'],
    ['message', 'unknown'],
  ] as const)('T14 a server that goes away at its reply to %s: %s', async (at, outcome) => {
    const server = await startAbruptSmtpServer(at);
    const channel = smtpChannel({ url: server.url, from });
    const { id } = await newDelivery('email');
    await send(id, channel);
    expect(await outcomes(id)).toEqual([outcome]);
    expect(await row(id)).toMatchObject({ status: outcome === 'unknown' ? 'sending' : 'queued', sent: false });
    channel.close();
    await server.close();
  });
});

test('T22 no code, number or address reached the log', () => {
  const log = logged.join('');
  expect(log).toContain('delivery attempted');
  for (const secret of [code, number, number.slice(1), address]) expect(log).not.toContain(secret);
});
