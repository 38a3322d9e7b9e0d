import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { invalidRequest, Problem, problems } from '#contracts';
import { isConnectionFault, isDiskFull, isWaitFault } from '#persistence';
import { count, type Logger } from '#runtime';
import { languageOfRequest } from '#words';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { userMessage } from '../refusals/refusals.js';
import { jsonOnly } from './body-parser.js';

/** An answer that was stored for an Idempotency-Key and goes out again as it was. */
export class StoredAnswer {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {}
}

/** Refusals of Fastify itself, in our words. */
const frameworkFaults: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => invalidRequest('', 'The body is larger than 64 KiB.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => invalidRequest('/headers/content-type', jsonOnly),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    invalidRequest('/headers/content-length', 'The length of the body does not match Content-Length.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => invalidRequest('', 'The body is empty.'),
  FST_ERR_BAD_URL: () => invalidRequest('/path', 'The address is not valid.'),
  FST_ERR_MAX_PARAM_LENGTH: () => invalidRequest('/path', 'The address contains an id that is too long.'),
};

/** The only place that turns a refusal into HTTP: `application/problem+json` (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Also for what Fastify refuses before it knows the call: an address that does not decode never reaches Nest. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent) return;
    if (error instanceof StoredAnswer) {
      void reply.header('idempotent-replayed', 'true');
      // Counted when it was first given.
      if (error.status >= 400) void reply.type('application/problem+json');
      void reply.status(error.status).send(error.body);
      return;
    }
    const problem = this.problemOf(error, request);
    count('sallyport_refusals_total', { code: problem.code });
    const { retryAfter } = problem.details;
    // RFC 9110 §10.2.3; the contract puts it on every 429.
    if (retryAfter !== undefined || problem.status === 429) void reply.header('retry-after', String(retryAfter ?? 1));
    if (problem.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    void reply
      .status(problem.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(problem, request)));
  }

  private problemOf(error: unknown, request: FastifyRequest): Problem {
    if (error instanceof Problem) return error;
    // Nest wraps what Fastify throws, and keeps the original as the cause.
    const origin = error instanceof HttpException && error.cause !== undefined ? error.cause : error;
    const code = (origin as { code?: string } | null)?.code;
    const known = code ? frameworkFaults[code] : undefined;
    if (known) return known();
    if (error instanceof HttpException && error.getStatus() === 404) {
      return new Problem('not_found', {
        detail: `There is no ${request.method} ${request.routeOptions.url ?? 'call at this address'}.`,
      });
    }
    const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number })?.statusCode;
    if (status !== undefined && status >= 400 && status < 500) return new Problem('invalid_request');
    if (isWaitFault(error)) {
      this.logger.warn({ requestId: request.id, err: error }, 'waited too long for a locked row');
      return new Problem('unavailable', {
        detail: 'Another request is working on the same data. Nothing was changed and no attempt was used. Try again.',
        retryAfter: 1,
      });
    }
    if (isDiskFull(error)) {
      this.logger.error({ requestId: request.id, err: error }, "the database's disk is full");
      return new Problem('unavailable', {
        detail:
          "The database's disk is full. Nothing was changed and no attempt was used. Try again once the operator has freed disk space.",
      });
    }
    if (isConnectionFault(error)) {
      this.logger.warn({ requestId: request.id, err: error }, 'database unavailable');
    } else {
      this.logger.error({ requestId: request.id, err: error }, 'request failed');
    }
    return new Problem('unavailable');
  }
}

/** The body of a refusal. */
export function problemBody(
  problem: Problem,
  request: Pick<FastifyRequest, 'id' | 'headers'>,
): Record<string, unknown> {
  const { detail: _detail, wordsFor: _wordsFor, locale: _locale, ...extensions } = problem.details;
  const words = userMessage(problem, languageOfRequest(request.headers['accept-language']));
  return {
    type: `urn:sallyport:problem:${problem.code}`,
    title: problems[problem.code].title,
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...(words === undefined ? {} : { userMessage: words }),
    requestId: request.id,
    ...extensions,
  };
}
