import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './api.js';
import type { AnswerOf, CallArguments, Method, PathOf } from './calls.js';
import { readProof, remoteKeys, type ExpectedProof, type ProofClaims } from './proof.js';
import { SallyportError, unavailable, type Refusal } from './sallyport-error.js';
import { longestWaitMs, send, type Sending } from './send.js';

export interface SallyportOptions {
  /** Address of the gateway, as in `https://sallyport.example`. */
  readonly url: string;
  /** `sp_…`; which scopes it needs depends on the calls. */
  readonly apiKey: string;
  /** `tnt_…`, as the administrator was told: proofs for another tenant are then refused by that alone. */
  readonly tenantId?: string | undefined;
  /** BCP 47 tags for `Accept-Language`, unless a call has its own. */
  readonly language?: string | undefined;
  /** Of one attempt; 10,000 where left out. */
  readonly timeoutMs?: number | undefined;
  /** Attempts after the first where no answer comes; 2 where left out. */
  readonly retries?: number | undefined;
  /** In place of the global one, for a proxy or for tracing. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
}

/** What is left of a call's options where their types, which differ by path, have done their work. */
interface AnyOptions {
  readonly params?: { readonly path?: Readonly<Record<string, unknown>> };
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly language?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The calls of Sallyport. Each gives the answer itself, and throws `SallyportError` where it is a refusal. Changes
 * carry a random `Idempotency-Key`, so that a call that got no answer is repeated without being done twice.
 */
export class Sallyport {
  // `#`: what is private to TypeScript alone would show the key wherever the object is logged.
  readonly #api: Client<paths>;
  readonly #keys: ReturnType<typeof remoteKeys>;
  readonly #url: string;
  readonly #language: string | undefined;
  readonly #tenantId: string | undefined;

  /** @throws {TypeError} an option that cannot be meant, never with the key in its words */
  constructor(options: SallyportOptions) {
    const { url, apiKey, tenantId, language, timeoutMs = 10_000, retries = 2, fetch = globalThis.fetch } = options;
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new TypeError('`url` must be the address of Sallyport, for example https://sallyport.example.');
    }
    if (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey)) {
      throw new TypeError('`apiKey` must be a Sallyport API key (sp_…), without spaces or line breaks.');
    }
    if (!(timeoutMs > 0)) throw new TypeError('`timeoutMs` must be greater than 0.');
    if (!(retries >= 0)) throw new TypeError('`retries` must be 0 or more.');
    const sending: Sending = { fetch: (request) => fetch(request), timeoutMs, retries };
    this.#url = url.replace(/\/+$/, '');
    this.#tenantId = tenantId;
    this.#language = language;
    this.#api = createClient<paths>({
      baseUrl: this.#url,
      fetch: (request) => send(request, sending),
      headers: { authorization: `Bearer ${apiKey}` },
      // A redirection would turn a POST into a GET.
      redirect: 'manual',
    });
    this.#keys = remoteKeys(
      new URL(`${this.#url}/.well-known/jwks.json`),
      (request) => send(request, sending),
      // It is `send` that gives up.
      (timeoutMs + longestWaitMs) * (retries + 1),
    );
  }

  get<P extends PathOf<'get'>>(path: P, ...[options]: CallArguments<P, 'get'>): Promise<AnswerOf<P, 'get'>> {
    return this.#call('get', path, options);
  }

  post<P extends PathOf<'post'>>(path: P, ...[options]: CallArguments<P, 'post'>): Promise<AnswerOf<P, 'post'>> {
    return this.#call('post', path, options);
  }

  put<P extends PathOf<'put'>>(path: P, ...[options]: CallArguments<P, 'put'>): Promise<AnswerOf<P, 'put'>> {
    return this.#call('put', path, options);
  }

  patch<P extends PathOf<'patch'>>(path: P, ...[options]: CallArguments<P, 'patch'>): Promise<AnswerOf<P, 'patch'>> {
    return this.#call('patch', path, options);
  }

  delete<P extends PathOf<'delete'>>(
    path: P,
    ...[options]: CallArguments<P, 'delete'>
  ): Promise<AnswerOf<P, 'delete'>> {
    return this.#call('delete', path, options);
  }

  /**
   * Checks a proof offline: signature, age, user, purpose and, where given, challenge. That it was not used before is
   * for the panel to know: open the session of a challenge once.
   * @throws {SallyportError} `proof_invalid`; `unavailable` where the public keys are not known yet and can't be had
   */
  verifyProof(proof: string | null | undefined, expected: ExpectedProof): Promise<ProofClaims> {
    return readProof(proof, expected, this.#keys, this.#tenantId);
  }

  async #call<Answer>(method: Method, path: string, options: AnyOptions = {}): Promise<Answer> {
    const { params = {}, body, headers, language = this.#language, signal } = options;
    refuseLostIds(params.path);
    const { data, error, response } = await this.#api.request(
      method,
      // The types have been checked at the door; here any call passes.
      path as never,
      {
        params,
        body,
        signal,
        parseAs: 'text',
        headers: {
          ...(language === undefined ? {} : { 'accept-language': language }),
          ...(method === 'get' ? {} : { 'idempotency-key': crypto.randomUUID() }),
          ...headers,
        },
      } as never,
    );
    if (!response.ok) throw refusalOf(error, response, this.#url);
    return parse(data, response, this.#url) as Answer;
  }
}

/** Ids that no address can hold: `..`, however it is written, would lead to another call (RFC 3986 §5.2.4). */
function refuseLostIds(ids: Readonly<Record<string, unknown>> = {}): void {
  for (const [name, id] of Object.entries(ids)) {
    if (typeof id === 'string' && !/^\.{0,2}$/.test(id)) continue;
    const fault = { pointer: `/path/${name}`, detail: 'cannot be an id' };
    const detail = `${fault.pointer}: ${fault.detail}.`;
    throw new SallyportError({
      code: 'invalid_request',
      status: 400,
      title: 'Invalid request',
      detail,
      errors: [fault],
    });
  }
}

function parse(text: unknown, { status }: Response, url: string): unknown {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(String(text));
  } catch (cause) {
    throw unavailable(`${url} answered ${status} with something else than JSON. Is it the address of Sallyport?`, {
      cause,
    });
  }
}

function refusalOf(error: unknown, { status }: Response, url: string): SallyportError {
  const problem = error as Partial<Refusal> | null | undefined;
  if (typeof problem === 'object' && typeof problem?.code === 'string' && typeof problem.title === 'string') {
    return new SallyportError({ ...(problem as Refusal), status });
  }
  return unavailable(`${url} answered ${status}, which is no answer of Sallyport. Is it the address, and is it up?`, {
    status,
  });
}
