import { isIPv4 } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { EventData } from '#contracts';
import { event, type ApiKeyOwner } from '#persistence';
import { CountedEvents } from './counted-events.js';

const everyMs = 60_000;

type Refusal = Pick<EventData<'api_key.refused'>, 'reason' | 'scope'>;
type Counted = Pick<EventData<'api_key.refused'>, 'calls' | 'since'>;

/** Has the log tell of calls whose API key was refused, where it was a key of a tenant once. */
@Injectable()
export class RefusedKeys {
  constructor(private readonly events: CountedEvents) {}

  note(
    { tenantId, apiKeyId }: Pick<ApiKeyOwner, 'tenantId' | 'apiKeyId'>,
    refusal: Refusal,
    request: { readonly id: string; readonly ip: string },
  ): void {
    const network = networkOf(request.ip);
    const facts = { keyId: apiKeyId, ...refusal, ...(network === undefined ? {} : { network }) };
    const kind = {
      key: ['api_key.refused', apiKeyId, refusal.reason, refusal.scope, network].join(' '),
      everyMs,
      context: { tenantId, requestId: request.id, by: null },
      join: (before: Counted, later: Counted) => ({ ...before, calls: before.calls + later.calls }),
      event: (counted: Counted) => event('api_key.refused', { ...facts, ...counted }),
    };
    // The caller does not wait for it.
    void this.events.note(kind, { calls: 1, since: new Date().toISOString() });
  }
}

/** The first half of an address: enough to tell where calls come from, and no single person's for ever. */
export function networkOf(ip: string): string | undefined {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  const groups = /^([0-9a-f]{1,4}):([0-9a-f]{1,4}):([0-9a-f]{1,4}):/i.exec(address);
  return groups ? `${groups[0].toLowerCase()}:/48` : undefined;
}
