import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import {
  startPanel,
  totp,
  type Call,
  type EnrolledTotp,
  type TestPanel,
  type TestUser,
} from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countEvents, raceBehind, tally } from '../../support/parallel.js';

let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = (await ApiDescription.read(panel.url)).checked(panel.call);
});
afterAll(() => panel.stop());
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

let numbers = 0;
const freshPhone = () => `+316${String(52_000_000 + (numbers += 1))}`;
const phone = (more: object = {}) => ({ method: 'sms', name: 'Phone', phone: freshPhone(), ...more });
const app = (more: object = {}) => ({ method: 'totp', name: 'App', ...more });

const setPolicy = async ({ accountId }: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, policy)).status).toBe(200);
};
const addWith = async (user: EnrolledTotp, body: object) =>
  call('POST', `${user.path}/devices`, body, { 'sallyport-proof': await panel.proof(user, 'add_device') });
const verifyDevice = (id: string, code: string) => call('POST', `/v1/devices/${id}/verify`, { code });
const devicesOf = async (user: TestUser): Promise<Answer['body'][]> =>
  (await call('GET', `${user.path}/devices`)).body.data;
const holdUser = ({ userId }: TestUser) => ({
  text: 'select from app_user where external_id = $1 for update',
  values: [userId],
});
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

describe('a method that may not stand alone', () => {
  const notAlone = { methods: { notAlone: ['sms'] } };

  test('comes only beside one that may', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, notAlone);
    const added = await addWith(user, phone());
    expect((await verifyDevice(added.body.id, await panel.sentCode(added.body.id))).status).toBe(200);

    expect((await addWith(user, phone({ replaces: user.deviceId }))).body).toMatchObject({
      code: 'method_not_allowed',
      detail: expect.stringContaining('as the only one'),
    });
    const fresh = await panel.user();
    await setPolicy(fresh, notAlone);
    expect((await call('POST', `${fresh.path}/devices`, phone())).body.code).toBe('method_not_allowed');
  });

  test('is not left alone by a removal', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, notAlone);
    const added = await addWith(user, phone());
    await verifyDevice(added.body.id, await panel.sentCode(added.body.id));
    const remove = async (id: string) =>
      call('DELETE', `/v1/devices/${id}`, undefined, { 'sallyport-proof': await panel.proof(user, 'remove_device') });
    expect(await remove(user.deviceId)).toMatchObject({
      status: 409,
      body: { code: 'last_device', detail: expect.stringContaining('not as the only ones') },
    });
    expect((await remove(added.body.id)).status).toBe(204);
    expect((await devicesOf(user)).map(({ id }) => id)).toEqual([user.deviceId]);
  });

  test('a removal against the verification that needs the removed one: one of them wins', async () => {
    for (const order of ['removal first', 'verification first']) {
      const user = await panel.totpUser();
      const mail = await addWith(user, { method: 'email', name: 'Mail', email: 'name@panel.example' });
      await verifyDevice(mail.body.id, await panel.sentCode(mail.body.id));
      await setPolicy(user, { methods: { notAlone: ['sms', 'email'] } });
      const added = await addWith(user, phone());
      const code = await panel.sentCode(added.body.id);
      // 2FA off, as of an account that keeps its devices: then the last one that may stand alone may be removed.
      await panel.sql('update app_user set two_factor_since = null where external_id = $1', [user.userId]);
      const removal = () => [call('DELETE', `/v1/devices/${user.deviceId}`)];
      const verification = () => [verifyDevice(added.body.id, code)];
      const steps = order === 'removal first' ? [removal, verification] : [verification, removal];
      const answers = await raceBehind(
        panel,
        holdUser(user),
        ...steps.map((start, index) => ({ waiting: index + 1, start })),
      );
      expect(tally(answers)).toEqual(
        order === 'removal first' ? { '204': 1, '422 method_not_allowed': 1 } : { '204': 1, '200': 1 },
      );
      const left = (await devicesOf(user)).find(({ id }) => id === added.body.id);
      expect(left.status).toBe(order === 'removal first' ? 'unverified' : 'verified');
    }
  });
});

