import { setTimeout as delay } from 'node:timers/promises';
import { unavailable } from './sallyport-error.js';

export interface Sending {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Of one attempt, until its answer has been read. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
}

/** A wait that the caller still bears: what asks for a longer one is for the caller to repeat. */
export const longestWaitMs = 5000;

const firstWaitMs = 200;

/**
 * Sends a request until it is answered. It is sent again, unchanged, where nobody can tell whether it was done (no
 * answer, a time-out, 502, 504) and where it was not done yet (408, 503, `idempotency_in_progress`): its Idempotency-Key
 * makes one call of them all. A 429 is no fault of the network, but an answer for the person who waits.
 * @returns the answer, whole
 * @throws {SallyportError} `unavailable`: none came; or the reason of the request's own signal
 */
export async function send(request: Request, { fetch, timeoutMs, retries }: Sending): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const last = attempt >= retries;
    // Half of it by chance, after what the server asked for too: calls that failed together would come back together.
    let waitMs = firstWaitMs * 2 ** attempt * (0.5 + Math.random() / 2);
    try {
      const answer = await readWhole(
        await fetch(new Request(request.clone(), { signal: deadline(request.signal, timeoutMs) })),
      );
      if (last || !(await isForLater(answer))) return answer;
      const asked = Number(answer.headers.get('retry-after') ?? 0) * 1000;
      if (asked > longestWaitMs) return answer;
      waitMs += asked || 0;
    } catch (cause) {
      request.signal.throwIfAborted();
      if (last) throw unavailable(`${new URL(request.url).origin} did not answer.`, { cause });
    }
    await delay(waitMs, undefined, { signal: request.signal }).catch(() => request.signal.throwIfAborted());
  }
}

const deadline = (signal: AbortSignal, timeoutMs: number) => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);

/** An answer that breaks off in the middle is none. */
async function readWhole(response: Response): Promise<Response> {
  const text = await response.text();
  const { status, statusText, headers } = response;
  return new Response(text === '' ? null : text, { status, statusText, headers });
}

async function isForLater(answer: Response): Promise<boolean> {
  if ([408, 502, 503, 504].includes(answer.status)) return true;
  return answer.status === 409 && (await answer.clone().text()).includes('"idempotency_in_progress"');
}
