import twilio from 'twilio';
import type { DeliveryChannel, OutgoingMessage, SendResult } from '#contracts';
import { mayHaveArrived, optionalSetting, refusalOf, requiredSetting, retryAfterMs } from '#runtime';
import { checkTwilio } from './check-twilio.js';

export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** A number, a name, or a messaging service (`MG…`). */
  readonly from: string;
  /** Where the API is, if not at Twilio. */
  readonly host: string | undefined;
  /** Of the gateway, as Twilio reaches it: receipts are asked for where it is given. */
  readonly publicUrl?: string | undefined;
}

/** As long as a delivery listens at most. */
const requestMs = 60_000;
const connections = 500;
/** What is read of an answer. */
const answerBytes = 65_536;

/** Bounds of `ValidityPeriod`, in seconds (https://www.twilio.com/docs/messaging/api/message-resource). */
const shortestValidity = 1;
const longestValidity = 36_000;

/**
 * Codes that are about the number or the text (https://www.twilio.com/docs/api/errors): no other route makes a number valid.
 * Whatever else Twilio refuses (permission for a country, sender, funds, a number that said STOP to this sender) another may take.
 */
const codesOfMessage = new Set([21211, 21217, 21265, 21401, 21602, 21604, 21614, 21617, 21619]);
/** Queue of the sender full, too many messages at once. */
const codesOfOverload = new Set([20429, 21611, 14107, 30001]);

/** States of a message that Twilio has taken and not yet given up. */
const states = new Set([
  'accepted',
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'receiving',
  'received',
]);

/** SMS by Twilio. Whatever Twilio answers becomes a short name of ours: its own words quote the number. */
export function twilioChannel(options: TwilioOptions): DeliveryChannel {
  const { accountSid, authToken, from } = options;
  const client = twilio(accountSid, authToken, { httpClient: new Requests(options.host), autoRetry: false });
  const sender = /^MG[0-9a-f]{32}$/.test(from) ? { messagingServiceSid: from } : { from };
  return {
    name: 'twilio',
    receipts: options.publicUrl !== undefined,
    send: async (message) => {
      try {
        const validityPeriod = validityOf(message);
        const { sid, status, price, errorCode } = await client.messages.create({
          ...sender,
          to: message.to,
          body: message.text,
          validityPeriod,
          ...callbackOf(options, message),
        });
        return read({ sid, status, price, errorCode });
      } catch (error) {
        return readFailure(error);
      }
    },
    check: () => checkTwilio(client, accountSid, (error) => (error instanceof Refusal ? error.http : undefined)),
  };
}

/** Where Twilio posts its receipts; it has no field for an id of ours, so the address carries it. */
function callbackOf({ publicUrl }: TwilioOptions, { deliveryId }: OutgoingMessage): { statusCallback?: string } {
  if (publicUrl === undefined) return {};
  return {
    statusCallback: `${publicUrl}/v1/providers/twilio/receipts?deliveryId=${deliveryId}`,
  };
}

/** @throws {SettingsError} where a setting is missing */
export function configuredTwilio(): DeliveryChannel {
  return twilioChannel({
    accountSid: requiredSetting('TWILIO_ACCOUNT_SID'),
    authToken: requiredSetting('TWILIO_AUTH_TOKEN'),
    from: requiredSetting('TWILIO_FROM'),
    host: optionalSetting('TWILIO_API_HOST'),
    publicUrl: optionalSetting('PUBLIC_URL'),
  });
}

/** Twilio's own client of HTTP, with bounds, and for another host where one is set. Says when to come again. */
class Requests extends twilio.RequestClient {
  constructor(private readonly host: string | undefined) {
    super({ timeout: requestMs, maxSockets: connections, maxTotalSockets: connections, maxFreeSockets: 50 });
    this.axios.defaults.maxContentLength = answerBytes;
    this.axios.defaults.proxy = false;
  }

  override async request<T>(opts: Parameters<typeof twilio.RequestClient.prototype.request<T>>[0]) {
    const { pathname, search } = new URL(opts.uri);
    const uri = this.host === undefined ? opts.uri : this.host + pathname + search;
    const answer = await super.request<T>({ ...opts, uri, allowRedirects: false, timeout: requestMs });
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    const { 'retry-after': retryAfter } = (answer.headers ?? {}) as Record<string, unknown>;
    throw new Refusal(answer.statusCode, codeOf(answer.body), retryAfterMs(retryAfter));
  }
}

/** An answer other than 2xx: the SDK's own exception leaves out its headers, and fails by itself where its body is none of Twilio's. */
class Refusal extends Error {
  constructor(
    readonly http: number,
    readonly code: number | null,
    readonly waitMs: number,
  ) {
    super('Twilio refused.');
  }
}

function codeOf(body: unknown): number | null {
  try {
    const { code } = (typeof body === 'string' ? JSON.parse(body) : body) as { code?: unknown };
    return typeof code === 'number' && Number.isInteger(code) && code >= 0 && code < 1e6 ? code : null;
  } catch {
    return null;
  }
}

function validityOf({ expiresAt }: OutgoingMessage): number {
  const seconds = Math.ceil((expiresAt.getTime() - Date.now()) / 1000);
  return Math.min(longestValidity, Math.max(shortestValidity, seconds));
}

/** HTTP 201 says that Twilio has made the message; it may have given it up by then. */
function read(answer: { sid: unknown; status: unknown; price: unknown; errorCode: unknown }): SendResult {
  const { sid, status, price, errorCode } = answer;
  if (status === 'failed' || status === 'undelivered' || status === 'canceled') {
    return { outcome: 'permanent', ...errorOf(Number.isInteger(errorCode) ? Number(errorCode) : null, 'failed') };
  }
  if (typeof sid !== 'string' || !/^(SM|MM)[0-9a-f]{32}$/.test(sid) || !states.has(String(status))) {
    return { outcome: 'unknown', error: 'twilio-no-answer' };
  }
  // Written with a sign: what the account is charged.
  const cost = typeof price === 'string' ? /^-?(\d{1,6}(?:\.\d{1,8})?)$/.exec(price)?.[1] : undefined;
  return { outcome: 'sent', reference: sid, price: cost ?? null };
}

function errorOf(code: number | null, otherwise: string): { error: string; ofRoute: boolean } {
  return { error: `twilio-${code ?? otherwise}`, ofRoute: code === null || !codesOfMessage.has(code) };
}

function readFailure(error: unknown): SendResult {
  if (error instanceof Refusal) return readRefusal(error);
  const { code } = error as { code?: unknown };
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return { outcome: 'unknown', error: 'twilio-timeout' };
  return mayHaveArrived(error)
    ? { outcome: 'unknown', error: 'twilio-broken-off' }
    : { outcome: 'transient', error: 'twilio-unreachable', ofRoute: true };
}

function readRefusal({ http, code, waitMs }: Refusal): SendResult {
  const named = errorOf(code, `http-${http}`);
  const outcome = code !== null && codesOfOverload.has(code) ? 'transient' : refusalOf(http);
  if (outcome === 'unknown') return { outcome, error: named.error };
  if (outcome === 'permanent') return { outcome, ...named };
  // Of too many requests the limit of the route hears, not its breaker.
  const tooMany = http === 429 || (code !== null && codesOfOverload.has(code));
  return { outcome, error: named.error, ofRoute: !tooMany, retryAfterMs: waitMs };
}
