import type { OutgoingMessage, SendResult } from '#contracts';
import { count, observe } from '#runtime';
import type { Claimed } from './claim.sql.js';

/** What one attempt is counted by. Each value is one of few: nothing of a tenant, of a user or of a number. */
export interface Attempted {
  readonly message: Pick<OutgoingMessage, 'kind'>;
  readonly claimed: Pick<Claimed, 'channel' | 'provider' | 'country' | 'lifeMs' | 'spanMs' | 'tried'>;
}

/**
 * Counts an attempt by route, country and outcome, and how long the provider took, once its end is known or nobody waits for it
 * any more.
 * @param send never rejects
 */
export async function observeAttempt(attempted: Attempted, send: () => Promise<SendResult>): Promise<SendResult> {
  const { message, claimed } = attempted;
  const { channel, provider: route, lifeMs, spanMs, tried } = claimed;
  const country = claimed.country ?? 'none';
  if (tried?.some((name) => name !== route)) count('sallyport_delivery_fallbacks_total', { channel, route, country });
  const began = performance.now();
  const result = await send();
  const tookMs = performance.now() - began;
  count('sallyport_delivery_attempts_total', { channel, route, country, outcome: result.outcome });
  observe('sallyport_provider_answer_seconds', { channel, route }, tookMs / 1000);
  if (result.outcome !== 'sent') return result;
  observe('sallyport_delivery_seconds', { channel, route, kind: message.kind }, (spanMs - lifeMs + tookMs) / 1000);
  const cost = Number(result.price ?? 0);
  if (channel === 'sms' && cost > 0 && Number.isFinite(cost))
    count('sallyport_sms_cost_total', { route, country }, cost);
  return result;
}
