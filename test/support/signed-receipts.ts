import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Receipts signed as providers do it, written from their documentation and without a line of ours. */

type Method = 'md5hash' | 'md5hmac' | 'sha1hmac' | 'sha256hmac' | 'sha512hmac';

export function signAsVonage(fields: Record<string, string>, secret: string, method: Method): string {
  const names = Object.keys(fields).toSorted();
  let signed = '';
  for (const name of names) signed += `&${name}=${(fields[name] ?? '').replaceAll('&', '_').replaceAll('=', '_')}`;
  if (method === 'md5hash') return createHash('md5').update(`${signed}${secret}`).digest('hex');
  return createHmac(method.replace('hmac', ''), secret).update(signed).digest('hex');
}

export const vonageSecret = 'vonage-signature-secret';
export const httpSecret = `whsec_${randomBytes(24).toString('base64')}`;
export const twilio = { authToken: 'twilio-auth-token', publicUrl: 'https://2fa.panel.example' };
export const receiptSecrets = {
  vonage: { secret: vonageSecret, method: 'sha256hmac' },
  http: { secret: httpSecret },
  twilio,
} as const;

/** A receipt of the SMS API, with all fields of the real one. */
export function vonageReceipt(fields: Record<string, string>, secret = vonageSecret): Record<string, string> {
  const receipt = {
    msisdn: '31612345678',
    to: 'Acme',
    'network-code': '20408',
    price: '0.03330000',
    status: 'delivered',
    scts: '2611271210',
    'err-code': '0',
    'api-key': 'test-key',
    'message-timestamp': '2026-11-27 12:10:29',
    timestamp: String(Math.floor(Date.now() / 1000)),
    nonce: randomBytes(12).toString('hex'),
    ...fields,
  };
  return { ...receipt, sig: signAsVonage(receipt, secret, 'sha256hmac') };
}

/** Headers of Standard Webhooks for a body. */
export function signedHeaders(body: string, at = new Date(), secret = httpSecret): Record<string, string> {
  const id = `msg_${randomBytes(8).toString('hex')}`;
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

export function signAsTwilio(address: string, form: Record<string, string>, authToken = twilio.authToken): string {
  const signed = Object.keys(form)
    .toSorted()
    .reduce((text, name) => `${text}${name}${form[name] ?? ''}`, address);
  return createHmac('sha1', authToken).update(signed).digest('base64');
}
