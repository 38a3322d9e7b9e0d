import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiKeyOwner, Doer } from '#persistence';
import type { Language } from '#words';
import type { FastifyRequest } from 'fastify';
import { noSuch } from '../refusals/refusals.js';

/** The panel that calls, and the request's id for logs and events. */
export interface Caller extends ApiKeyOwner {
  readonly requestId: string;
  /** The proof that came in the header `Sallyport-Proof`. */
  readonly proof: string | null;
  /** Whom the panel named in the header `Sallyport-Actor`, for the audit. */
  readonly actor: string | null;
  /** What the request's `Accept-Language` asks for: the last resort where neither user nor account has a locale. */
  readonly language: Language;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller?: Caller;
  }
}

/**
 * Whether a device is there for the caller: a key that names its application sees no device that serves others only.
 * @param applications of the device; null where it serves all
 */
export function serves(caller: Pick<Caller, 'application'>, applications: readonly string[] | null): boolean {
  return caller.application === null || applications === null || applications.includes(caller.application);
}

/** Whether a challenge is there for the caller: a key that names its application sees those of that application. */
export function isOwn(caller: Pick<Caller, 'application'>, application: string | null): boolean {
  return caller.application === null || caller.application === application;
}

/**
 * The challenge that a call names, where it is there for the caller.
 * @throws {Problem} `not_found`
 */
export function ownChallenge<Row extends { readonly application: string | null }>(
  caller: Pick<Caller, 'application'>,
  row: Row | undefined,
): Row {
  if (!row || !isOwn(caller, row.application)) throw noSuch('challenge');
  return row;
}

/** What every event of a call has in common. Without an API key it came from the shell. */
export function eventsOf({ tenantId, requestId, apiKeyId, actor }: Caller): {
  readonly tenantId: string;
  readonly requestId: string;
  readonly by: Doer;
} {
  return { tenantId, requestId, by: { apiKeyId: apiKeyId === '' ? null : apiKeyId, actor } };
}

const actorLength = 200;

/**
 * The actor that a header names. It is a note for the audit and refuses no call: bytes that are no UTF-8, and what has no
 * shape of its own, are left out, and the rest is cut.
 * @param header as Node.js reads it: one character a byte
 */
export function actorOf(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null;
  const text = Buffer.from(header, 'latin1').toString('utf8');
  const clean = text
    .replace(/[\p{C}\uFFFD]/gu, '')
    .replace(/[\p{Z}\s]+/gu, ' ')
    .trim();
  return [...clean].slice(0, actorLength).join('').trim() || null;
}

/** Puts the caller into a handler's parameter. */
export const CallerParam = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new TypeError('A handler asks for the caller of a call that needs no API key.');
  return caller;
});
