import {
  deliveryPayloadSchema,
  deliveryRow,
  type DeliveryPayload,
  type OutgoingMessage,
  type SendResult,
} from '#contracts';
import { UnsealError, type Sealer } from '#persistence';
import type { Logger } from '#runtime';
import { logged } from './delivery-events.js';
import type { Claimed } from './claim.sql.js';
import { mailFor, smsFor } from './words.js';

/** The message, or why there is none. */
export function prepareMessage(sealer: Sealer, logger: Logger, claimed: Claimed): OutgoingMessage | SendResult {
  if (!claimed.payloadSealed) return { outcome: 'permanent', error: 'payload-missing' };
  let payload: DeliveryPayload;
  try {
    const row = deliveryRow(claimed.tenantId, claimed.deviceId, claimed.id);
    payload = deliveryPayloadSchema.parse(JSON.parse(sealer.openText('delivery', row, claimed.payloadSealed)));
  } catch (error) {
    if (!(error instanceof UnsealError)) return { outcome: 'permanent', error: 'payload-invalid' };
    // A key that is missing here may be in place at the next try.
    logger.error({ ...logged(claimed), err: error }, 'a delivery could not be decrypted');
    return { outcome: 'transient', error: 'payload-does-not-open' };
  }
  const address = {
    deliveryId: claimed.id,
    to: payload.to,
    kind: payload.kind,
    country: claimed.country,
    // By this process's clock, like everything that a channel measures it with.
    expiresAt: new Date(Date.now() + claimed.lifeMs),
  };
  const words = claimed.channel === 'email' ? mailFor(payload) : smsFor(payload);
  return words === undefined ? { outcome: 'permanent', error: 'no-words' } : { ...address, ...words };
}
