import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { TurnInterceptor } from './turn.interceptor.js';

/**
 * What stands around the work of every call, from outside in: it has its turn before its answer of before is looked up. One
 * interceptor to Nest, which makes a promise, two observables and a resource of `async_hooks` for each that it knows.
 */
@Injectable()
export class CallInterceptor implements NestInterceptor {
  constructor(
    private readonly turns: TurnInterceptor,
    private readonly answers: IdempotencyInterceptor,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    return this.turns.intercept(context, { handle: () => this.answers.intercept(context, next) });
  }
}
