import type { components, paths } from './api.js';

/** What goes in and out, by name: `Schemas['Device']`. */
export type Schemas = components['schemas'];

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a panel calls: no probes of whoever runs the gateway. */
type PanelPath = keyof paths & (`/v1/${string}` | `/.well-known/${string}`);

/** Paths that have a method, as the API describes them: `/v1/devices/{deviceId}`. */
export type PathOf<M extends Method> = {
  [P in PanelPath]: paths[P] extends Record<M, unknown> ? P : never;
}[PanelPath];

type OperationOf<P extends keyof paths, M extends Method> = paths[P][M & keyof paths[P]];

interface Json<T> {
  readonly content: { readonly 'application/json': T };
}

type ParamsOf<O> = O extends { parameters: infer All } ? Pick<All, keyof All & ('path' | 'query')> : unknown;

// Where a call takes none, the API's types say `header?: never`.
type HeadersOf<O> = O extends { parameters: { header?: infer H } }
  ? [H] extends [never]
    ? unknown
    : { readonly [N in keyof H]?: H[N] | undefined }
  : unknown;

/** What a call is given: `params` and `body` as the API describes them, and what holds for this call alone. */
export type CallOptions<P extends keyof paths, M extends Method> = (object extends ParamsOf<OperationOf<P, M>>
  ? { readonly params?: ParamsOf<OperationOf<P, M>> }
  : { readonly params: ParamsOf<OperationOf<P, M>> }) &
  (OperationOf<P, M> extends { requestBody: Json<infer Body> }
    ? { readonly body: Body }
    : { readonly body?: undefined }) & {
    /** `Sallyport-Proof`, an `Idempotency-Key` of your own, and any other. */
    readonly headers?: HeadersOf<OperationOf<P, M>> & { readonly [name: string]: string | undefined };
    /** BCP 47 tags for `Accept-Language`: for users and accounts without a locale of their own. */
    readonly language?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  };

/** The last arguments of a call: its options, which may be left out where nothing in them is needed. */
export type CallArguments<P extends keyof paths, M extends Method> =
  object extends CallOptions<P, M> ? [options?: CallOptions<P, M>] : [options: CallOptions<P, M>];

type Success = 200 | 201 | 202 | 204;

type AnswerIn<Responses> = {
  [S in keyof Responses & Success]: Responses[S] extends Json<infer T> ? T : undefined;
}[keyof Responses & Success];

/** What a call answers: `AnswerOf<'/v1/challenges', 'post'>`. */
export type AnswerOf<P extends keyof paths, M extends Method> =
  OperationOf<P, M> extends { responses: infer Responses } ? AnswerIn<Responses> : never;
