/**
 * HTTP statuses that say that the request was not carried out: late, too early, too many, overload (RFC 9110 §15.5.9 and §15.6.4,
 * RFC 8470 §5.2, RFC 6585 §4). Any other 5xx leaves open what became of it (RFC 9110 §9.2.2).
 */
const notDoneStatuses = new Set([408, 425, 429, 503]);

/** Faults of a connection that never came about. */
const notConnected = new Set([
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What an HTTP status other than 2xx says of a request that is not to be repeated without need. */
export function refusalOf(http: number): 'transient' | 'permanent' | 'unknown' {
  if (notDoneStatuses.has(http)) return 'transient';
  if (http >= 400 && http < 500) return 'permanent';
  return http >= 300 && http < 400 ? 'transient' : 'unknown';
}

/** Nobody waits for longer, whatever is asked for. */
const longestWaitMs = 24 * 3_600_000;

/** The three forms of a date in HTTP, all of them in UTC (RFC 9110 §5.6.7). */
const datesWithZone = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
];
const dateWithoutZone = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
 * @returns ms, at most a day; 0 where there is none that can be read
 */
export function retryAfterMs(header: unknown, now = Date.now()): number {
  if (typeof header !== 'string') return 0;
  const asked = /^\d+$/.test(header) ? Number(header) * 1000 : readDate(header) - now;
  return Math.min(Math.max(0, asked || 0), longestWaitMs);
}

function readDate(text: string): number {
  if (datesWithZone.some((form) => form.test(text))) return Date.parse(text);
  return dateWithoutZone.test(text) ? Date.parse(`${text} GMT`) : NaN;
}

/** Whether a request that got no answer may have reached its server: a fault of the connection says that, or that none came about. */
export function mayHaveArrived(error: unknown): boolean {
  const { code, erroredSysCall, syscall } = error as { code?: unknown; erroredSysCall?: unknown; syscall?: unknown };
  if (typeof code !== 'string') return true;
  if (notConnected.has(code) || erroredSysCall === 'connect' || syscall === 'connect') return false;
  return !/^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code);
}
