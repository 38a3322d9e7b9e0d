import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiKeyOwner } from '#persistence';
import type { Language } from '#words';
import type { FastifyRequest } from 'fastify';

/** The panel that calls, and the request's id for logs and events. */
export interface Caller extends ApiKeyOwner {
  readonly requestId: string;
  /** The proof that came in the header `Sallyport-Proof`. */
  readonly proof: string | null;
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

/** Puts the caller into a handler's parameter. */
export const CallerParam = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new TypeError('A handler asks for the caller of a call that needs no API key.');
  return caller;
});
