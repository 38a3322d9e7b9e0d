import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { invalidRequest, Problem } from '#contracts';
import { Database, Finder, Sealer } from '#persistence';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Caller } from './caller.js';
import { operationKey, type OperationOptions } from './operation.js';
import { problemBody, StoredAnswer } from './problem.filter.js';
import { claim, selectAnswer, insertAnswer } from './idempotency.sql.js';

/** Seconds that an answer is kept; one with a secret in it only as long as a client may still be retrying. */
const keepSeconds = 86_400;
const keepSecretSeconds = 600;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Idempotency-Key: the call's effect and its stored answer are one transaction. A crash leaves both or neither, so a
 * retry finds the answer or does the work; there is no half-done state to clean up, and no lease to wait for.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly database: Database,
    private readonly finder: Finder,
    private readonly sealer: Sealer,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    const { caller } = request;
    if (key === undefined || request.method === 'GET' || !caller) return next.handle();
    const operation = this.reflector.get<OperationOptions>(operationKey, context.getHandler());
    return from(this.once(key, request, http.getResponse(), caller, operation, () => lastValueFrom(next.handle())));
  }

  private async once(
    key: string | string[],
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    operation: OperationOptions,
    work: () => Promise<unknown>,
  ): Promise<unknown> {
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw invalidRequest('/headers/idempotency-key', 'must be 1 to 255 visible ASCII characters');
    }
    const mac = this.finder.mac('idempotency', caller.apiKeyId, request.method, request.url, key);
    const row = mac.toString('hex');
    // What a call asks for is its body and, where it brings one, its proof.
    const proof = caller.proof === null ? [] : [caller.proof];
    const body = this.finder.mac('idempotency', JSON.stringify(request.body ?? null), ...proof);

    const outcome = await this.database.transaction(async (): Promise<Answer | Problem> => {
      const claimed = await this.database.one(claim, { lock: mac.subarray(0, 8) });
      if (!claimed?.mine) return new Problem('idempotency_in_progress', { retryAfter: 1 });
      const stored = await this.database.one(selectAnswer, { key: mac });
      if (stored) {
        if (!stored.bodyHash.equals(body)) return new Problem('idempotency_key_reused');
        throw storedAnswer(this.sealer.openText('answer', row, stored.answerSealed));
      }
      const result = await settle(work, operation.status);
      const answer = result instanceof Problem ? { status: result.status, body: problemBody(result, request) } : result;
      if (answer.status < 500 && answer.status !== 409 && answer.status !== 429) {
        const seconds = operation.secret ? keepSecretSeconds : keepSeconds;
        const sealed = this.sealer.seal('answer', row, JSON.stringify(answer));
        await this.database.query(insertAnswer, { key: mac, bodyHash: body, answerSealed: sealed, seconds });
      }
      return result;
    });
    if (outcome instanceof Problem) throw outcome;
    void reply.status(outcome.status);
    return outcome.body;
  }
}

function storedAnswer(text: string): StoredAnswer {
  const { status, body } = JSON.parse(text) as Answer;
  return new StoredAnswer(status, body);
}

/** A refusal is a result too: what it charged stays charged, so it must not roll the transaction back. */
async function settle(work: () => Promise<unknown>, status: number): Promise<Answer | Problem> {
  try {
    return { status, body: await work() };
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}
