import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '#contracts';
import { Database, findApiKeyOwner, type ApiKeyOwner } from '#persistence';
import { languageOfRequest } from '#words';
import type { FastifyRequest } from 'fastify';
import { operationKey, type OperationOptions } from './operation.js';

/** How long a key that was in force is believed without asking the database again, and how many are remembered. */
const rememberedMs = 5000;
const rememberedKeys = 1000;

/** Checks the API key and the scope of every call. A revoked key stops within five seconds, in this process at once. */
@Injectable()
export class AuthenticateGuard implements CanActivate {
  private readonly remembered = new Map<string, { owner: ApiKeyOwner; until: number }>();

  constructor(
    private readonly reflector: Reflector,
    private readonly database: Database,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<OperationOptions | undefined>(operationKey, context.getHandler());
    if (!operation) throw new TypeError(`${context.getHandler().name} declares no @Operation.`);
    if (operation.scope === null) return true;

    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const owner = await this.owner(/^Bearer (sp_[\w-]{20,100})$/i.exec(request.headers.authorization ?? '')?.[1]);
    if (!owner) throw new Problem('unauthenticated');
    if (!owner.scopes.includes(operation.scope)) {
      throw new Problem('insufficient_scope', {
        detail: `This call needs an API key with the scope "${operation.scope}".`,
      });
    }
    const proof = request.headers['sallyport-proof'];
    request.caller = {
      ...owner,
      requestId: request.id,
      proof: typeof proof === 'string' ? proof : null,
      language: languageOfRequest(request.headers['accept-language']),
    };
    return true;
  }

  /** Forgets a key at once. */
  forget(apiKeyId: string): void {
    for (const [key, { owner }] of this.remembered) if (owner.apiKeyId === apiKeyId) this.remembered.delete(key);
  }

  private async owner(key: string | undefined): Promise<ApiKeyOwner | undefined> {
    if (!key) return undefined;
    const known = this.remembered.get(key);
    if (known && performance.now() < known.until) return known.owner;
    this.remembered.delete(key);
    const owner = await findApiKeyOwner(this.database, key);
    if (!owner) return undefined;
    if (this.remembered.size >= rememberedKeys) this.remembered.clear();
    this.remembered.set(key, { owner, until: performance.now() + rememberedMs });
    return owner;
  }
}
