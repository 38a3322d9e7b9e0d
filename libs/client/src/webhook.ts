import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { Schemas } from './calls.js';

export { WebhookVerificationError };

/** An event as a webhook carries it: what is personal in it is never sent. */
export type WebhookEvent = Schemas['AuditEvent'];

/** As `fetch` gives them, or as Node.js does. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Whether a request came from Sallyport, and is no older than five minutes (Standard Webhooks). The same event may come
 * several times, and is told by its `id`.
 *
 * @param body the request's body as it came, before anything parses it
 * @param secrets the secret of the webhook; while it is being changed, the new and the old one
 * @throws {WebhookVerificationError} where it did not: answer 400, and do nothing of what it says
 */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secrets: string | readonly string[],
): WebhookEvent {
  const text =
    typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  const signed = signatureOf(headers);
  let refusal: unknown = new WebhookVerificationError('There is no secret.');
  for (const secret of [secrets].flat()) {
    try {
      return new Webhook(secret).verify(text, signed) as WebhookEvent;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function signatureOf(headers: WebhookHeaders): Record<string, string> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
  const given = headers instanceof Headers ? Object.fromEntries(headers) : headers;
  const lower = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(names.map((name) => [name, typeof lower[name] === 'string' ? lower[name] : '']));
}
