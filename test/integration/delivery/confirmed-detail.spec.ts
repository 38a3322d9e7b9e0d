import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Deliverer, RouteTable } from '#delivery';
import { createLogger } from '#runtime';
import { decodeJwt } from 'jose';
import { vonageChannel } from '../../../apps/sms-worker/src/vonage-channel.js';
import { startPanel, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';
import { startVonageServer, type VonageServer } from '../../support/vonage-server.js';

/** What the proof says was confirmed, the user has read in the SMS: all of it. */
let panel: TestPanel;
let vonage: VonageServer;
let user: TestUser & { deviceId: string };
beforeAll(async () => {
  panel = await startPanel();
  vonage = await startVonageServer();
  await panel.call('PUT', '/v1/policy', { phone: { smsPerDevicePerDay: 100 }, code: { resendAfterSeconds: 0 } });
  const owner = await panel.user();
  const body = { method: 'sms', name: 'Phone', phone: '+31612345678' };
  const { id: deviceId } = (await panel.call('POST', `${owner.path}/devices`, body)).body;
  const code = await panel.sentCode(deviceId);
  expect((await panel.call('POST', `/v1/devices/${deviceId}/verify`, { code })).status).toBe(200);
  user = { ...owner, deviceId };
});
afterAll(async () => {
  await vonage.close();
  await panel.stop();
});

const logger = createLogger('test');
logger.level = 'silent';

const ask = (more: object) =>
  panel.call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId, ...more });

async function textOf(deliveryId: string): Promise<string> {
  const channel = vonageChannel({ ...vonage.credentials, from: 'Acme', host: vonage.host });
  await new Deliverer({
    database: panel.database,
    sealer: panel.sealer,
    routes: new RouteTable([channel]),
    logger,
  }).deliver(deliveryId);
  return vonage.messages.find(({ clientRef }) => clientRef === deliveryId)?.text ?? '';
}

describe('the SMS of a transaction shows', () => {
  test.each([
    ['Transfer ₹500 to Ravi', 'Transfer ₹500 to Ravi'],
    ['Převod 500 Kč na účet „spoření“', 'Prevod 500 Kc na ucet "sporeni"'],
    ['支払い １００ 円', '支払い １００ 円'],
    ['حوّل ٥٠٠ إلى علی\u200cرضا', 'حوّل ٥٠٠ إلى علی\u200cرضا'],
    ['Send a 👩\u200d💻 to you', 'Send a 👩\u200d💻 to you'],
    ['Delete … and go on', 'Delete ... and go on'],
    [`Pay ${'1234567 '.repeat(15)}EUR`, `Pay ${'1234567 '.repeat(15)}EUR`],
    ['Pay ½ of it', 'Pay ½ of it'],
  ])('%s, and the proof says it', async (detail, shown) => {
    const opened = await ask({ purpose: 'transaction', detail });
    expect(opened.status).toBe(201);
    const { id, send } = opened.body.challenge;
    const text = await textOf(send.deliveryId);
    expect(text).toContain(shown);
    expect(text).toMatch(/^\d{6} .*confirm/);
    const code = text.slice(0, 6);
    const { proof } = (await panel.call('POST', `/v1/challenges/${id}/verify`, { code })).body;
    expect(decodeJwt(proof)).toMatchObject({ purpose: 'transaction', detail });
  });

  test('nothing that has no room: the call is refused, in words, and nothing is sent', async () => {
    const before = await readRows(panel);
    for (const detail of ['₹'.repeat(120), '🙂'.repeat(70), `${'ж'.repeat(110)} 500`]) {
      const refused = await ask({ purpose: 'transaction', detail });
      expect(refused).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ pointer: '/detail' }] },
      });
      expect(refused.body.detail).toMatch(/text message/);
    }
    expect(await readRows(panel)).toEqual(before);
  });

  test('and is refused as well where the phone would be chosen later', async () => {
    const proof = await ask({ purpose: 'add_device' });
    const code = await panel.sentCode(user.deviceId);
    const path = `/v1/challenges/${proof.body.challenge.id}/verify`;
    const headers = { 'sallyport-proof': (await panel.call('POST', path, { code })).body.proof };
    const mail = { method: 'email', name: 'Mail', email: 'jane@panel.example' };
    const added = await panel.call('POST', `${user.path}/devices`, mail, headers);
    const entered = { code: await panel.sentCode(added.body.id) };
    expect((await panel.call('POST', `/v1/devices/${added.body.id}/verify`, entered)).status).toBe(200);
    expect((await ask({ purpose: 'transaction', detail: '₹'.repeat(120) })).status).toBe(400);
    // A mail has room for it.
    const byMail = { purpose: 'transaction', detail: '₹'.repeat(120), deviceId: added.body.id };
    expect((await ask(byMail)).status).toBe(201);
    const short = await ask({ purpose: 'transaction', detail: 'Pay ₹5' });
    expect(short.body.challenge).not.toHaveProperty('send');
    const codes = `/v1/challenges/${short.body.challenge.id}/codes`;
    const sent = await panel.call('POST', codes, { deviceId: user.deviceId });
    expect(await textOf(sent.body.deliveryId)).toContain('confirms: Pay ₹5.');

    // Once the policy binds codes to a long host, there is no room any more.
    const wide = await ask({ purpose: 'transaction', detail: `Pay ₹5 to ${'x'.repeat(60)}` });
    expect(wide.status).toBe(201);
    const sms = { host: `${'h'.repeat(60)}.example` };
    await panel.call('PUT', `/v1/accounts/${user.accountId}/policy`, { sms });
    const late = await panel.call('POST', `/v1/challenges/${wide.body.challenge.id}/codes`, {
      deviceId: user.deviceId,
    });
    expect(late).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});
