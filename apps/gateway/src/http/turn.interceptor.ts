import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { finalize, from, mergeMap, tap, type Observable } from 'rxjs';
import { operationKey, type OperationOptions } from './operation.js';
import { tooMany } from './overload.js';
import { UsersOfCalls } from './users-of-calls.js';

/** A call is worked on in its turn; the turn ends with the work, whatever becomes of it or of the client. */
@Injectable()
export class TurnInterceptor implements NestInterceptor {
  private readonly users = new UsersOfCalls();

  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const operation = this.reflector.get<OperationOptions | undefined>(operationKey, context.getHandler());
    if (!operation) throw new TypeError(`${context.getHandler().name} declares no @Operation.`);
    if (operation.scope === null) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { place, raw } = request;
    if (!place) throw new TypeError(`${context.getHandler().name} was reached without an API key.`);
    const user = this.users.of(request);
    const work = () => next.handle().pipe(tap((answer) => this.users.learn(user, answer)));
    const turn = place.takeTurn(user);
    if (turn) return work().pipe(finalize(turn));
    return from(place.waitForTurn(user)).pipe(
      mergeMap((given) => {
        if (!given) throw tooMany();
        if (!raw.socket.destroyed) return work().pipe(finalize(given));
        given();
        throw tooMany();
      }),
    );
  }
}
