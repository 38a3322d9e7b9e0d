import type { Vonage } from '@vonage/server-sdk';
import { isGsm7, type DeliveryChannel, type OutgoingMessage, type SendResult } from '#contracts';
import { mayHaveArrived, optionalSetting, refusalOf, requiredSetting, retryAfterMs } from '#runtime';
import { checkVonage } from './check-vonage.js';
import { OverlongAnswer, VonageClient, type VonageAccount } from './vonage-client.js';

export interface VonageOptions extends VonageAccount {
  /** A number, or up to 11 letters. */
  readonly from: string;
}

// The API's own bounds of `ttl`, in ms.
const shortestTtl = 20_000;
const longestTtl = 604_800_000;

/**
 * Statuses that no repetition changes (https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms):
 * the request, the sender, the number or the credentials are wrong. All others (1 throttled, 5 internal, 8 account
 * suspended, 9 no credit, 10 too many binds, and what Vonage may add) can pass or be mended while the code lives.
 */
const permanentStatuses = new Set(['2', '3', '4', '6', '7', '11', '12', '14', '15', '22', '23', '29', '32', '33']);

/**
 * Statuses that are about our account or sender, or Vonage itself: internal error, credentials, account barred or suspended, no
 * credit, too many binds, communication not allowed, signature, sender. Throttling (1) is no fault of a route.
 */
const statusesOfRoute = new Set(['4', '5', '8', '9', '10', '11', '14', '15', '29', '32']);

/** What is read of one part of Vonage's answer. */
interface Part {
  readonly status?: unknown;
  readonly messageId?: unknown;
  readonly messagePrice?: unknown;
}

/** The SDK exports the type of its own enumeration, and not the enumeration. */
const unicode = 'unicode' as NonNullable<NonNullable<Parameters<Vonage['sms']['send']>[0]>['type']>;

/** SMS by Vonage. Whatever Vonage answers becomes a short name of ours: its own words can quote number and text. */
export function vonageChannel(options: VonageOptions): DeliveryChannel {
  const vonage = new VonageClient(options);
  const from = digitsOf(options.from);
  return {
    name: 'vonage',
    receipts: true,
    send: async (message) => {
      try {
        const answer = await vonage.sms.send({
          from,
          to: digitsOf(message.to),
          text: message.text,
          // Left out, Vonage would put question marks in place of what is not of the GSM alphabet.
          ...(isGsm7(message.text) ? {} : { type: unicode }),
          ttl: timeToLive(message),
          clientRef: message.deliveryId,
          statusReportReq: true,
        });
        return read(answer.messages);
      } catch (error) {
        return readFailure(error);
      }
    },
    check: () => checkVonage(vonage),
    close: () => vonage.close(),
  };
}

/** @throws {SettingsError} where a setting is missing */
export function configuredVonage(): DeliveryChannel {
  return vonageChannel({
    apiKey: requiredSetting('VONAGE_API_KEY'),
    apiSecret: requiredSetting('VONAGE_API_SECRET'),
    from: requiredSetting('VONAGE_FROM'),
    host: optionalSetting('VONAGE_API_HOST'),
  });
}

/** Vonage takes international numbers without the plus sign. */
function digitsOf(number: string): string {
  return number.replace(/^\+/, '');
}

function timeToLive({ expiresAt }: OutgoingMessage): number {
  return Math.min(longestTtl, Math.max(shortestTtl, expiresAt.getTime() - Date.now()));
}

/** HTTP 200 says that Vonage has read the request, no more: each part has a status of its own. */
function read(answer: unknown): SendResult {
  const parts = Array.isArray(answer) ? (answer as Part[]) : [];
  if (parts.length === 0) return { outcome: 'unknown', error: 'vonage-no-answer' };
  const refused = parts.map(({ status }) => statusName(status)).filter((status) => status !== '0');
  const status = refused.find((name) => permanentStatuses.has(name)) ?? refused[0];
  if (status !== undefined) {
    // A part that was taken is on its way, and paid for.
    if (refused.length < parts.length) return { outcome: 'unknown', error: `vonage-${status}` };
    const outcome = permanentStatuses.has(status) ? 'permanent' : 'transient';
    return { outcome, error: `vonage-${status}`, ofRoute: statusesOfRoute.has(status) };
  }
  return { outcome: 'sent', reference: textOf(parts[0]?.messageId, /^[\w-]{1,64}$/), price: priceOf(parts) };
}

function statusName(status: unknown): string {
  return textOf(status, /^\d{1,3}$/) ?? 'unknown';
}

function textOf(value: unknown, form: RegExp): string | null {
  return typeof value === 'string' && form.test(value) ? value : null;
}

/** In the account's currency, as told; our messages have one part. */
function priceOf(parts: readonly Part[]): string | null {
  const prices = parts.map((part) => textOf(part.messagePrice, /^\d{1,6}(\.\d{1,10})?$/));
  if (prices.length === 1) return prices[0] ?? null;
  return prices.includes(null) ? null : prices.reduce((sum, price) => sum + Number(price), 0).toFixed(8);
}

function readFailure(error: unknown): SendResult {
  if (error instanceof OverlongAnswer) return { outcome: 'unknown', error: 'vonage-answer-too-long' };
  const { getMessages, response, name } = error as {
    getMessages?: () => unknown;
    response?: Partial<Pick<Response, 'status' | 'headers'>>;
    name?: unknown;
  };
  // The SDK throws where a part has a status other than 0.
  if (typeof getMessages === 'function') return readRefused(error as { getMessages(): unknown });
  const http = response?.status;
  if (typeof http === 'number') {
    const [outcome, what] = [refusalOf(http), `vonage-http-${http}`];
    if (outcome === 'unknown') return { outcome, error: what };
    // Of too many requests (429) the limit of the route hears, not its breaker.
    if (outcome === 'permanent') return { outcome, error: what, ofRoute: true };
    const waitMs = retryAfterMs(response?.headers?.get('retry-after'));
    return { outcome, error: what, ofRoute: http !== 429, retryAfterMs: waitMs };
  }
  if (name === 'AbortError') return { outcome: 'unknown', error: 'vonage-timeout' };
  return readFault(error);
}

/** A request that got no answer at all. */
function readFault(error: unknown): SendResult {
  if (typeof (error as { code?: unknown }).code !== 'string') return { outcome: 'unknown', error: 'vonage-error' };
  return mayHaveArrived(error)
    ? { outcome: 'unknown', error: 'vonage-broken-off' }
    : { outcome: 'transient', error: 'vonage-unreachable', ofRoute: true };
}

function readRefused(error: { getMessages(): unknown }): SendResult {
  const result = read(error.getMessages());
  // An answer that the SDK calls a failure is never a success.
  return result.outcome === 'sent' ? { outcome: 'unknown', error: 'vonage-unknown' } : result;
}
