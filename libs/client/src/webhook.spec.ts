import { createHmac } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { verifyWebhook, WebhookVerificationError } from './webhook.js';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = '{"id":"evt_1","type":"com.sallyport.user.created"}';
const now = () => Math.floor(Date.now() / 1000);

function sign(text: string, key: string, at: number, id = 'evt_1'): string {
  const mac = createHmac('sha256', Buffer.from(key.replace('whsec_', ''), 'base64'));
  return `v1,${mac.update(`${id}.${at}.${text}`).digest('base64')}`;
}
const headersOf = (signature: string, at = now(), id = 'evt_1') => ({
  'webhook-id': id,
  'webhook-timestamp': String(at),
  'webhook-signature': signature,
});

describe('verifyWebhook', () => {
  it('takes the example of the specification, at its time', () => {
    const at = 1_614_265_330;
    const headers = headersOf('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', at, 'msg_p5jXN8AQM9LWM0D4loKWxJek');
    const clock = jest.spyOn(Date, 'now').mockReturnValue(at * 1000 + 299_000);
    expect(verifyWebhook('{"test": 2432232314}', headers, secret)).toEqual({ test: 2_432_232_314 });
    clock.mockReturnValue(at * 1000 + 302_000);
    expect(() => verifyWebhook('{"test": 2432232314}', headers, secret)).toThrow('too old');
    clock.mockRestore();
  });

  it('reads an event that is signed with the secret, whatever the form of body and headers', () => {
    const headers = headersOf(sign(body, secret, now()));
    const read = { id: 'evt_1', type: 'com.sallyport.user.created' };
    expect(verifyWebhook(body, headers, secret)).toEqual(read);
    expect(verifyWebhook(Buffer.from(body), new Headers(headers), secret)).toEqual(read);
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    expect(verifyWebhook(body, upper, secret)).toEqual(read);
  });

  it('takes one of two signatures, and one of two secrets', () => {
    const both = headersOf(`${sign(body, other, now())} ${sign(body, secret, now())}`);
    expect(verifyWebhook(body, both, secret)).toMatchObject({ id: 'evt_1' });
    expect(verifyWebhook(body, both, other)).toMatchObject({ id: 'evt_1' });
    const one = headersOf(sign(body, other, now()));
    expect(verifyWebhook(body, one, [secret, other])).toMatchObject({ id: 'evt_1' });
  });

  it.each([
    ['another secret', () => headersOf(sign(body, other, now()))],
    ['another body', () => headersOf(sign(`${body} `, secret, now()))],
    ['another id', () => headersOf(sign(body, secret, now()), now(), 'evt_2')],
    ['a signature of a later version alone', () => headersOf(sign(body, secret, now()).replace('v1,', 'v2,'))],
    ['no signature', () => headersOf('')],
    ['a time more than five minutes ago', () => headersOf(sign(body, secret, now() - 302), now() - 302)],
    ['a time more than five minutes ahead', () => headersOf(sign(body, secret, now() + 310), now() + 310)],
    ['another time than the one that was signed', () => headersOf(sign(body, secret, now() - 302), now())],
  ])('refuses %s', (_, headers) => {
    expect(() => verifyWebhook(body, headers(), secret)).toThrow(WebhookVerificationError);
  });

  it('refuses everything where there is no secret', () => {
    expect(() => verifyWebhook(body, headersOf(sign(body, secret, now())), [])).toThrow(WebhookVerificationError);
  });
});
