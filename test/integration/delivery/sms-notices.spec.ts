import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deliveryPayloadSchema, deliveryRow } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { createLogger } from '#runtime';
import { vonageChannel } from '../../../apps/sms-worker/src/vonage-channel.js';
import { otherCode, startPanel, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';

let panel: TestPanel;
let vonage: VonageServer;
beforeAll(async () => {
  panel = await startPanel();
  vonage = await startVonageServer();
});
afterAll(async () => {
  await vonage.close();
  await panel.stop();
});

const logger = createLogger('test');
logger.level = 'silent';
let numbers = 0;
const freshNumber = () => `+316300${String((numbers += 1)).padStart(5, '0')}`;

/** A user with a verified phone. */
async function phoneUser(number: string): Promise<TestUser & { deviceId: string }> {
  const user = await panel.user();
  const body = { method: 'sms', name: 'Phone', phone: number };
  const { id: deviceId } = (await panel.call('POST', `${user.path}/devices`, body)).body;
  const code = await panel.sentCode(deviceId);
  expect((await panel.call('POST', `/v1/devices/${deviceId}/verify`, { code })).status).toBe(200);
  return { ...user, deviceId };
}

/** Sends what waits, as a worker does. @returns the texts that came to a number */
async function noticesTo(number: string): Promise<string[]> {
  const channel = vonageChannel({ ...vonage.credentials, from: 'Acme', host: vonage.host });
  const waiting = await panel.sql<{ id: string }>(
    `select payload ->> 'deliveryId' as id from outbox where job = 'deliver-sms-notice'`,
  );
  for (const { id } of waiting)
    await new Deliverer({
      database: panel.database,
      sealer: panel.sealer,
      routes: new RouteTable([channel]),
      logger,
    }).deliver(id);
  return vonage.messages.filter(({ to }) => `+${to}` === number).map(({ text }) => text);
}

async function proofOf(user: TestUser & { deviceId: string }, purpose: string): Promise<Record<string, string>> {
  const challenge = await panel.challenge(user, { purpose });
  const body = { deviceId: user.deviceId, code: await panel.sentCode(user.deviceId) };
  const { proof } = (await panel.call('POST', `/v1/challenges/${challenge}/verify`, body)).body;
  return { 'sallyport-proof': proof };
}

test('a reset is told to the phone that it takes away, sealed on its way', async () => {
  const number = freshNumber();
  const user = await phoneUser(number);
  expect((await panel.call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' })).status).toBe(200);
  const [row] = await panel.sql<{ id: string; tenantId: string; sealed: Buffer; deviceId: string }>(
    `select id, tenant_id as "tenantId", payload_sealed as sealed, device_id as "deviceId"
     from delivery where kind = 'notice' and channel = 'sms'`,
  );
  if (!row) throw new Error('There is no notice.');
  const text = panel.sealer.openText('delivery', deliveryRow(row.tenantId, row.deviceId, row.id), row.sealed);
  expect(deliveryPayloadSchema.parse(JSON.parse(text))).toMatchObject({ kind: 'notice', to: number, notice: 'reset' });
  expect(await noticesTo(number)).toEqual([
    'Sallyport: an administrator has reset your two-factor authentication. Not expected? Contact them at once.',
  ]);
});

test('a changed number is told to the old one, and only once the new one is proved', async () => {
  const [old, fresh] = [freshNumber(), freshNumber()];
  const user = await phoneUser(old);
  const changing = await panel.call(
    'PUT',
    `/v1/devices/${user.deviceId}/phone`,
    { phone: fresh },
    await proofOf(user, 'change_phone'),
  );
  expect(changing.status).toBe(200);
  expect(await noticesTo(old)).toEqual([]);
  const wrong = await panel.call('POST', `/v1/devices/${user.deviceId}/verify`, {
    code: otherCode(await panel.sentCode(user.deviceId)),
  });
  expect(wrong.status).toBe(422);
  expect(await noticesTo(old)).toEqual([]);
  const code = await panel.sentCode(user.deviceId);
  expect((await panel.call('POST', `/v1/devices/${user.deviceId}/verify`, { code })).status).toBe(200);
  expect(await noticesTo(old)).toEqual([
    'Sallyport: your codes now go to another phone number. Not you? Contact support at once.',
  ]);
  expect(await noticesTo(fresh)).toEqual([]);
});

test('a policy that wants no such notices gets none', async () => {
  const number = freshNumber();
  const user = await phoneUser(number);
  await panel.call('PUT', `/v1/accounts/${user.accountId}/policy`, { notices: { reset: false } });
  expect((await panel.call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' })).status).toBe(200);
  expect(await noticesTo(number)).toEqual([]);
});

test('a number is told of five changes a day, whoever has them made, and no more', async () => {
  const number = freshNumber();
  for (let n = 0; n < 7; n += 1) {
    const user = await phoneUser(number);
    expect((await panel.call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' })).status).toBe(200);
  }
  expect(await noticesTo(number)).toHaveLength(5);
  // Of another number nothing was taken.
  const other = freshNumber();
  const user = await phoneUser(other);
  expect((await panel.call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' })).status).toBe(200);
  expect(await noticesTo(other)).toHaveLength(1);
});
