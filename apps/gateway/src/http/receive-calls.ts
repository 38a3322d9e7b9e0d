import { invalidRequest, Problem } from '#contracts';
import { languageOfRequest } from '#words';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from './admission.js';
import type { Place } from './lane.js';
import type { AllowedMethods } from './allowed-methods.js';
import type { Authentication, KeyOwner } from './authentication.js';
import { actorOf } from './caller.js';
import type { Connections } from './connections.js';
import type { OperationOptions } from './operation.js';
import { tooMany, type Overload } from './overload.js';
import type { ProblemFilter } from './problem.filter.js';
import type { RefusedKeys } from './refused-keys.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What `@Operation` says of the call; none at addresses of the framework, such as the page of the description. */
    operation?: OperationOptions;
  }
  interface FastifyRequest {
    /** What it takes of what there is to be had; none where no API key is asked for. */
    place?: Place;
  }
}

export interface Doorkeepers {
  readonly allowedMethods: AllowedMethods;
  readonly authentication: Authentication;
  readonly refusedKeys: RefusedKeys;
  readonly admission: Admission;
  readonly connections: Connections;
  readonly overload: Overload;
  readonly filter: ProblemFilter;
}

/**
 * What is checked before the body of a request is read: that the call exists, that the API key is good for it, that there is
 * room. A request that fails is answered from its headers alone.
 *
 * A place is given back once the answer has been handed to the network, or the client has gone. A client that does not read
 * its answer keeps its own place occupied, for as long as the connection may stand still.
 */
export function receiveCalls(
  fastify: FastifyInstance,
  { allowedMethods, authentication, refusedKeys, admission, connections, overload, filter }: Doorkeepers,
): void {
  /** @returns why not, or undefined where the call may go on */
  const letIn = (
    operation: OperationOptions,
    owner: KeyOwner | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Problem | undefined => {
    if (!owner || owner.ended) {
      if (owner?.ended) refusedKeys.note(owner, { reason: owner.ended }, request);
      connections.hush({ request: request.raw, response: reply.raw });
      return new Problem('unauthenticated');
    }
    connections.trust(request.raw.socket);
    const { scope } = operation;
    if (scope !== null && scope !== 'any' && !owner.scopes.includes(scope)) {
      refusedKeys.note(owner, { reason: 'insufficient_scope', scope }, request);
      return new Problem('insufficient_scope', {
        detail: `This call needs an API key with the scope "${scope}".`,
      });
    }
    const place = admission.enter(laneOf(operation), owner);
    if (!place) {
      connections.hush({ request: request.raw, response: reply.raw });
      return tooMany();
    }
    request.place = place;
    const proof = request.headers['sallyport-proof'];
    request.caller = {
      ...owner,
      requestId: request.id,
      proof: typeof proof === 'string' ? proof : null,
      actor: actorOf(request.headers['sallyport-actor']),
      language: languageOfRequest(request.headers['accept-language']),
    };
    // The client waits for this word before it sends the body (RFC 9110 §10.1.1).
    if (request.headers.expect !== undefined && request.raw.httpVersion === '1.1') reply.raw.writeContinue();
    return undefined;
  };

  fastify.addHook('onRequest', (request, reply, done) => {
    const goOn = (refusal: Problem | undefined) => {
      if (refusal) filter.answer(refusal, request, reply);
      else done();
    };
    // RFC 9112 §3.2. Node.js would answer it without a word.
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      void reply.header('connection', 'close');
      goOn(invalidRequest('/headers/host', 'is missing'));
      return;
    }
    if (request.is404) {
      const methods = allowedMethods.at(request.url);
      if (methods.length > 0) {
        void reply.header('allow', methods.join(', '));
        goOn(new Problem('http_method_not_allowed', { detail: `This address supports ${methods.join(', ')}.` }));
        return;
      }
      goOn(new Problem('not_found', { detail: `There is no ${request.method} call at this address.` }));
      return;
    }
    const { operation } = request.routeOptions.config;
    if (!operation || operation.scope === null) {
      done();
      return;
    }
    const key = authentication.keyOf(request.headers.authorization);
    const known = key === undefined ? undefined : authentication.recall(key);
    if (known || key === undefined) {
      goOn(letIn(operation, known, request, reply));
      return;
    }
    authentication.find(key).then(
      (owner) => {
        // Whoever has gone meanwhile sends no body any more, and waits for no answer.
        if (!request.raw.socket.destroyed) goOn(letIn(operation, owner, request, reply));
      },
      (error: Error) => {
        if (error instanceof Problem) overload.note(laneOf(operation));
        done(error);
      },
    );
  });

  fastify.addHook('onSend', (request, reply, payload, done) => {
    // Fastify says so only of requests that come later.
    if (connections.draining) void reply.header('connection', 'close');
    const { place } = request;
    if (place) {
      connections.noteAnswer();
      if (request.routeOptions.config.operation?.streams && reply.statusCode < 400) place.leave();
      // Without a socket it waits behind another answer of the same connection, and is never told of its end.
      else if (reply.raw.destroyed || reply.raw.socket === null) place.leave();
      else reply.raw.once('close', () => place.leave());
    }
    done(null, payload);
  });
}

const laneOf = ({ login }: OperationOptions) => (login === true ? 'login' : 'other');
