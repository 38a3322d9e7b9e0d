import { sql } from '#persistence';

/** Error of an attempt whose process died, or was too slow to say how it ended. */
export const workerLost = 'worker-lost';

/** Error of a delivery whose provider took it and told by a receipt, before its answer was written down, that it did not arrive. */
export const receiptFailed = 'receipt-failed';

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
  /** Our id of the user; null where it is for nobody of the panel's users, and so are the next two. */
  readonly userId: string | null;
  readonly deviceId: string | null;
  readonly challengeId: string | null;
  readonly channel: string;
  readonly kind: string;
  /** Of an SMS. */
  readonly country: string | null;
  readonly requestId: string | null;
  readonly fence: number;
  /** The panel's own ids. */
  readonly accountExternalId: string | null;
  readonly userExternalId: string | null;
}

export const columns = sql`
  d.id, d.tenant_id as "tenantId", d.user_id as "userId", d.device_id as "deviceId", d.challenge_id as "challengeId",
  d.channel, d.kind, d.country, d.request_id as "requestId", d.fence,
  (select a.external_id from app_user u join account a on a.id = u.account_id where u.id = d.user_id) as "accountExternalId",
  (select u.external_id from app_user u where u.id = d.user_id) as "userExternalId"`;
// Both as expressions: by the columns, the plan for one delivery reads the indexes of all that are open, and of all that were sent.
export const isOpen = sql`d.status || '' in ('queued', 'sending')`;
/** Whether it was sent, and is kept for the next route until its receipt comes. */
export const waitsForReceipt = sql`(d.status || '' = 'sent' and d.awaits_receipt::int = 1)`;

/** Receipts that may be missed one after the other. From then on the provider counts as one that tells none, until it tells one. */
const mostMissing = 10;
/** Whether a provider tells receipts, so that one can be missed. */
export const tellsReceipts = (provider: string) =>
  sql`exists (select from receipt_source s where s.provider = ${provider} and s.missing < ${mostMissing})`;

export const milliseconds = (from: string, until = 'clock_timestamp()') =>
  sql`(extract(epoch from (${from} - ${until})) * 1000)::float8`;

// Asked of a delivery without a lease: an attempt without an outcome is one whose process died. One that was sent is in doubt where
// it is asked at all, since no receipt of it came; one of which a receipt says that it failed is in no doubt.
export const inDoubt = sql`from delivery_attempt t where t.delivery_id = d.id
  and (t.outcome is null or t.outcome in ('unknown', 'sent')) and t.receipt is distinct from 'failed'`;
// Most are tried once: a first attempt looks at none before it (420 µs of the database a claim with the look, 280 without).
export const mayBeTried = sql`(d.fence = 0 or (
  select count(*) < ${mostInDoubt} and (d.channel <> 'sms'
    or count(*) filter (where t.outcome is not null and t.error is distinct from '${workerLost}') < ${mostSmsInDoubt})
  ${inDoubt}))`;
