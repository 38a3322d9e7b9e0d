import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { deliveryRow, newId, type DeliveryPayload } from '#contracts';
import { Sealer } from '#persistence';
import { generateKeyFile, loadKeys } from '#runtime';
import { AppProcess } from '../../faults/app-process.js';
import { Autoscaler } from '../../support/autoscaler.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';
import { admin, ends, urlOf } from '../../support/worker-roles.js';

/** The age of the oldest job says when workers are too few, and that they are enough: a relay and SMS workers as they run. */

const keyFile = generateKeyFile();
const { sealing } = loadKeys(['sealing'], { SALLYPORT_KEYS: keyFile });
const sealer = new Sealer(sealing);

const providerMs = 100;
/** Of one worker. With this provider it sends 20 messages a second at best. */
const atOnce = 2;
/** Messages a second: more than one worker can send, and less than four can on a busy machine. */
const rate = 25;
const aboveSeconds = 2;
const most = 4;

let vonage: VonageServer;
const workers: AppProcess[] = [];

const settingsOf = (role: string) => ({ DATABASE_URL: urlOf(role), LOG_LEVEL: 'info' });

async function startWorker(): Promise<void> {
  const worker = new AppProcess('sms-worker', {
    ...settingsOf('sallyport_sms_worker'),
    SALLYPORT_KEYS: JSON.stringify({ sealing: (JSON.parse(keyFile) as { sealing: unknown }).sealing }),
    VONAGE_API_KEY: vonage.credentials.apiKey,
    VONAGE_API_SECRET: vonage.credentials.apiSecret,
    VONAGE_API_HOST: vonage.host,
    VONAGE_FROM: 'Panel',
    SMS_CONCURRENCY: String(atOnce),
  });
  ends.push(() => worker.end('SIGTERM'));
  await worker.start();
  workers.push(worker);
}

/** Deliveries as an accepted challenge leaves them, with their jobs. */
async function accept(count: number): Promise<void> {
  const rows = Array.from({ length: count }, () => {
    const id = newId('delivery');
    const deviceId = newId('device');
    const payload: DeliveryPayload = {
      kind: 'code',
      to: '+31612345678',
      code: '048213',
      brand: 'Acme',
      host: null,
      locale: 'en',
      purpose: 'login',
      detail: null,
      minutes: 10,
    };
    return {
      id,
      deviceId,
      event: newId('event'),
      sealed: sealer.seal('delivery', deliveryRow('tnt_1', deviceId, id), JSON.stringify(payload)),
    };
  });
  await admin.query(
    `with d as (select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) as d(id, device, event, sealed)),
     written as (
       insert into delivery (id, tenant_id, user_id, device_id, channel, kind, payload_sealed, expires_at)
       select id, 'tnt_1', 'usr_1', device, 'sms', 'code', sealed, now() + interval '10 minutes' from d
     )
     insert into outbox (id, job, line, payload) select event, 'deliver-sms', '', jsonb_build_object('deliveryId', id) from d`,
    [
      rows.map(({ id }) => id),
      rows.map(({ deviceId }) => deviceId),
      rows.map(({ event }) => event),
      rows.map(({ sealed }) => sealed),
    ],
  );
}

test('workers are added while the oldest job waits too long, until it does not, under a load that goes on', async () => {
  vonage = await startVonageServer();
  vonage.always({ delayMs: providerMs });
  ends.push(() => vonage.close());
  const relay = new AppProcess('relay', settingsOf('sallyport_relay'));
  ends.push(() => relay.end('SIGTERM'));
  await relay.start();
  await startWorker();
  const { metricsUrl } = relay.logs.find(({ msg }) => msg === 'ready') as unknown as { readonly metricsUrl: string };
  const scaler = new Autoscaler({ metricsUrl, queue: 'sms', aboveSeconds, most, start: startWorker });
  scaler.begin();

  // Messages come until the workers that were added have caught up; the bound is for a machine that is too busy for any number.
  let accepted = 0;
  const caughtUp = () =>
    workers.length > 1 && scaler.age < aboveSeconds / 2 && scaler.steps.at(-1)?.workers === workers.length;
  for (const began = Date.now(); !caughtUp() && Date.now() - began < 240_000; await sleep(200)) {
    const due = Math.floor(((Date.now() - began) / 1000) * rate) - accepted;
    await accept(due);
    accepted += due;
  }
  const hasCaughtUp = caughtUp();
  await scaler.end();
  expect(hasCaughtUp).toBe(true);

  // One alone fell behind, and each was added for what the metric said.
  const starts = scaler.steps.filter(({ started }) => started);
  expect(starts.length).toBe(workers.length - 1);
  expect(starts[0]?.workers).toBe(1);
  for (const { seconds } of starts) expect(seconds).toBeGreaterThan(aboveSeconds);
  // It fell while messages still came, below what it was when the last one was added.
  const last = scaler.steps.findLastIndex(({ started }) => started);
  expect(Math.min(...scaler.steps.slice(last + 1).map(({ seconds }) => seconds))).toBeLessThan(aboveSeconds / 2);

  // All of them worked, and each message went once.
  const left = async () =>
    Number((await admin.query(`select count(*) from delivery where status <> 'sent'`)).rows[0].count);
  for (const end = Date.now() + 120_000; (await left()) > 0 && Date.now() < end;) await sleep(100);
  expect(await left()).toBe(0);
  expect(vonage.messages.length).toBe(accepted);
  expect(new Set(vonage.messages.map(({ clientRef }) => clientRef)).size).toBe(accepted);
  for (const worker of workers) expect(worker.logs.some(({ msg }) => msg === 'delivery attempted')).toBe(true);
}, 480_000);
