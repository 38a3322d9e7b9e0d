import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect } from '@jest/globals';
import { verifyWebhook } from '#client';
import { startReceiver, type Receiver } from '../support/webhook-receiver.js';
import { battery, report, seed } from './battery.js';
import type { Fleet } from './fleet.js';
import { PanelTraffic } from './panel-traffic.js';
import { seeded } from './random.js';
import { onFleet, useFleet, ofEach } from './on-fleet.js';

/** The receiver takes so long for each message: a kill finds some on their way. */
const takesMs = 150;
const writers = 4;
const pauseMs = 80;
/** Longest wait for quiet: a lease of 40 s, the reconciler's 15 s, and a pause of the queue. */
const quietWithinMs = 120_000;

let fleet: Fleet;
let receiver: Receiver;
let secret: string;

useFleet(
  { ...ofEach(0), gateway: 1, relay: 2, 'audit-worker': 1, 'webhook-worker': 2 },
  async (started) => {
    fleet = started;
    receiver = await startReceiver();
    const endpoint = { url: receiver.url, types: ['account.created'] };
    ({ secret } = (await new PanelTraffic(fleet, 'set-up').insist('POST', '/v1/webhooks', endpoint)).body);
    receiver.answer(async (answer) => {
      await sleep(takesMs);
      answer.writeHead(204).end();
    });
  },
  async () => receiver?.close(),
);

let before = 0;
beforeEach(() => {
  before = receiver?.received.length ?? 0;
});
const arrived = () => receiver.received.slice(before);

/** A message that carries Sallyport's signature: its id, what it tells of, its text. */
function read({ headers, body }: ReturnType<typeof arrived>[number]) {
  const { id, data } = verifyWebhook(body, headers, secret);
  return { sentAs: headers['webhook-id'] ?? '', id, accountId: String(data['accountId']), body };
}

/**
 * A panel makes accounts while things break; afterwards each one that it was told of has to have reached the endpoint.
 * @param faults says when the last of them was over, by `performance.now()`
 */
async function underLoad(name: string, faults: () => Promise<number>) {
  const traffic = new PanelTraffic(fleet, name);
  const acknowledged = new Set<string>();
  let running = true;
  let number = 0;
  const load = Promise.all(
    Array.from({ length: writers }, async () => {
      for (; running; await sleep(pauseMs)) {
        const accountId = `${name}-${number++}`;
        await traffic.insist('PUT', `/v1/accounts/${accountId}`, {});
        acknowledged.add(accountId);
      }
    }),
  );
  let since: number;
  try {
    since = await faults();
  } finally {
    running = false;
    await load;
  }
  const missing = () => acknowledged.difference(new Set(arrived().map((message) => read(message).accountId)));
  const until = Date.now() + quietWithinMs;
  while (missing().size > 0 && Date.now() < until) await sleep(100);
  const recoverySeconds = Math.max(0, (performance.now() - since) / 1000);
  while ((await openDeliveries()) > 0 && Date.now() < until) await sleep(200);
  return { acknowledged: acknowledged.size, lost: missing().size, recoverySeconds, ...(await compare(traffic)) };
}

/** What came, beside itself and beside the database. */
async function compare(traffic: PanelTraffic) {
  const messages = arrived().map(read);
  const texts = Map.groupBy(messages, ({ accountId }) => accountId);
  const changed = [...texts.values()].filter(
    (list) => new Set(list.map(({ sentAs, body }) => `${sentAs} ${body}`)).size > 1,
  );
  const sealed = await fleet.sql<{ id: string }>(
    `select e.id from event e join audit_entry a on a.event_id = e.id where e.type = 'account.created'`,
  );
  return {
    requests: traffic.requests,
    delivered: texts.size,
    extra: messages.length - texts.size,
    changed: changed.length,
    /** Messages under another id than their event's, or of an event that the log does not have. */
    foreign: messages.filter(({ sentAs, id }) => sentAs !== id || !sealed.some((each) => each.id === id)).length,
    /** Deliveries that have not ended well. */
    open: await openDeliveries(),
    failedJobs: Number(await fleet.redis.command('zcard', '{sallyport}:webhooks:failed')),
  };
}

async function openDeliveries(): Promise<number> {
  const [row] = await fleet.sql<{ n: number }>(
    `select count(*)::int as n from webhook_delivery where status <> 'delivered'`,
  );
  return row?.n ?? 0;
}

const whole = { lost: 0, changed: 0, foreign: 0, open: 0, failedJobs: 0 };

/** Workers that keep up leave nothing in the queue that its emptying could lose. */
async function emptyRedisWhileJobsWait(): Promise<void> {
  const workers = fleet.of('webhook-worker');
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  while (Number(await fleet.redis.command('zcard', '{sallyport}:webhooks:prioritized')) === 0) await sleep(50);
  await fleet.redis.killAndEmpty();
  await sleep(500);
  await fleet.redis.start();
  await Promise.all(workers.map((worker) => worker.start()));
}

onFleet(
  'T28 webhook workers and relays killed in mid-work, Redis emptied: every event reaches its endpoint, each repeat under the same id',
  async () => {
    const random = seeded(seed + 28);
    const account = await underLoad('t28', async () => {
      for (let kill = 1; kill <= battery.webhookKills; kill += 1) {
        // By what came, so that each kill finds messages on their way.
        for (const due = receiver.received.length + 10; receiver.received.length < due;) await sleep(5);
        const victims = (['webhook-worker', 'relay'] as const).map((app) => random.pick(fleet.of(app)));
        await Promise.all(victims.map((victim) => victim.end('SIGKILL')));
        await Promise.all(victims.map((victim) => victim.start()));
      }
      await emptyRedisWhileJobsWait();
      return performance.now();
    });
    report('T28', `${battery.webhookKills} kills of a webhook worker and a relay, Redis emptied`, account);
    expect(account).toMatchObject({ ...whole, delivered: account.acknowledged });
    // Each repeat has its row.
    const [counted] = await fleet.sql<{ attempts: number }>('select count(*)::int as attempts from webhook_attempt');
    expect(counted?.attempts).toBeGreaterThanOrEqual(account.delivered + account.extra);
  },
  300_000,
);

onFleet(
  'T24 SIGTERM to a webhook worker in mid-work: it finishes what it has, and nothing comes twice',
  async () => {
    const endings: unknown[] = [];
    let slowest = 0;
    const account = await underLoad('t24', async () => {
      for (const worker of fleet.of('webhook-worker')) {
        for (const due = receiver.received.length + 20; receiver.received.length < due;) await sleep(5);
        const { status, ms } = await worker.end('SIGTERM');
        endings.push(status);
        slowest = Math.max(slowest, ms);
        await worker.start();
      }
      return performance.now();
    });
    report('T24', `SIGTERM to webhook workers, slowest out in ${(slowest / 1000).toFixed(1)} s`, account);
    expect(endings).toEqual([0, 0]);
    expect(account).toMatchObject({ ...whole, extra: 0, delivered: account.acknowledged });
  },
  120_000,
);
