import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { byForm, byJson, byQuery, call, senderSays, twilioSays, vonageSays } from '../../support/receipt-gateway.js';
import { attempts, logged, newDelivery, number, row, send, told } from '../../support/sent-deliveries.js';
import { signAsTwilio, signedHeaders, twilio, vonageReceipt } from '../../support/signed-receipts.js';
import { growth } from '../../support/metrics.js';

const refused = { status: 403, code: 'receipt_refused' };
const unreadable = { status: 400, code: 'invalid_request' };

async function sent(): Promise<string> {
  const { id } = await newDelivery();
  await send(id);
  return id;
}

/** That nothing came of it: in the delivery, in its attempt, in the log of events. */
async function untouched(id: string) {
  expect(await row(id)).toMatchObject({ status: 'sent', error: null });
  expect(await attempts(id)).toMatchObject([{ receipt: null, price: '0.03330000' }]);
  expect(await told(id)).toHaveLength(1);
}

describe('forged', () => {
  test('with another secret, with none, with a field changed, added or left out', async () => {
    const id = await sent();
    const good = vonageReceipt({ 'client-ref': id });
    const { sig, nonce: _nonce, ...rest } = good;
    for (const forged of [
      vonageReceipt({ 'client-ref': id }, 'another secret'),
      vonageReceipt({ 'client-ref': id }, ''),
      rest,
      { ...rest, sig: String(sig) },
      { ...good, sig: '' },
      { ...good, sig: 'x'.repeat(64) },
      { ...good, status: 'failed' },
      { ...good, price: '99' },
      { ...good, more: '1' },
    ] as Record<string, string>[]) {
      for (const post of [byForm, byQuery, byJson]) expect(await post(forged)).toEqual(refused);
    }
    await untouched(id);
  });

  test('of what was signed for something else: a field that swallows another', async () => {
    const id = await sent();
    const { status, sig, ...rest } = vonageReceipt({ 'client-ref': id });
    expect(await byForm({ ...rest, scts: `${rest['scts']}&status=${status}`, sig: String(sig) })).toEqual(refused);
    await untouched(id);
  });

  test('for another provider, or without a key where one is asked for', async () => {
    const id = await sent();
    const body = JSON.stringify({ deliveryId: id, status: 'failed' });
    const wrong = signedHeaders(body, new Date(), `whsec_${Buffer.from('another secret').toString('base64')}`);
    expect(await senderSays(body, wrong)).toEqual(refused);
    expect(await senderSays(body, { 'content-type': 'application/json' })).toEqual(refused);
    expect(await senderSays(body.replace('failed', 'delivered'), signedHeaders(body))).toEqual(refused);
    const form = { MessageSid: 'SM1', MessageStatus: 'failed' };
    expect(await twilioSays(id, form, 'AAAA')).toEqual(refused);
    expect(await twilioSays(id, form, '')).toEqual(refused);
    const address = `${twilio.publicUrl}/v1/providers/twilio/receipts?deliveryId=dlv_other`;
    expect(await twilioSays(id, form, signAsTwilio(address, form))).toEqual(refused);
    await untouched(id);
  });

  test('is told to the log as a number, without what was in it', async () => {
    const before = logged.length;
    for (let index = 0; index < 5; index += 1)
      await vonageSays('dlv_x', 'delivered', { sig: 'x', msisdn: '31699999999' });
    const good = vonageReceipt({});
    const forged = { ...good, msisdn: '31699999999' };
    const refusals = await growth('sallyport_receipts_refused_total', { provider: 'vonage' }, async () => {
      for (let index = 0; index < 5; index += 1) await byForm(forged);
    });
    expect(refusals).toBe(5);
    const lines = logged.slice(before).join('');
    expect(lines).not.toContain('31699999999');
    expect(lines).not.toContain(String(good['sig']));
    // The first of each gateway at once, the others once a minute.
    const told = logged.filter((line) => line.includes('receipts were refused') && line.includes('vonage'));
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ provider: 'vonage', refused: 1, level: 40 });
  });
});

describe('stale', () => {
  const minute = 60;
  test.each([
    ['a day and two hours ago', -26 * 60 * minute, refused],
    ['in two hours’ time', 26 * 60 * minute, refused],
    // Vonage repeats for a day.
    ['23 hours ago', -23 * 60 * minute, { status: 200, code: undefined }],
  ] as const)('of Vonage: %s', async (_name, seconds, answer) => {
    const id = await sent();
    const timestamp = String(Math.floor(Date.now() / 1000) + seconds);
    expect(await vonageSays(id, 'delivered', { timestamp })).toEqual(answer);
    expect((await row(id)).status).toBe(answer === refused ? 'sent' : 'delivered');
  });

  test.each(['', 'NaN', 'yesterday', '1e999', '-1'])('of Vonage with the time %j', async (timestamp) => {
    expect(await vonageSays(await sent(), 'delivered', { timestamp })).toEqual(refused);
  });

  test('of a sender of one’s own: six minutes old, or of the future', async () => {
    const id = await sent();
    const body = JSON.stringify({ deliveryId: id, status: 'delivered' });
    for (const minutes of [-6, 6]) {
      expect(await senderSays(body, signedHeaders(body, new Date(Date.now() + minutes * 60_000)))).toEqual(refused);
    }
    await untouched(id);
  });
});

