import { newId } from '#contracts';
import type { Caller } from './http/caller.js';

/** Whoever sits at the shell, as a caller: with every right in a tenant, and no API key. */
export function shellCaller(tenantId: string): Caller {
  return {
    // No key's: events tell of the operator alone.
    apiKeyId: '',
    tenantId,
    application: null,
    scopes: ['admin'],
    expiresAt: null,
    requestId: newId('request'),
    proof: null,
    actor: 'operator',
    language: 'en',
  };
}
