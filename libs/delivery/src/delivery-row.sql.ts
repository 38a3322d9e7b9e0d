import { sql } from '#persistence';

/** Error of an attempt whose process died, or was too slow to say how it ended. */
export const workerLost = 'worker-lost';

/**
 * Attempts of one delivery whose end nobody knows, at most: each may have sent. So many where processes die; of an SMS
 * whose provider leaves it open no more than two, since each may be paid for.
 */
const mostInDoubt = 4;
const mostSmsInDoubt = 2;

/** What is known of a delivery besides its secrets. */
export interface Delivery {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly deviceId: string | null;
  readonly challengeId: string | null;
  readonly channel: string;
  readonly kind: string;
  readonly requestId: string | null;
  readonly fence: number;
  /** The panel's own ids. */
  readonly accountExternalId: string;
  readonly userExternalId: string;
}

export const columns = sql`
  d.id, d.tenant_id as "tenantId", d.user_id as "userId", d.device_id as "deviceId", d.challenge_id as "challengeId",
  d.channel, d.kind, d.request_id as "requestId", d.fence,
  a.external_id as "accountExternalId", u.external_id as "userExternalId"`;
export const milliseconds = (from: string, until = 'clock_timestamp()') =>
  sql`(extract(epoch from (${from} - ${until})) * 1000)::float8`;

// Asked of a delivery without a lease: an attempt without an outcome is one whose process died.
export const inDoubt = sql`from delivery_attempt t where t.delivery_id = d.id and (t.outcome is null or t.outcome = 'unknown')`;
// Most are tried once: a first attempt looks at none before it (420 µs of the database a claim with the look, 280 without).
export const mayBeTried = sql`(d.fence = 0 or (
  select count(*) < ${mostInDoubt} and (d.channel <> 'sms'
    or count(*) filter (where t.outcome = 'unknown' and t.error is distinct from '${workerLost}') < ${mostSmsInDoubt})
  ${inDoubt}))`;
