import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { finalize, from, mergeMap, type Observable } from 'rxjs';
import { operationKey, type OperationOptions } from './operation.js';
import { tooMany } from './overload.js';

/** A call is worked on in its turn; the turn ends with the work, whatever becomes of it or of the client. */
@Injectable()
export class TurnInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const operation = this.reflector.get<OperationOptions | undefined>(operationKey, context.getHandler());
    if (!operation) throw new TypeError(`${context.getHandler().name} declares no @Operation.`);
    if (operation.scope === null) return next.handle();
    const { place, raw } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!place) throw new TypeError(`${context.getHandler().name} was reached without an API key.`);
    const turn = place.takeTurn();
    if (turn) return next.handle().pipe(finalize(turn));
    return from(place.waitForTurn()).pipe(
      mergeMap((given) => {
        if (!given) throw tooMany();
        if (!raw.socket.destroyed) return next.handle().pipe(finalize(given));
        given();
        throw tooMany();
      }),
    );
  }
}
