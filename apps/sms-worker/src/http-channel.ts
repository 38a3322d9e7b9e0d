import { Agent, request, type Dispatcher } from 'undici';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { DeliveryChannel, OutgoingMessage, SendResult } from '#contracts';
import { late, mayHaveArrived, refusalOf, requiredSetting, retryAfterMs, within } from '#runtime';
import { checkHttp } from './check-http.js';

export interface HttpSenderOptions {
  readonly url: string;
  /** Of Standard Webhooks, with its `whsec_`. */
  readonly secret: string;
  /** Certificate of a CA, in place of those of Node.js. */
  readonly ca?: string;
}

/** Connections at most; each carries one message at a time. */
const connections = 500;
const connectMs = 4000;
/** What is read of an answer, and how long after its status. */
const bodyBytes = 16_384;
const bodyMs = 3000;

/** HTTP statuses that are about the address or the secret and not about the message: another route may take it. */
const statusesOfRoute = new Set([401, 403, 404, 405, 406, 407, 410, 411, 415, 421]);

/** What a sender may say of a message that it took. Whatever else it says is left alone. */
const answerSchema = z.object({
  reference: z
    .string()
    .regex(/^[\w.:-]{1,64}$/)
    .nullish(),
  price: z.union([z.number().nonnegative().max(1e6), z.string().regex(/^\d{1,6}(\.\d{1,10})?$/)]).nullish(),
  error: z.unknown().optional(),
});

/**
 * SMS by a sender of the operator's own: one POST for each attempt, signed by Standard Webhooks, whose id is the delivery's, so
 * that a repeat can be recognised. See docs/routes.md.
 */
export function httpChannel(options: HttpSenderOptions): DeliveryChannel {
  const webhook = new Webhook(options.secret);
  const dispatcher = new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: connectMs, ...(options.ca === undefined ? {} : { ca: options.ca }) },
    // A sender that never answers is given up by the delivery, by its signal.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    name: 'http',
    receipts: true,
    send: async (message, signal) => {
      const { deliveryId } = message;
      const body = bodyOf(message);
      const now = new Date();
      try {
        const answer = await request(options.url, {
          dispatcher,
          signal,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'webhook-id': deliveryId,
            'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
            'webhook-signature': webhook.sign(deliveryId, now, body),
          },
          body,
        });
        return await read(answer);
      } catch (error) {
        if (signal.aborted) return { outcome: 'unknown', error: 'http-timeout' };
        return mayHaveArrived(error)
          ? { outcome: 'unknown', error: 'http-broken-off' }
          : { outcome: 'transient', error: 'http-unreachable', ofRoute: true };
      }
    },
    check: () => checkHttp(options.url, dispatcher),
    close: () => void dispatcher.destroy(),
  };
}

/** @throws {SettingsError} where a setting is missing */
export function configuredHttp(): DeliveryChannel {
  return httpChannel({ url: requiredSetting('SMS_HTTP_URL'), secret: requiredSetting('SMS_HTTP_SECRET') });
}

function bodyOf({ deliveryId, to, text, kind, country, expiresAt }: OutgoingMessage): string {
  return JSON.stringify({ deliveryId, to, text, kind, country, expiresAt: expiresAt.toISOString() });
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<SendResult> {
  body.on('error', () => undefined);
  if (statusCode >= 200 && statusCode < 300) {
    const text = await within(bodyMs, textOf(body));
    body.destroy();
    return readTaken(text === late ? undefined : text);
  }
  body.destroy();
  const outcome = refusalOf(statusCode);
  const error = `http-${statusCode}`;
  if (outcome === 'unknown') return { outcome, error };
  if (outcome === 'permanent') return { outcome, error, ofRoute: statusesOfRoute.has(statusCode) };
  // Of too many requests (429) the limit of the route hears, not its breaker.
  return { outcome, error, ofRoute: statusCode !== 429, retryAfterMs: retryAfterMs(headers['retry-after']) };
}

/** @returns undefined where it breaks off or is longer than any that we take */
async function textOf(body: Dispatcher.ResponseData['body']): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += (chunk as Buffer).length;
      if (bytes > bodyBytes) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}

/**
 * The status says that the sender has the message; a body is nothing but details. Where it is none that the sender itself would
 * write, such as the page of a proxy, or tells of an error, nobody can tell what became of it.
 */
function readTaken(text: string | undefined): SendResult {
  if (text === undefined) return { outcome: 'unknown', error: 'http-answer-incomplete' };
  if (text.trim() === '') return { outcome: 'sent', reference: null, price: null };
  const answer = answerSchema.safeParse(jsonOf(text));
  if (!answer.success) return { outcome: 'unknown', error: 'http-answer-unreadable' };
  const { reference, price, error } = answer.data;
  if (error !== undefined && error !== null && error !== false)
    return { outcome: 'unknown', error: 'http-answer-error' };
  return {
    outcome: 'sent',
    reference: reference ?? null,
    price: price === undefined || price === null ? null : amountOf(price),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function amountOf(price: number | string): string {
  // A number may be written with an exponent.
  return typeof price === 'string' ? price : price.toFixed(8);
}
