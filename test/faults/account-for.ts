import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from './fleet.js';
import { messagesOf, type PanelTraffic } from './panel-traffic.js';

/** What one scenario came to: a row of the summary. */
export interface Account {
  readonly requests: number;
  readonly acknowledged: number;
  readonly delivered: number;
  /** Acknowledged, and neither delivered nor visibly expired. */
  readonly lost: number;
  readonly expired: number;
  /** Messages above one for each delivery. */
  readonly extra: number;
  /** Repeats whose text is not the first one's. */
  readonly changed: number;
  /** Deliveries that nobody was told of: a key that was not answered, or one that sent twice. */
  readonly unacknowledged: number;
  /** Facts without their event: acknowledged challenges and deliveries. */
  readonly withoutEvent: number;
  /** Jobs that the queue gave up. */
  readonly failedJobs: number;
  /** Events that the sealer left out, or sealed twice. */
  readonly unsealed: number;
  /** Logs of this run that a signer took for forged. */
  readonly refusedLogs: number;
  /** From the last fault to the last delivery, in seconds. */
  readonly recoverySeconds: number;
}

/** Longest wait for quiet: a lease of 30 s, the reconciler, and a pause between attempts. */
const quietWithinMs = 120_000;

/**
 * Waits until nothing is under way, then compares what was acknowledged with what was seen: at the providers, in the
 * database, in the queue, in the audit log.
 * @param since when the last fault ended, by `performance.now()`
 */
export async function accountFor(fleet: Fleet, traffic: PanelTraffic, since: number): Promise<Account> {
  const { acknowledged } = traffic;
  const references = new Set(acknowledged.map(({ deliveryId }) => deliveryId));
  const arrived = () => new Set(messagesOf(fleet).map(({ deliveryId }) => deliveryId));
  const missing = () => references.difference(arrived()).size;
  const until = Date.now() + quietWithinMs;
  while (missing() > 0 && Date.now() < until) await sleep(50);
  const recoverySeconds = Math.max(0, (performance.now() - since) / 1000);
  while (!(await isQuiet(fleet)) && Date.now() < until) await sleep(200);

  const texts = new Map<string, string[]>();
  for (const { deliveryId, text } of messagesOf(fleet)) {
    if (references.has(deliveryId)) texts.set(deliveryId, [...(texts.get(deliveryId) ?? []), text]);
  }
  const repeats = [...texts.values()];
  const expired = await idsOf(fleet, `select id from delivery where status = 'expired'`);
  const absent = [...references].filter((id) => !texts.has(id));
  const challenges = acknowledged.map(({ challengeId }) => challengeId);
  const prefix = acknowledged[0]?.person.accountId.replace(/-account-\d+$/, '') ?? '';
  const [counts] = await fleet.sql<{ deliveries: number; events: number; sealed: number }>(
    `select
       (select count(*)::int from delivery d join app_user u on u.id = d.user_id
        where u.external_id like $1 || '-user-%' and d.challenge_id is not null) as deliveries,
       (select count(*)::int from event) as events,
       (select count(*)::int from audit_entry) as sealed`,
    [prefix],
  );
  const told = await idsOf(fleet, `select data ->> 'deliveryId' as id from event where type = 'code.requested'`);
  const created = await idsOf(fleet, `select data ->> 'challengeId' as id from event where type = 'challenge.created'`);
  const withoutEvent =
    [...references].filter((id) => !told.has(id)).length + challenges.filter((id) => !created.has(id)).length;
  let failedJobs = 0;
  for (const queue of ['sms', 'email', 'security']) {
    failedJobs += Number(await fleet.redis.command('zcard', `{sallyport}:${queue}:failed`));
  }
  return {
    requests: traffic.requests,
    acknowledged: acknowledged.length,
    delivered: texts.size,
    lost: absent.filter((id) => !expired.has(id)).length,
    expired: absent.filter((id) => expired.has(id)).length,
    extra: repeats.reduce((sum, list) => sum + list.length - 1, 0),
    changed: repeats.filter((list) => new Set(list).size > 1).length,
    unacknowledged: (counts?.deliveries ?? 0) - references.size,
    withoutEvent,
    failedJobs,
    unsealed: (counts?.events ?? 0) - (counts?.sealed ?? 0),
    refusedLogs: fleet
      .of('audit-worker')
      .flatMap(({ logs }) => logs.filter(({ msg }) => msg?.startsWith('no checkpoint is signed'))).length,
    recoverySeconds,
  };
}

/** Nothing unpublished, nothing unfinished, nothing unsealed. */
async function isQuiet(fleet: Fleet): Promise<boolean> {
  const [row] = await fleet.sql<{ busy: boolean }>(
    `select exists (select from outbox)
       or exists (select from delivery where status in ('queued', 'sending'))
       or exists (select from event e where not exists (select from audit_entry a where a.event_id = e.id)) as busy`,
  );
  return row?.busy === false;
}

async function idsOf(fleet: Fleet, text: string): Promise<Set<string>> {
  return new Set((await fleet.sql<{ id: string }>(text)).map(({ id }) => id));
}