describe('unreadable', () => {
  test.each([
    ['half of it', '{"deliveryId":"dlv_1","status":"deliv'],
    ['no JSON', 'status=delivered'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing in it', '{}'],
    ['an unknown status', '{"deliveryId":"dlv_1","status":"sent"}'],
    ['an unknown field', '{"deliveryId":"dlv_1","status":"delivered","code":"123456"}'],
    ['an id of something else', '{"deliveryId":"dev_1","status":"delivered"}'],
    ['words for an error', '{"deliveryId":"dlv_1","status":"failed","error":"Your code is 123456"}'],
    ['words for a price', '{"deliveryId":"dlv_1","status":"failed","price":"much"}'],
    ['no time', '{"deliveryId":"dlv_1","status":"failed","at":"now"}'],
    ['the year 0', '{"deliveryId":"dlv_1","status":"delivered","at":"0000-01-01T00:00:00Z"}'],
    ['a time before there were any SMS', '{"deliveryId":"dlv_1","status":"delivered","at":"1969-12-31T23:59:59Z"}'],
    ['a NUL', '{"deliveryId":"dlv_1\\u0000","status":"failed"}'],
    ['depth', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
  ])('by a sender of one’s own, signed: %s', async (_name, body) => {
    expect(await senderSays(body)).toEqual(unreadable);
  });

  test('by Vonage: a parameter twice, a list, an object', async () => {
    const id = await sent();
    const good = vonageReceipt({ 'client-ref': id });
    const twice = `${new URLSearchParams(good)}&status=failed`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const path = '/v1/providers/vonage/receipts';
    expect(await call(path, { method: 'POST', headers, body: twice })).toEqual(unreadable);
    expect(await call(`${path}?${twice}`)).toEqual(unreadable);
    for (const status of [['delivered'], { is: 'delivered' }, null, true]) {
      expect(await byJson({ ...good, status })).toEqual(unreadable);
    }
    expect(await byJson([] as never)).toEqual(unreadable);
    await untouched(id);
  });

  test('cut off, empty, of another type, packed, huge', async () => {
    const good = String(new URLSearchParams(vonageReceipt({ 'client-ref': 'dlv_1' })));
    const post = (body: string | Buffer | undefined, headers: Record<string, string>) =>
      call('/v1/providers/vonage/receipts', { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post(good.slice(0, -10), form)).toEqual(refused);
    expect(await post(undefined, {})).toEqual(refused);
    expect(await post('', form)).toEqual(refused);
    expect(await post(good, { 'content-type': 'text/plain' })).toEqual(unreadable);
    expect(await post(good, { 'content-type': 'multipart/form-data; boundary=x' })).toEqual(unreadable);
    expect(await post(gzipSync(good), { ...form, 'content-encoding': 'gzip' })).toEqual(refused);
    expect(await post(`${good}&more=${'x'.repeat(70_000)}`, form)).toEqual(unreadable);
    expect(await post(Buffer.from([0xff, 0xfe, 0x00]), { 'content-type': 'application/json' })).toEqual(unreadable);
  });

  test('what does not look as it should is left out of what is stored', async () => {
    const id = await sent();
    const more = { messageId: "a' or 1=1", price: 'free', 'err-code': `No ${number}` };
    expect((await vonageSays(id, 'failed', more)).status).toBe(200);
    expect(await attempts(id)).toMatchObject([{ price: '0.03330000', receiptError: 'vonage-failed-unknown' }]);
  });
});

describe('at the wrong door', () => {
  test.each(['nexmo', 'smtp', 'inbox', '__proto__', 'constructor', 'VONAGE', '%00', '..%2f', 'x'.repeat(200)])(
    'of the provider %j',
    async (provider) => {
      const { status } = await call(`/v1/providers/${provider}/receipts`, {
        method: 'POST',
        body: new URLSearchParams(vonageReceipt({})),
      });
      expect(status).toBe(provider === '%00' || provider.length > 100 ? 400 : 404);
    },
  );

  test('a form is for receipts alone', async () => {
    const answer = await call('/v1/challenges', {
      method: 'POST',
      headers: { authorization: 'Bearer sp_none' },
      body: new URLSearchParams({ a: '1' }),
    });
    expect(answer.status).toBe(401);
  });
});
