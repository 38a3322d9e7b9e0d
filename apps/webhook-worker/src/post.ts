import { request, type Dispatcher } from 'undici';
import { retryAfterMs, within } from '#runtime';

/** An attempt as a whole, however the receiver portions its answer. */
export const attemptMs = 15_000;

/** What is read of the body of an answer, and how long for: it frees the connection for the next message, no more. */
const bodyBytes = 65_536;
const bodyMs = 1000;

/** How an attempt ended. */
export interface Answer {
  readonly httpStatus: number | null;
  /** Short name of ours; null where the receiver took the message. */
  readonly error: string | null;
  /** How long the receiver asks not to be called. */
  readonly retryAfterMs: number;
}

export interface Message {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Posts a message once. Never throws: whatever goes wrong is a failed attempt.
 * @param look judges the addresses before the connection does, also where one is kept from the message before
 */
export async function post(
  dispatcher: Dispatcher,
  { url, headers, body }: Message,
  look: () => Promise<unknown>,
): Promise<Answer> {
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), attemptMs);
  try {
    await Promise.race([look(), aborted(timeUp.signal)]);
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers,
      body,
      signal: timeUp.signal,
      headersTimeout: attemptMs,
      bodyTimeout: attemptMs,
    });
    await drop(answer.body);
    return read(answer.statusCode, answer.headers['retry-after']);
  } catch (error) {
    return { httpStatus: null, error: timeUp.signal.aborted ? 'timeout' : nameOf(error), retryAfterMs: 0 };
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => signal.addEventListener('abort', () => fail(new Error('Too late.')), { once: true }));
}

/** Reads the body away. What it is, and whether it ever ends, changes nothing. */
async function drop(body: Dispatcher.ResponseData['body']): Promise<void> {
  body.on('error', () => undefined);
  await within(
    bodyMs,
    body.dump({ limit: bodyBytes }).catch(() => undefined),
  );
  body.destroy();
}

function read(httpStatus: number, retryAfter: string | string[] | undefined): Answer {
  if (httpStatus >= 200 && httpStatus < 300) return { httpStatus, error: null, retryAfterMs: 0 };
  const asksForTime = httpStatus === 429 || httpStatus === 503;
  return {
    httpStatus,
    error: httpStatus >= 300 && httpStatus < 400 ? 'redirect' : `http-${httpStatus}`,
    retryAfterMs: asksForTime ? retryAfterMs(retryAfter) : 0,
  };
}

const names: Readonly<Record<string, string>> = {
  PRIVATE_ADDRESS: 'private-address',
  ENOTFOUND: 'name-not-found',
  ENODATA: 'name-not-found',
  ESERVFAIL: 'name-servers',
  ETIMEOUT: 'name-servers',
  ECONNREFUSED: 'connection-refused',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'answer-not-http',
};

/** Neither the words of an error nor its fields: they name addresses. */
function nameOf(error: unknown): string {
  const { code = '', name } = error as { code?: unknown; name?: unknown };
  if (name === 'HTTPParserError') return 'answer-not-http';
  if (typeof code !== 'string') return 'broken-off';
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|EPROTO)/.test(code)) return 'tls';
  if (/^E(HOST|NET)/.test(code)) return 'unreachable';
  return names[code] ?? 'broken-off';
}
