import type { SendResult } from '#contracts';
import { tracing } from '#runtime';
import type { Claimed } from './claim.sql.js';
import { shortName } from './short-name.js';

/**
 * Has an attempt be a span, until its answer comes: also one that comes late, when the job's own has ended.
 * @param send never rejects
 */
export async function traceAttempt(claimed: Claimed, send: () => Promise<SendResult>): Promise<SendResult> {
  const { tenantId, id, requestId, provider, fence, channel } = claimed;
  const facts = {
    'sallyport.tenant_id': tenantId,
    'sallyport.request_id': requestId,
    'sallyport.delivery_id': id,
    'sallyport.route': provider,
    'sallyport.attempt': fence,
  };
  const span = tracing()?.begin({ name: `send ${channel}`, kind: 'client', facts });
  if (!span) return send();
  const result = await span.within(send);
  span.add({ 'sallyport.outcome': result.outcome });
  span.end(result.outcome === 'sent' ? undefined : shortName(result.error));
  return result;
}
