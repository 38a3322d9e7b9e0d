import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { newId, type DeliveryChannel, type SendResult } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { startEmailWorker, startSmsWorker } from '../../support/apps.js';
import { smtpChannel } from '../../../apps/email-worker/src/smtp-channel.js';
import { hold } from '../../support/hold.js';
import { openQueues, type Queues } from '../../support/queues.js';
import {
  attempts,
  closeFirst,
  from,
  logged,
  logger,
  mailsOf,
  makeDue,
  newDelivery,
  outcomes,
  requestId,
  row,
  sealer,
  smtp,
  store,
  until,
} from '../../support/sent-deliveries.js';
import { startLyingMailServer, type Lie } from '../../support/lying-mail-server.js';
import { figure } from '../../support/metrics.js';

let queues: Queues;

beforeAll(async () => {
  queues = await openQueues(store.url, logger);
  closeFirst(() => queues.close());
});

const taken: SendResult = { outcome: 'sent', reference: null, price: null };

interface TestRoute extends DeliveryChannel {
  readonly texts: Map<string, string>;
}

/** A route that answers at once, or never. */
function route(name: string, hangs: (id: string) => boolean = () => false): TestRoute {
  const texts = new Map<string, string>();
  return {
    name,
    texts,
    send: async ({ deliveryId, text }, signal) => {
      texts.set(deliveryId, text);
      if (!hangs(deliveryId)) return taken;
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ outcome: 'unknown', error: 'aborted' }));
      });
    },
  };
}

const newDeliveries = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await newDelivery()).id));
const publish = (ids: readonly string[]) =>
  queues.publish(ids.map((id) => ({ job: 'deliver-sms', id: newId('event'), payload: { deliveryId: id, requestId } })));
const isSent = async (id: string) => (await row(id)).status === 'sent';
const allSent = async (ids: readonly string[]) => (await Promise.all(ids.map(isSent))).every(Boolean);

test('attempts without an answer keep no worker from the others: those are sent before the first is given up', async () => {
  const [hung, others] = [await newDeliveries(12), await newDeliveries(20)];
  const routes = new RouteTable([route('first', (id) => hung.includes(id))], undefined, 4);
  process.env['SMS_CONCURRENCY'] = '4';
  const worker = await startSmsWorker({ database: store.database, queues, sealer, logger, routes }).finally(
    () => delete process.env['SMS_CONCURRENCY'],
  );
  await publish(hung);
  await until(async () => (await Promise.all(hung.map(outcomes))).every((list) => list.length === 1));
  await publish(others);
  await until(() => allSent(others));
  // Where each of the four took its 5 s, two rounds of them would be over.
  const given = (await Promise.all(hung.map(outcomes))).filter(([outcome]) => outcome === 'unknown');
  expect(given.length).toBeLessThan(8);
  await until(async () => (await Promise.all(hung.map(outcomes))).every(([outcome]) => outcome === 'unknown'));
  for (const id of hung)
    expect(await row(id)).toMatchObject({ status: 'sending', error: 'timeout', fence: 1, jobs: 1 });
  for (const id of others) expect(await outcomes(id)).toEqual(['sent']);
  await worker.stop();
});

test('an answer that is still to be written down is waited for: its job does not come back for nothing', async () => {
  const { id } = await newDelivery();
  const held = Promise.withResolvers<Awaited<ReturnType<typeof hold>>>();
  const channel: DeliveryChannel = {
    name: 'vonage',
    send: async () => {
      held.resolve(await hold(store.url, 'select from delivery where id = $1 for update', [id]));
      return taken;
    },
  };
  const deliverer = new Deliverer({ database: store.database, sealer, routes: new RouteTable([channel]), logger });
  const again = deliverer.deliver(id);
  const holder = await held.promise;
  await holder.waiting(1);
  // Longer than a worker waits for a provider of which it knows nothing.
  await sleep(1500);
  await holder.release();
  expect(await again).toBeUndefined();
  expect(await row(id)).toMatchObject({ status: 'sent', fence: 1, jobs: 0 });
  await deliverer.end();
});

