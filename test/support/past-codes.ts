import { newId } from '#contracts';
import type { TestPanel } from './gateway-harness.js';

/** Codes as the past has left them: what was sent by which route, and what became of it. */
export interface PastCodes {
  readonly tenantId: string;
  readonly userRef: string;
  readonly channel?: 'sms' | 'email';
  readonly country?: string | null;
  readonly route: string;
  readonly count: number;
  /** So many of them were entered, evenly among the others. */
  readonly entered: number;
  readonly entrySeconds?: number;
  /** Every one has a receipt that says that it was delivered. */
  readonly receiptSeconds?: number;
  readonly price?: string;
  readonly outcome?: string;
  /** Of the last one; the others came one after the other before it, a second each. */
  readonly minutesAgo: number;
}

/** @returns ids of the deliveries, oldest first */
export async function writePastCodes(panel: Pick<TestPanel, 'sql'>, past: PastCodes): Promise<string[]> {
  const { tenantId, userRef, route, entrySeconds = 10, receiptSeconds = null, price = null } = past;
  const rows = Array.from({ length: past.count }, (_, n) => {
    const at = Date.now() - past.minutesAgo * 60_000 - (past.count - n) * 1000;
    const [id, deviceId, challengeId] = [newId('delivery', at), newId('device', at), newId('challenge', at)];
    const upTo = (count: number) => Math.floor((count * past.entered) / past.count);
    const entered = upTo(n + 1) > upTo(n) ? new Date(at + entrySeconds * 1000).toISOString() : null;
    return { id, deviceId, challengeId, at: new Date(at).toISOString(), entered };
  });
  await panel.sql(
    `with x as materialized (
       select * from jsonb_to_recordset($1::jsonb) as x(id text, "deviceId" text, "challengeId" text, at timestamptz, entered timestamptz)
     ),
     c as (
       insert into challenge (id, tenant_id, user_id, purpose, status, max_checks, approved_device_id, created_at, expires_at, ended_at)
       select "challengeId", $2, $3, 'login', case when entered is null then 'expired' else 'approved' end, 5,
         case when entered is not null then "deviceId" end, at, at + interval '10 minutes', coalesce(entered, at + interval '10 minutes')
       from x
     ),
     d as (
       insert into delivery (id, tenant_id, user_id, device_id, challenge_id, channel, kind, country, status, fence, provider, created_at, expires_at, sent_at)
       select id, $2, $3, "deviceId", "challengeId", $4, 'code', $5, 'sent', 1, $6, at, at + interval '5 minutes', at from x
     )
     insert into delivery_attempt (delivery_id, number, provider, started_at, ended_at, outcome, price, receipt, receipt_at)
     select id, 1, $6, at, at + interval '100 ms', $7, $8,
       case when $9::float8 is not null then 'delivered' end, at + $9::float8 * interval '1 second'
     from x`,
    [
      JSON.stringify(rows),
      tenantId,
      userRef,
      past.channel ?? 'sms',
      past.country === undefined ? 'NL' : past.country,
      route,
      past.outcome ?? 'sent',
      price,
      receiptSeconds,
    ],
  );
  return rows.map(({ id }) => id);
}

/** Our id of a new user. */
export async function newUserRef(panel: TestPanel, tenant = panel as Parameters<TestPanel['user']>[0]) {
  const { accountId, userId } = await panel.user(tenant);
  const [user] = await panel.sql<{ id: string }>(
    'select u.id from app_user u join account a on a.id = u.account_id where a.external_id = $1 and u.external_id = $2',
    [accountId, userId],
  );
  if (!user) throw new Error('No user.');
  return user.id;
}
