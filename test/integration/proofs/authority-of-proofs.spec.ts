import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { raceBehind } from '../../support/parallel.js';
import {
  type End,
  type Kind,
  type Scene,
  app,
  approval,
  call,
  decide,
  ends,
  enrolAnew,
  expectRefused,
  freshPhone,
  grants,
  panel,
  proofBy,
  scene,
  setPolicy,
  trust,
  verify,
  withProof,
} from '../../support/authority-scenes.js';

test('a code that goes to the old number while it is being replaced opens nothing, and is not sent again', async () => {
  const at = await scene();
  const change = await (ends['another number'] as End).prepare(at);
  const hold = { text: 'select from app_user where external_id = $1 for update', values: [at.userId] };
  // The change waits, and does not see the code that is sent meanwhile; what waits behind it tells that it was sent.
  const send = async () => {
    const answer = await decide(at, { deviceId: at.giver });
    await call('PATCH', `/v1/devices/${at.other}`, { name: 'Name' });
    return answer;
  };
  const [changed, opened] = await raceBehind(
    panel,
    hold,
    { waiting: 1, start: () => [change()] },
    { waiting: 2, start: () => [send()] },
  );
  expect([changed?.status, opened?.status]).toEqual([200, 201]);
  const { challenge } = opened?.body ?? {};
  const body = { deviceId: at.giver, code: await panel.sentCode(at.giver) };
  expect((await call('POST', `/v1/challenges/${challenge.id}/verify`, body)).status).toBe(422);
  const sent = await call('POST', `/v1/challenges/${challenge.id}/codes`, { deviceId: at.giver });
  if (sent.status === 202) expect(await panel.sentCode(at.giver)).not.toBe(body.code);
  else expect(sent.status).toBe(429);
});

test('another number ends the trust that the old one gave in an event of its own', async () => {
  const at = await scene();
  await trust(at);
  expect((await (await (ends['another number'] as End).prepare(at))()).status).toBe(200);
  const rows = await panel.sql<{ data: object }>(
    `select data - 'apiKeyId' as data from event where user_id = $1 and type = 'trusted_browser.revoked'`,
    [at.userId],
  );
  expect(rows.map(({ data }) => data)).toEqual([
    { trustedBrowserIds: [expect.stringMatching(/^tbr_/)], reason: 'phone_changed' },
  ]);
  expect((await decide(at, { trustedBrowser: await trust(at) })).body.decision).toBe('allow');
});

describe('a proof', () => {
  test.each([
    ['of the moment before', -1, 422],
    ['of the very moment', 0, 422],
    ['of the moment after', 1, 201],
  ])('%s its user enrolled, by a millionth of a second', async (_, micros, status) => {
    const user = await panel.totpUser();
    const proof = await panel.proof(user, 'add_device');
    await panel.sql(
      `update app_user u set enrolled_at = c.ended_at - $2 * interval '1 microsecond'
       from challenge c where c.id = $1 and u.id = c.user_id`,
      [decodeJwt(proof)['chl'], micros],
    );
    expect((await call('POST', `${user.path}/devices`, app(), withProof(proof))).status).toBe(status);
  });

  test('of a device that was removed does not come back with its seed', async () => {
    const user = await panel.totpUser();
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    const bring = () => call('POST', `${user.path}/devices/import`, { name: 'Old app', secret });
    const imported = (await bring()).body;
    const proof = await panel.proof({ ...user, deviceId: imported.id, secret }, 'add_device');
    const headers = withProof(await panel.proof(user, 'remove_device'));
    expect((await call('DELETE', `/v1/devices/${imported.id}`, undefined, headers)).status).toBe(204);
    expect((await bring()).status).toBe(409);
    // Not even where another system's seed is forgotten.
    await panel.sql('delete from imported_seed');
    expect((await bring()).status).toBe(201);
    expect(await call('POST', `${user.path}/devices`, app(), withProof(proof))).toMatchObject({
      status: 422,
      body: { code: 'proof_invalid' },
    });
  });

  test('of a number that is reused on the account stands on its device like any other', async () => {
    const at = await scene();
    await setPolicy(at, { phone: { reuseVerifiedOnAccount: true } });
    const phone = freshPhone();
    const neighbour = { ...at, userId: `${at.userId}-b`, path: `${at.path}-b` };
    await call('PUT', neighbour.path, {});
    const { id } = (await call('POST', `${neighbour.path}/devices`, { method: 'sms', name: 'Phone', phone })).body;
    expect((await verify(id, await panel.sentCode(id))).status).toBe(200);
    const add = (proof: string) =>
      call('POST', `${at.path}/devices`, { method: 'sms', name: 'Same', phone }, withProof(proof));
    const late = await proofBy(at, 'add_device');
    expect((await add(await proofBy(at, 'add_device'))).body).toMatchObject({ status: 'verified' });
    const removal = withProof(await panel.proof(at, 'remove_device'));
    expect((await call('DELETE', `/v1/devices/${at.giver}`, undefined, removal)).status).toBe(204);
    expect(await add(late)).toMatchObject({ status: 422, body: { code: 'proof_invalid' } });
  });
});

