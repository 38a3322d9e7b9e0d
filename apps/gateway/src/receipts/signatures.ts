import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Parameters of a call, each once. */
export type Parameters = ReadonlyMap<string, string>;

/** How Vonage signs, as its dashboard calls it; MD5 hash where nobody chose another. */
export const vonageMethods = ['md5hash', 'md5hmac', 'sha1hmac', 'sha256hmac', 'sha512hmac'] as const;
export type VonageMethod = (typeof vonageMethods)[number];

const hmacs = { md5hmac: 'md5', sha1hmac: 'sha1', sha256hmac: 'sha256', sha512hmac: 'sha512' } as const;

/**
 * Whether Vonage signed these parameters, `sig` among them
 * (https://developer.vonage.com/en/getting-started/concepts/signing-messages): sorted by their names, as `&name=value`, with `_` in
 * place of `&` and `=` in values. The method is the one that was agreed on and no other: a weaker one proves less.
 *
 * Not by `verifySignature` of @vonage/sms, which compares in a time that depends on the signature, and would load Vonage's SDK
 * into the gateway; a test holds the two against each other.
 */
export function isSignedByVonage(parameters: Parameters, secret: string, method: VonageMethod): boolean {
  const signature = parameters.get('sig');
  if (signature === undefined) return false;
  const signed = [...parameters]
    .filter(([name]) => name !== 'sig')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `&${name}=${value.replace(/[&=]/g, '_')}`)
    .join('');
  const expected =
    method === 'md5hash' ? createHash('md5').update(signed + secret) : createHmac(hmacs[method], secret).update(signed);
  return isSame(signature.toLowerCase(), expected.digest('hex'));
}

/**
 * Whether Twilio signed a form that it posted to an address
 * (https://www.twilio.com/docs/usage/webhooks/webhooks-security#validating-signatures-from-twilio): HMAC-SHA1 of the address and,
 * sorted by their names, each name with its value. Twilio leaves the port out of some addresses, so it is tried with and without.
 *
 * Not by the SDK's `validateRequest`: it would load the whole of Twilio's API into the gateway, for these lines.
 */
export function isSignedByTwilio(address: string, form: Parameters, authToken: string, signature: string): boolean {
  const fields = [...form].toSorted(([a], [b]) => (a < b ? -1 : 1)).flat();
  return withAndWithoutPort(address).some((each) =>
    isSame(
      signature,
      createHmac('sha1', authToken)
        .update(each + fields.join(''))
        .digest('base64'),
    ),
  );
}

function withAndWithoutPort(address: string): string[] {
  const [, scheme = '', host = '', port, rest = ''] =
    /^(https?):\/\/([^/?:]+|\[[^\]]+\])(:\d+)?(.*)$/.exec(address) ?? [];
  const usual = scheme === 'https' ? ':443' : ':80';
  return [`${scheme}://${host}${rest}`, `${scheme}://${host}${port ?? usual}${rest}`];
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
