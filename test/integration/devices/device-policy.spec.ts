import { beforeAll, describe, expect, test } from '@jest/globals';
import { totp, type EnrolledTotp, type TestUser } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { raceBehind, tally } from '../../support/parallel.js';
import {
  addWith,
  app,
  call,
  devicesOf,
  holdUser,
  panel,
  phone,
  setPolicy,
  verifyDevice,
} from '../../support/limited-devices.js';

const removed = async (user: TestUser) =>
  panel.sql(
    `select data ->> 'deviceId' as id, data ->> 'reason' as reason from event
    where user_id = $1 and type = 'device.removed'`,
    [user.userId],
  );

describe('a device that is limited to some applications', () => {
  let user: EnrolledTotp;
  let limited: string;
  let secret: string;
  beforeAll(async () => {
    user = await panel.totpUser();
    const added = await addWith(user, app({ applications: ['emergency'] }));
    expect(added.body.applications).toEqual(['emergency']);
    limited = added.body.id;
    secret = added.body.totp.secret;
    expect((await verifyDevice(limited, totp(secret))).body.applications).toEqual(['emergency']);
    await panel.sql('update device set last_used_step = null where id = $1', [limited]);
  });

  const open = (more: object, headers: Record<string, string> = {}) =>
    call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId, ...more }, headers);
  const offered = ({ body }: Answer) => body.challenge.devices.map(({ id }: { id: string }) => id);

  test('is offered to those, and to no other and none', async () => {
    expect(offered(await open({ application: 'emergency' }))).toEqual([user.deviceId, limited]);
    expect(offered(await open({ application: 'panel' }))).toEqual([user.deviceId]);
    expect(offered(await open({}))).toEqual([user.deviceId]);
    const authorization = `Bearer ${await panel.key(['challenges'], 'emergency')}`;
    expect(offered(await open({}, { authorization }))).toEqual([user.deviceId, limited]);
    expect((await devicesOf(user)).map(({ applications }) => applications)).toEqual([null, ['emergency']]);
  });

  test('cannot be named for another', async () => {
    expect(await open({ application: 'panel', deviceId: limited })).toMatchObject({
      status: 404,
      body: { detail: 'The user has no such verified device for this application.' },
    });
    expect((await open({ application: 'emergency', deviceId: limited })).status).toBe(201);
  });

  test('is not accepted in a challenge of another, and nothing is charged for it', async () => {
    for (const more of [{ application: 'panel' }, {}]) {
      const { id } = (await open(more)).body.challenge;
      const answer = await call('POST', `/v1/challenges/${id}/verify`, { deviceId: limited, code: totp(secret) });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    const { id } = (await open({ application: 'emergency' })).body.challenge;
    const answer = await call('POST', `/v1/challenges/${id}/verify`, { deviceId: limited, code: totp(secret) });
    expect(answer.status).toBe(200);
  });

  test('gets no code for another', async () => {
    const owner = await panel.totpUser();
    const added = await addWith(owner, phone({ applications: ['emergency', 'night'] }));
    await verifyDevice(added.body.id, await panel.sentCode(added.body.id));
    const send = async (application: string) => {
      const id = await panel.challenge(owner, { application });
      return call('POST', `/v1/challenges/${id}/codes`, { deviceId: added.body.id });
    };
    expect((await send('panel')).status).toBe(404);
    expect((await send('night')).status).toBe(202);
  });

  test('leaves who has no other without one: denied, and never let in', async () => {
    const owner = await panel.user();
    await setPolicy(owner, { recoveryCodes: { count: 0 } });
    const { id, totp: shown } = (await call('POST', `${owner.path}/devices`, app({ applications: ['emergency'] })))
      .body;
    expect((await verifyDevice(id, totp(shown.secret))).status).toBe(200);
    const { accountId, userId } = owner;
    const answer = await call('POST', '/v1/challenges', { accountId, userId, application: 'panel' });
    expect(answer.body).toMatchObject({ decision: 'deny', reason: 'no_usable_device' });
  });

  test('approves the challenge of an enrolment only for its own', async () => {
    const owner = await panel.user();
    await setPolicy(owner, { twoFactor: { required: 'all' } });
    const { id, totp: shown } = (await call('POST', `${owner.path}/devices`, app({ applications: ['emergency'] })))
      .body;
    const challenge = (application: string) => panel.challenge(owner, { application });
    const verify = (challengeId: string) =>
      call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret), challengeId });
    expect((await verify(await challenge('panel'))).status).toBe(404);
    expect(await verify(await challenge('emergency'))).toMatchObject({
      status: 200,
      body: { status: 'verified', proof: expect.any(String) },
    });
  });

  test.each([[[]], [['']], [['a\nb']], [Array.from({ length: 21 }, (_, index) => `app-${index}`)], ['panel']])(
    'is not described by %j',
    async (applications) => {
      expect((await call('POST', `${user.path}/devices`, app({ applications }))).status).toBe(400);
    },
  );
});