test('what hangs goes on by the next route with the same code, and a route that only hangs is left alone', async () => {
  const ids = await newDeliveries(40);
  const [first, second] = [route('first', () => true), route('second')];
  const routes = new RouteTable([first, second], undefined, 4);
  logged.length = 0;
  const worker = await startSmsWorker({ database: store.database, queues, sealer, logger, routes });
  await publish(ids);
  await until(() => allSent(ids));
  for (const id of ids) {
    const tried = (await attempts(id)).map(({ provider, outcome }) => `${provider} ${outcome}`);
    expect(['first unknown,second sent', 'second sent']).toContain(tried.join());
    expect(second.texts.get(id)).toContain('048213');
    if (first.texts.has(id)) expect(second.texts.get(id)).toBe(first.texts.get(id));
  }
  // As many as may be under way at once, and probes; the others never went there.
  expect(first.texts.size).toBeLessThan(30);
  const told = logged.filter((line) => line.includes('is left alone'));
  expect(told).toHaveLength(routes.figures[0]?.openings ?? 0);
  expect(told[0]).toContain('"level":40');
  expect(told[0]).toContain('"route":"first"');
  expect(routes.figures[0]).toMatchObject({ route: 'first', openings: 1 });
  const bySecond = { channel: 'sms', route: 'second' };
  expect(await figure('sallyport_delivery_attempts_total', { ...bySecond, outcome: 'sent' })).toBe(40);
  expect(await figure('sallyport_delivery_fallbacks_total', bySecond)).toBe(first.texts.size);
  await worker.stop();
});

test('with every route left alone deliveries wait unclaimed, and are sent when one is back', async () => {
  const [early, late] = [await newDeliveries(8), await newDeliveries(6)];
  let away = true;
  const only: DeliveryChannel = {
    name: 'only',
    send: async () => (away ? { outcome: 'transient', error: 'unreachable', ofRoute: true } : taken),
  };
  const deliverer = new Deliverer({ database: store.database, sealer, routes: new RouteTable([only]), logger });
  for (const id of early) await deliverer.deliver(id);
  for (const id of late) {
    expect(await deliverer.deliver(id)).toMatchObject({ retryAt: expect.any(Date) });
    expect(await row(id)).toMatchObject({ status: 'queued', fence: 0 });
    expect(await attempts(id)).toEqual([]);
  }
  away = false;
  for (const id of [...late, ...early]) {
    await until(async () => {
      await store.database.query(makeDue, { id });
      await deliverer.deliver(id);
      return isSent(id);
    });
  }
  for (const id of late) expect(await row(id)).toMatchObject({ fence: 1 });
});

test.each<[Lie, string]>([
  ['closes-before-the-greeting', 'transient'],
  ['drops-after-data', 'unknown'],
  ['drops-within-data', 'unknown'],
  ['answers-garbage', 'transient'],
  ['closes-with-421', 'transient'],
  ['takes-and-closes', 'sent'],
])(
  'a mail server that %s: the mail is in a true state, and goes by the next server with the same Message-ID',
  async (lie, outcome) => {
    const liar = await startLyingMailServer(lie);
    const routes = new RouteTable([
      smtpChannel({ url: liar.url, from }),
      smtpChannel({ name: 'smtp-2', url: smtp.url, from }),
    ]);
    const worker = await startEmailWorker({ database: store.database, queues, sealer, logger, routes });
    const { id } = await newDelivery('email');
    await queues.publish([{ job: 'deliver-email', id: newId('event'), payload: { deliveryId: id, requestId } }]);
    await until(() => isSent(id));
    const tried = (await attempts(id)).map(({ provider, outcome: ended }) => [provider, ended]);
    if (outcome === 'sent') {
      expect(tried).toEqual([['smtp', 'sent']]);
      expect(mailsOf(id)).toEqual([]);
    } else {
      expect(tried).toEqual([
        ['smtp', outcome],
        ['smtp-2', 'sent'],
      ]);
      expect(mailsOf(id)).toMatchObject([{ messageId: expect.stringContaining(id), accepted: true }]);
    }
    await worker.stop();
    await liar.close();
  },
);

test('a mail server that drips its greeting holds back no mail', async () => {
  const liar = await startLyingMailServer('drips');
  const routes = new RouteTable([
    smtpChannel({ url: liar.url, from }),
    smtpChannel({ name: 'smtp-2', url: smtp.url, from }),
  ]);
  const worker = await startEmailWorker({ database: store.database, queues, sealer, logger, routes });
  const ids = await Promise.all(Array.from({ length: 30 }, async () => (await newDelivery('email')).id));
  await queues.publish(
    ids.map((id) => ({ job: 'deliver-email', id: newId('event'), payload: { deliveryId: id, requestId } })),
  );
  await until(() => allSent(ids));
  for (const id of ids) {
    expect(mailsOf(id)).toHaveLength(1);
    expect((await attempts(id)).at(-1)).toMatchObject({ provider: 'smtp-2', outcome: 'sent' });
  }
  await liar.close();
  await worker.stop();
});