describe('switched off with the devices kept, and on again', () => {
  async function offAndOn(at: Scene): Promise<void> {
    const headers = withProof(await panel.proof(at, 'disable'));
    expect((await call('PUT', `${at.path}/two-factor`, { enabled: false }, headers)).status).toBe(200);
    expect((await call('PUT', `${at.path}/two-factor`, { enabled: true })).status).toBe(200);
  }

  test('a proof and a trusted browser of before count no more', async () => {
    const at = await scene();
    const use = await (grants['a proof'] as Kind).prepare(at);
    const trustedBrowser = await trust(at);
    await offAndOn(at);
    expectRefused(await use());
    expect((await decide(at, { trustedBrowser })).body.decision).toBe('challenge');
  });

  test.each(['an enrolment', 'a pending number'])('%s goes on, as its device does', async (what) => {
    const at = await scene();
    const { prepare, done } = grants[what] as Kind;
    const use = await prepare(at);
    await offAndOn(at);
    expect((await use()).status).toBe(done);
  });
});

describe('what a recovery code allowed', () => {
  async function approve(at: Scene, purpose: string): Promise<() => Promise<Answer>> {
    const id = await panel.challenge(at, { purpose });
    return () => call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: at.recoveryCodes.pop() });
  }
  async function proofOf(at: Scene, purpose: string): Promise<string> {
    const { status, body } = await (await approve(at, purpose))();
    expect(status).toBe(200);
    return body.proof;
  }
  const byCode: Record<string, Kind> = {
    'a proof': {
      async prepare(at) {
        const headers = withProof(await proofOf(at, 'add_device'));
        return () => call('POST', `${at.path}/devices`, app(), headers);
      },
      done: 201,
    },
    'an enrolment': {
      async prepare(at) {
        const added = await call('POST', `${at.path}/devices`, app(), withProof(await proofOf(at, 'add_device')));
        return () => verify(added.body.id, totp(added.body.totp.secret));
      },
      done: 200,
    },
    'a pending number': {
      async prepare(at) {
        const headers = withProof(await proofOf(at, 'change_phone'));
        const { status } = await call('PUT', `/v1/devices/${at.other}/phone`, { phone: freshPhone() }, headers);
        expect(status).toBe(200);
        const code = await panel.sentCode(at.other);
        return () => verify(at.other, code);
      },
      done: 200,
    },
  };
  const newSet = async (at: Scene) => {
    const headers = withProof(await panel.proof(at, 'regenerate_recovery_codes'));
    return () => call('POST', `${at.path}/recovery-codes`, undefined, headers);
  };

  test.each(Object.entries(byCode))('%s holds while its set is in force', async (_, { prepare, done }) => {
    const use = await prepare(await scene());
    expect((await use()).status).toBe(done);
  });

  test.each(Object.entries(byCode))('%s ends with a new set', async (_, { prepare }) => {
    const at = await scene();
    const use = await prepare(at);
    expect((await (await newSet(at))()).status).toBe(201);
    expectRefused(await use());
  });

  test.each(Object.entries(byCode))('%s ends with a reset', async (_, { prepare }) => {
    const at = await scene();
    const use = await prepare(at);
    await call('POST', `${at.path}/two-factor/reset`, { reason: 'Lost' });
    await enrolAnew(at);
    expectRefused(await use());
  });

  test.each(Object.entries(byCode))('%s that comes second, in parallel with a new set, is refused', async (_, kind) => {
    const at = await scene();
    const use = await kind.prepare(at);
    const hold = { text: 'select from app_user where external_id = $1 for update', values: [at.userId] };
    const calls = [await newSet(at), use];
    const steps = calls.map((start, index) => ({ waiting: index + 1, start: () => [start()] }));
    const [made, used] = await raceBehind(panel, hold, ...steps);
    expect(made?.status).toBe(201);
    expectRefused(used as Answer);
  });

  test('an approval that is under way when a new set is made allows nothing afterwards', async () => {
    const at = await scene();
    const approving = await approve(at, 'add_device');
    const hold = {
      text: 'select from recovery_pool p join app_user u on u.id = p.user_id where u.external_id = $1 for update of p',
      values: [at.userId],
    };
    // The new set's statement begins before the code is accepted, and waits for it.
    const steps = [approving, await newSet(at)].map((start, index) => ({ waiting: index + 1, start: () => [start()] }));
    const [approved, made] = await raceBehind(panel, hold, ...steps);
    expect([approved?.status, made?.status]).toEqual([200, 201]);
    expectRefused(await call('POST', `${at.path}/devices`, app(), withProof(approved?.body.proof)));
  });

  test('hangs on no device: the lost one may go while the new one is set up', async () => {
    const at = await scene();
    const use = await (byCode['an enrolment'] as Kind).prepare(at);
    const headers = withProof(await panel.proof(at, 'remove_device'));
    expect((await call('DELETE', `/v1/devices/${at.giver}`, undefined, headers)).status).toBe(204);
    expect((await use()).status).toBe(200);
  });
});

test('a challenge opened before a removal is approved after it by those who remain', async () => {
  const at = await scene();
  const id = await panel.challenge(at, { purpose: 'add_device' });
  const byGiver = await approval(at, 'add_device');
  const headers = withProof(await panel.proof(at, 'remove_device'));
  expect((await call('DELETE', `/v1/devices/${at.giver}`, undefined, headers)).status).toBe(204);
  expect((await byGiver()).status).toBe(404);
  await panel.sql('update device set last_used_step = null where id = $1', [at.deviceId]);
  const wrong = { deviceId: at.deviceId, code: wrongTotp(at.secret) };
  expect((await call('POST', `/v1/challenges/${id}/verify`, wrong)).status).toBe(422);
  const right = { deviceId: at.deviceId, code: totp(at.secret) };
  const { proof } = (await call('POST', `/v1/challenges/${id}/verify`, right)).body;
  expect((await call('POST', `${at.path}/devices`, app(), withProof(proof))).status).toBe(201);
});
