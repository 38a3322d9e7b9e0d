import { event, type NewEvent } from '#persistence';
import type { Delivery } from './delivery-row.sql.js';

type Fate = 'sent' | 'failed' | 'expired';

const eventsOfCodes = { sent: 'code.sent', failed: 'code.failed', expired: 'code.expired' } as const;
/** That a notice went out is no news. */
const eventsOfNotices = { failed: 'notice.failed', expired: 'notice.expired' } as const;

/** The event of what became of a delivery. Those of the statement that decides it name their outcome. */
export function facts(delivery: Delivery, fate: Fate, more: { provider?: string; error?: string } = {}): NewEvent[] {
  const { id: deliveryId, deviceId, challengeId, fence: attempts } = delivery;
  const method = delivery.channel as 'sms' | 'email';
  const when = fate === 'expired' ? {} : { when: fate };
  if (delivery.kind === 'code') {
    if (deviceId === null) return [];
    const data = { deliveryId, deviceId, method, attempts, ...(challengeId === null ? {} : { challengeId }), ...more };
    return [event(eventsOfCodes[fate], data, when)];
  }
  if (fate === 'sent') return [];
  const data = { deliveryId, ...(deviceId === null ? {} : { deviceId }), method, attempts, ...more };
  return [event(eventsOfNotices[fate], data, when)];
}

export function contextOf(delivery: Delivery) {
  return {
    tenantId: delivery.tenantId,
    accountId: delivery.accountExternalId,
    userId: delivery.userExternalId,
    userRef: delivery.userId,
    requestId: delivery.requestId,
    by: null,
  };
}

/** Which delivery a line of the log is about. */
export function logged(delivery: Delivery) {
  return { deliveryId: delivery.id, requestId: delivery.requestId, attempt: delivery.fence };
}