describe('where recovery codes are to be saved before the first device counts', () => {
  const acknowledge = (user: TestUser) => call('POST', `${user.path}/recovery-codes/acknowledge`);
  async function savingUser(more: object = {}): Promise<TestUser> {
    const user = await panel.user();
    await setPolicy(user, { recoveryCodes: { acknowledgementRequired: true }, ...more });
    return user;
  }

  test('they are shown with the enrolment, and the device waits for "I have saved them"', async () => {
    const user = await savingUser();
    const begun = await call('POST', `${user.path}/devices`, app());
    expect(begun.body.recoveryCodes).toHaveLength(10);
    const { id } = begun.body;
    const code = totp(begun.body.totp.secret);
    for (const attempt of [code, '000000']) {
      expect(await verifyDevice(id, attempt)).toMatchObject({
        status: 409,
        body: { code: 'recovery_codes_not_acknowledged' },
      });
    }
    const [counted] = await panel.sql('select wrong_codes as n, last_used_step as step from device where id = $1', [
      id,
    ]);
    expect(counted).toEqual({ n: 0, step: null });
    // Not in force yet, and no way in.
    expect((await call('GET', `${user.path}/recovery-codes`)).body).toMatchObject({ left: 0, acknowledgedAt: null });
    expect((await call('GET', user.path)).body).toMatchObject({ recoveryCodesLeft: 0 });

    expect((await acknowledge(user)).body.acknowledgedAt).toEqual(expect.any(String));
    const verified = await verifyDevice(id, code);
    expect(verified).toMatchObject({ status: 200, body: { status: 'verified', isDefault: true } });
    expect(verified.body).not.toHaveProperty('recoveryCodes');
    expect((await call('GET', `${user.path}/recovery-codes`)).body).toMatchObject({
      left: 10,
      acknowledgedAt: expect.any(String),
    });
    const login = await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, {
      recoveryCode: begun.body.recoveryCodes[3],
    });
    expect(login).toMatchObject({ status: 200, body: { recoveryCodesLeft: 9 } });
    expect(await countEvents(panel, user.userId, 'recovery_codes.generated')).toBe(1);
  });

  test('they come by SMS as well, and none with a code that could not be sent', async () => {
    const user = await savingUser({ phone: { smsPerDevicePerDay: 1 } });
    const device = phone();
    const begun = await call('POST', `${user.path}/devices`, device);
    expect(begun.body.recoveryCodes).toHaveLength(10);
    expect((await call('POST', `${user.path}/devices`, device)).body.code).toBe('sms_quota_exceeded');
    await acknowledge(user);
    // The second enrolment was refused, so the first one's codes are the ones.
    expect((await verifyDevice(begun.body.id, await panel.sentCode(begun.body.id))).status).toBe(200);
    expect((await call('GET', user.path)).body.recoveryCodesLeft).toBe(10);
  });

  test('those of a later enrolment take their place, and theirs is the device that counts', async () => {
    const user = await savingUser();
    const first = (await call('POST', `${user.path}/devices`, app())).body;
    await acknowledge(user);
    const second = (await call('POST', `${user.path}/devices`, app())).body;
    // What was said of the first set does not hold for the second.
    expect((await verifyDevice(second.id, totp(second.totp.secret))).body.code).toBe('recovery_codes_not_acknowledged');
    await acknowledge(user);
    expect((await verifyDevice(first.id, totp(first.totp.secret))).body).toMatchObject({
      code: 'recovery_codes_not_acknowledged',
      detail: expect.stringContaining('Add the device again'),
    });
    expect((await verifyDevice(second.id, totp(second.totp.secret))).status).toBe(200);
    const use = async (recoveryCode: string) =>
      (await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { recoveryCode })).status;
    expect([await use(first.recoveryCodes[0]), await use(second.recoveryCodes[0])]).toEqual([422, 200]);
  });

  test('they die with their enrolment', async () => {
    const user = await savingUser();
    const begun = (await call('POST', `${user.path}/devices`, app())).body;
    await acknowledge(user);
    expect((await call('DELETE', `/v1/devices/${begun.id}`)).status).toBe(204);
    const again = (await call('POST', `${user.path}/devices`, app())).body;
    expect((await verifyDevice(again.id, totp(again.totp.secret))).body.code).toBe('recovery_codes_not_acknowledged');
    await acknowledge(user);
    await verifyDevice(again.id, totp(again.totp.secret));
    const use = async (recoveryCode: string) =>
      (await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { recoveryCode })).status;
    expect([await use(begun.recoveryCodes[0]), await use(again.recoveryCodes[0])]).toEqual([422, 200]);
  });

  test('there are none where the policy has none, nor with a second device', async () => {
    const none = await savingUser({ recoveryCodes: { acknowledgementRequired: true, count: 0 } });
    const begun = (await call('POST', `${none.path}/devices`, app())).body;
    expect(begun).not.toHaveProperty('recoveryCodes');
    const verified = await verifyDevice(begun.id, totp(begun.totp.secret));
    expect(verified.status).toBe(200);
    expect(verified.body).not.toHaveProperty('recoveryCodes');

    const user = await panel.totpUser();
    await setPolicy(user, { recoveryCodes: { acknowledgementRequired: true } });
    const second = await addWith(user, app());
    expect(second.body).not.toHaveProperty('recoveryCodes');
    expect((await verifyDevice(second.body.id, totp(second.body.totp.secret))).status).toBe(200);
    expect((await call('GET', user.path)).body.recoveryCodesLeft).toBe(10);
  });

  test('an enrolment that begins while the first device is verified leaves that one its codes', async () => {
    const user = await savingUser();
    const begun = (await call('POST', `${user.path}/devices`, app())).body;
    await acknowledge(user);
    const answers = await raceBehind(
      panel,
      holdUser(user),
      { waiting: 1, start: () => [verifyDevice(begun.id, totp(begun.totp.secret))] },
      { waiting: 2, start: () => [call('POST', `${user.path}/devices`, app())] },
    );
    expect(tally(answers)).toEqual({ '200': 1, '422 proof_required': 1 });
    expect((await call('GET', user.path)).body.recoveryCodesLeft).toBe(10);
    const login = await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, {
      recoveryCode: begun.recoveryCodes[0],
    });
    expect(login.status).toBe(200);
  });
});

test("an enrolment that wrong codes have disabled before anything was proved stands in nobody's way", async () => {
  const user = await panel.user();
  await setPolicy(user, { lockout: { free: 1, disableAt: 1 } });
  const first = (await call('POST', `${user.path}/devices`, app())).body;
  const code = totp(first.totp.secret);
  const wrong = String((Number(code) + 500_000) % 1_000_000).padStart(6, '0');
  expect((await verifyDevice(first.id, wrong)).status).toBe(422);
  expect((await call('GET', `/v1/devices/${first.id}`)).body.status).toBe('disabled');
  const second = await call('POST', `${user.path}/devices`, app());
  expect(second.status).toBe(201);
  expect((await verifyDevice(second.body.id, totp(second.body.totp.secret))).status).toBe(200);
});