describe('where the policy allows one method at a time', () => {
  /** A user of an account with exclusive methods and an authenticator app. */
  async function exclusiveUser(): Promise<EnrolledTotp> {
    const user = await panel.totpUser();
    await setPolicy(user, { methods: { exclusive: true } });
    return user;
  }

  test('another of the same method may be added', async () => {
    const user = await exclusiveUser();
    const added = await addWith(user, app());
    expect((await verifyDevice(added.body.id, totp(added.body.totp.secret))).status).toBe(200);
    expect(await devicesOf(user)).toHaveLength(2);
  });

  test('another method takes the place of the device that it names, once it is verified', async () => {
    const user = await exclusiveUser();
    const opened = await panel.challenge(user);
    expect(await addWith(user, phone())).toMatchObject({ status: 409, body: { code: 'method_conflict' } });
    const added = await addWith(user, phone({ replaces: user.deviceId }));
    expect(added).toMatchObject({ status: 201, body: { status: 'unverified' } });
    // Until then the old one serves.
    expect(await devicesOf(user)).toMatchObject([{ id: user.deviceId, status: 'verified', isDefault: true }, {}]);
    expect(await verifyDevice(added.body.id, await panel.sentCode(added.body.id))).toMatchObject({
      status: 200,
      body: { status: 'verified', isDefault: true },
    });
    expect(await devicesOf(user)).toMatchObject([{ id: added.body.id, isDefault: true }]);
    expect(await removed(user)).toEqual([{ id: user.deviceId, reason: 'replaced' }]);
    // Its access ends in open challenges too.
    const late = await call('POST', `/v1/challenges/${opened}/verify`, {
      deviceId: user.deviceId,
      code: totp(user.secret),
    });
    expect(late.status).toBe(404);
    // What was saved is as good as before.
    expect((await call('GET', user.path)).body).toMatchObject({
      recoveryCodesLeft: 10,
      twoFactor: { status: 'enabled' },
    });
  });

  test('a replacement takes a proof as well', async () => {
    const user = await exclusiveUser();
    expect(await call('POST', `${user.path}/devices`, phone({ replaces: user.deviceId }))).toMatchObject({
      status: 422,
      body: { code: 'proof_required' },
    });
  });

  test("nobody replaces another user's device, an unverified or an unknown one", async () => {
    const [user, other] = [await exclusiveUser(), await exclusiveUser()];
    const unverified = await addWith(user, app());
    for (const replaces of [other.deviceId, unverified.body.id, 'dev_unknown']) {
      expect(await addWith(user, phone({ replaces }))).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/replaces' }] },
      });
    }
    expect((await devicesOf(other)).map(({ status }) => status)).toEqual(['verified']);
  });

  test('replacing one of two leaves the other in the way', async () => {
    const user = await exclusiveUser();
    const second = await addWith(user, app());
    await verifyDevice(second.body.id, totp(second.body.totp.secret));
    expect((await addWith(user, phone({ replaces: user.deviceId }))).body.code).toBe('method_conflict');
  });

  test('what was begun before the rule is looked at again, and costs no code', async () => {
    const user = await panel.totpUser();
    const added = await addWith(user, phone());
    await setPolicy(user, { methods: { exclusive: true } });
    const code = await panel.sentCode(added.body.id);
    expect(await verifyDevice(added.body.id, code)).toMatchObject({ status: 409, body: { code: 'method_conflict' } });
    await setPolicy(user, {});
    expect((await verifyDevice(added.body.id, code)).status).toBe(200);
  });

  test('two replacements by different methods at once: one is lawful, the other a conflict', async () => {
    const user = await exclusiveUser();
    const bySms = await addWith(user, phone({ replaces: user.deviceId }));
    const byApp = await addWith(user, app());
    const code = await panel.sentCode(bySms.body.id);
    const answers = await raceBehind(panel, holdUser(user), {
      waiting: 2,
      start: () => [verifyDevice(bySms.body.id, code), verifyDevice(byApp.body.id, totp(byApp.body.totp.secret))],
    });
    expect(tally(answers)).toEqual({ '200': 1, '409 method_conflict': 1 });
    const verified = (await devicesOf(user)).filter(({ status }) => status === 'verified');
    expect(new Set(verified.map(({ method }) => method)).size).toBe(1);
  });

  test('a device that comes verified while another is being verified is not overlooked', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, { methods: { exclusive: true } });
    const bySms = await addWith(user, phone({ replaces: user.deviceId }));
    const code = await panel.sentCode(bySms.body.id);
    // The import's row is not there yet when the check's statement begins.
    const answers = await raceBehind(
      panel,
      holdUser(user),
      {
        waiting: 1,
        start: () => [call('POST', `${user.path}/devices/import`, { name: 'Old app', secret: 'A'.repeat(32) })],
      },
      { waiting: 2, start: () => [verifyDevice(bySms.body.id, code)] },
    );
    expect(tally(answers)).toEqual({ '201': 1, '409 method_conflict': 1 });
    expect((await devicesOf(user)).map(({ method, status }) => `${method} ${status}`)).toEqual([
      'totp verified',
      'sms unverified',
      'totp verified',
    ]);
  });

  test('the replaced device is removed meanwhile: the new one counts all the same', async () => {
    const user = await panel.totpUser();
    const second = await addWith(user, app());
    await verifyDevice(second.body.id, totp(second.body.totp.secret));
    const replacing = await addWith(user, phone({ replaces: second.body.id }));
    const proof = await panel.proof(user, 'remove_device');
    const code = await panel.sentCode(replacing.body.id);
    const answers = await raceBehind(
      panel,
      holdUser(user),
      {
        waiting: 1,
        start: () => [call('DELETE', `/v1/devices/${second.body.id}`, undefined, { 'sallyport-proof': proof })],
      },
      { waiting: 2, start: () => [verifyDevice(replacing.body.id, code)] },
    );
    expect(tally(answers)).toEqual({ '204': 1, '200': 1 });
    expect((await devicesOf(user)).map(({ id }) => id)).toEqual([user.deviceId, replacing.body.id]);
    expect(await removed(user)).toEqual([{ id: second.body.id, reason: 'requested' }]);
  });
});
