import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { ApiDescription } from '../../support/api-description.js';
import {
  startPanel,
  totp,
  wrongTotp,
  type Call,
  type EnrolledTotp,
  type TestPanel,
  type TestUser,
} from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countersOf, raceBehind } from '../../support/parallel.js';

let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = (await ApiDescription.read(panel.url)).checked(panel.call);
});
afterAll(() => panel.stop());

let numbers = 0;
const freshPhone = () => `+316${String(47_000_000 + (numbers += 1))}`;
const policy = { trustedBrowser: { allowed: true }, code: { resendAfterSeconds: 0 } };
const setPolicy = async ({ accountId }: TestUser, more: object = {}) =>
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, { ...policy, ...more })).status).toBe(200);
const withProof = (proof: string) => ({ 'sallyport-proof': proof });
const verify = (id: string, code: string) => call('POST', `/v1/devices/${id}/verify`, { code });
const decide = ({ accountId, userId }: TestUser, more: object) =>
  call('POST', '/v1/challenges', { accountId, userId, ...more });
const app = (more: object = {}) => ({ method: 'totp', name: 'App', ...more });

/** A user with an app of their own, a phone whose authority is to end, and another phone. */
interface Scene extends EnrolledTotp {
  readonly giver: string;
  readonly other: string;
}

async function addPhone(user: EnrolledTotp): Promise<string> {
  const body = { method: 'sms', name: 'Phone', phone: freshPhone() };
  const added = await call('POST', `${user.path}/devices`, body, withProof(await panel.proof(user, 'add_device')));
  expect((await verify(added.body.id, await panel.sentCode(added.body.id))).status).toBe(200);
  return added.body.id;
}

async function scene(): Promise<Scene> {
  const user = await panel.totpUser();
  await setPolicy(user);
  return { ...user, giver: await addPhone(user), other: await addPhone(user) };
}

/** Opens a challenge that the giver answers. @returns the call that approves it */
async function approval({ giver, ...user }: Scene, purpose: string, more: object = {}): Promise<() => Promise<Answer>> {
  const id = await panel.challenge(user, { purpose, deviceId: giver });
  const code = await panel.sentCode(giver);
  return () => call('POST', `/v1/challenges/${id}/verify`, { deviceId: giver, code, ...more });
}

async function proofBy(at: Scene, purpose: string): Promise<string> {
  const { status, body } = await (await approval(at, purpose))();
  expect(status).toBe(200);
  return body.proof;
}

const verifiedDevices = async (user: TestUser) =>
  (await call('GET', `${user.path}/devices`)).body.data.filter(
    ({ status }: { status: string }) => status === 'verified',
  );
const maskedAddress = async (id: string) => (await call('GET', `/v1/devices/${id}`)).body.maskedAddress;

function expectRefused({ status, body }: Answer): void {
  expect([404, 410, 422]).toContain(status);
  expect(body).not.toHaveProperty('totp');
}

/** What the giver allows. `prepare` lets it, and yields the call that makes use of it. */
interface Kind {
  readonly prepare: (at: Scene) => Promise<() => Promise<Answer>>;
  readonly done: number;
}
const grants: Record<string, Kind> = {
  'a proof': {
    async prepare(at) {
      const proof = await proofBy(at, 'add_device');
      return () => call('POST', `${at.path}/devices`, app(), withProof(proof));
    },
    done: 201,
  },
  'an enrolment': {
    async prepare(at) {
      const added = await call('POST', `${at.path}/devices`, app(), withProof(await proofBy(at, 'add_device')));
      expect(added.status).toBe(201);
      return () => verify(added.body.id, totp(added.body.totp.secret));
    },
    done: 200,
  },
  'a pending number': {
    async prepare(at) {
      const proof = await proofBy(at, 'change_phone');
      const changed = await call('PUT', `/v1/devices/${at.other}/phone`, { phone: freshPhone() }, withProof(proof));
      expect(changed.status).toBe(200);
      const code = await panel.sentCode(at.other);
      return () => verify(at.other, code);
    },
    done: 200,
  },
};

/** @returns the token of a browser that the giver made trusted */
async function trust(at: Scene): Promise<string> {
  const { status, body } = await (await approval(at, 'login', { rememberBrowser: true }))();
  expect(status).toBe(200);
  return body.trustedBrowser;
}

const enrolAnew = async (user: TestUser) => {
  const { id, totp: shown } = (await call('POST', `${user.path}/devices`, app())).body;
  expect((await verify(id, totp(shown.secret))).status).toBe(200);
};

/** What ends the giver's authority. `prepare` yields the call that does it. */
interface End {
  readonly prepare: (at: Scene) => Promise<() => Promise<Answer>>;
  readonly done: number;
  /** Makes the user again one whose devices take a proof. */
  readonly restore?: (at: Scene) => Promise<void>;
  /** What the statement waits for first. */
  readonly waitsFor: 'user' | 'device' | null;
}
const ends: Record<string, End> = {
  removal: {
    async prepare(at) {
      const proof = await panel.proof(at, 'remove_device');
      return () => call('DELETE', `/v1/devices/${at.giver}`, undefined, withProof(proof));
    },
    done: 204,
    waitsFor: 'user',
  },
  'replacement by another device': {
    async prepare(at) {
      const headers = withProof(await panel.proof(at, 'add_device'));
      const { id, totp: shown } = (await call('POST', `${at.path}/devices`, app({ replaces: at.giver }), headers)).body;
      return () => verify(id, totp(shown.secret));
    },
    done: 200,
    waitsFor: 'user',
  },
  reset: {
    prepare: async (at) => () => call('POST', `${at.path}/two-factor/reset`, { reason: 'Lost' }),
    done: 200,
    restore: enrolAnew,
    waitsFor: 'user',
  },
  'erasure, the user created anew': {
    prepare: async (at) => () => call('DELETE', at.path),
    done: 204,
    async restore(at) {
      expect((await call('PUT', at.path, {})).status).toBe(200);
      await enrolAnew(at);
    },
    waitsFor: 'user',
  },
  'another number': {
    async prepare(at) {
      const proof = await panel.proof(at, 'change_phone');
      const { status } = await call('PUT', `/v1/devices/${at.giver}/phone`, { phone: freshPhone() }, withProof(proof));
      expect(status).toBe(200);
      const code = await panel.sentCode(at.giver);
      return () => verify(at.giver, code);
    },
    done: 200,
    waitsFor: 'user',
  },
  'the fiftieth wrong code': {
    async prepare(at) {
      await panel.sql('update device set wrong_codes = 49 where id = $1', [at.giver]);
      const id = await panel.challenge(at, { deviceId: at.giver });
      const code = String((Number(await panel.sentCode(at.giver)) + 1) % 1_000_000).padStart(6, '0');
      return () => call('POST', `/v1/challenges/${id}/verify`, { deviceId: at.giver, code });
    },
    done: 422,
    waitsFor: 'device',
  },
  'a policy without its method': {
    prepare: async (at) => () =>
      call('PUT', `/v1/accounts/${at.accountId}/policy`, { ...policy, methods: { allowed: ['totp', 'email'] } }),
    done: 200,
    waitsFor: null,
  },
};

describe('T42 what a device allowed', () => {
  test.each(Object.entries(grants))('%s: holds while the device stands', async (_, { prepare, done }) => {
    const use = await prepare(await scene());
    expect((await use()).status).toBe(done);
  });

  describe.each(Object.entries(ends))('%s', (_end, end) => {
    test.each(Object.entries(grants))('ends %s', async (_, { prepare }) => {
      const at = await scene();
      const use = await prepare(at);
      expect((await (await end.prepare(at))()).status).toBe(end.done);
      await end.restore?.(at);
      const before = await verifiedDevices(at);
      const masked = end.restore ? null : await maskedAddress(at.other);
      expectRefused(await use());
      expect(await verifiedDevices(at)).toEqual(before);
      if (!end.restore) expect(await maskedAddress(at.other)).toBe(masked);
    });

    test('ends the trust in a browser', async () => {
      const at = await scene();
      const trustedBrowser = await trust(at);
      expect((await decide(at, { trustedBrowser })).body.decision).toBe('allow');
      expect((await (await end.prepare(at))()).status).toBe(end.done);
      await end.restore?.(at);
      expect((await decide(at, { trustedBrowser })).body.decision).toBe('challenge');
      expect((await call('GET', `${at.path}/trusted-browsers`)).body.data).toEqual([]);
    });

    test.each(['remove_device', 'change_phone', 'disable', 'regenerate_recovery_codes'])(
      'ends a proof for %s',
      async (purpose) => {
        const at = await scene();
        const headers = withProof(await proofBy(at, purpose));
        expect((await (await end.prepare(at))()).status).toBe(end.done);
        await end.restore?.(at);
        const uses: Record<string, () => Promise<Answer>> = {
          remove_device: () => call('DELETE', `/v1/devices/${at.other}`, undefined, headers),
          change_phone: () => call('PUT', `/v1/devices/${at.other}/phone`, { phone: freshPhone() }, headers),
          disable: () => call('PUT', `${at.path}/two-factor`, { enabled: false }, headers),
          regenerate_recovery_codes: () => call('POST', `${at.path}/recovery-codes`, undefined, headers),
        };
        expectRefused(await (uses[purpose] as () => Promise<Answer>)());
        expect((await call('GET', at.path)).body.twoFactor.status).toBe('enabled');
      },
    );
  });

  const hold = (at: Scene, what: 'user' | 'device') =>
    what === 'user'
      ? { text: 'select from app_user where external_id = $1 for update', values: [at.userId] }
      : { text: 'select from device where id = $1 for update', values: [at.giver] };
  const oneByOne = (at: Scene, what: 'user' | 'device', ...calls: (() => Promise<Answer>)[]) =>
    raceBehind(panel, hold(at, what), ...calls.map((start, index) => ({ waiting: index + 1, start: () => [start()] })));
  const racing = Object.entries(ends).flatMap(([what, end]) =>
    end.waitsFor === null ? [] : [{ what, ...end, waitsFor: end.waitsFor }],
  );

  describe.each(racing)('in parallel with $what', ({ prepare: prepareEnd, waitsFor, done, restore }) => {
    test.each(Object.entries(grants))('%s that comes second is refused', async (_, { prepare }) => {
      const at = await scene();
      const use = await prepare(at);
      const [ended, used] = await oneByOne(at, waitsFor, await prepareEnd(at), use);
      expect(ended?.status).toBe(done);
      expectRefused(used as Answer);
    });

    test('what a proof began that came first is refused all the same', async () => {
      const at = await scene();
      const use = await (grants['a proof'] as Kind).prepare(at);
      const [begun, ended] = await oneByOne(at, waitsFor, use, await prepareEnd(at));
      expect([begun?.status, ended?.status]).toEqual([201, done]);
      await restore?.(at);
      const before = await verifiedDevices(at);
      expectRefused(await verify(begun?.body.id, totp(begun?.body.totp.secret)));
      expect(await verifiedDevices(at)).toEqual(before);
    });
  });

  // Not with a wrong code: the right one that comes first begins the count anew.
  const outright = racing.filter(({ waitsFor }) => waitsFor === 'user');
  test.each(outright)(
    'a browser that is just becoming trusted, in parallel with $what, is not',
    async ({ prepare, done, restore }) => {
      const at = await scene();
      const approve = await approval(at, 'login', { rememberBrowser: true });
      const [approved, ended] = await oneByOne(at, 'device', approve, await prepare(at));
      expect([approved?.status, ended?.status]).toEqual([200, done]);
      const { trustedBrowser } = approved?.body ?? {};
      expect(trustedBrowser).toMatch(/^stb_/);
      await restore?.(at);
      expect((await decide(at, { trustedBrowser })).body.decision).toBe('challenge');
    },
  );
});

describe('an enrolment', () => {
  test('may replace the very device that allowed it', async () => {
    const at = await scene();
    const headers = withProof(await proofBy(at, 'add_device'));
    const added = await call('POST', `${at.path}/devices`, app({ replaces: at.giver }), headers);
    expect((await verify(added.body.id, totp(added.body.totp.secret))).status).toBe(200);
    expect((await call('GET', `/v1/devices/${at.giver}`)).status).toBe(404);
  });

  test('reads as expired once its device is gone, and gets no more codes', async () => {
    const at = await scene();
    const body = { method: 'sms', name: 'Leaver', phone: freshPhone() };
    const added = await call('POST', `${at.path}/devices`, body, withProof(await proofBy(at, 'add_device')));
    const show = async () => (await call('GET', `/v1/devices/${added.body.id}`)).body;
    expect(Date.parse((await show()).enrolmentExpiresAt)).toBeGreaterThan(Date.now());
    const proof = await panel.proof(at, 'remove_device');
    await call('DELETE', `/v1/devices/${at.giver}`, undefined, withProof(proof));
    expect(Date.parse((await show()).enrolmentExpiresAt)).toBeLessThanOrEqual(Date.now());
    for (const answer of [
      await call('POST', `/v1/devices/${added.body.id}/codes`),
      await verify(added.body.id, await panel.sentCode(added.body.id)),
    ]) {
      expect(answer).toMatchObject({ status: 410, body: { code: 'enrolment_expired' } });
    }
    expect(await countersOf(panel, added.body.id)).toMatchObject({ wrongCodes: 0, status: 'unverified' });
  });

  test('that another one of the same device replaced is ended by that', async () => {
    const at = await scene();
    const begin = async (more: object) =>
      (await call('POST', `${at.path}/devices`, app(more), withProof(await proofBy(at, 'add_device')))).body;
    const [first, second] = [await begin({ replaces: at.giver }), await begin({})];
    expect((await verify(first.id, totp(first.totp.secret))).status).toBe(200);
    expectRefused(await verify(second.id, totp(second.totp.secret)));
  });

  test('that was begun without a proof counts only while there is nothing to protect', async () => {
    const at = await scene();
    const begun = (await call('POST', `${at.path}/devices`, app(), withProof(await panel.proof(at, 'add_device'))))
      .body;
    // As one that was begun when the first device was read as not verified yet, and written after it was.
    await panel.sql('update device set approval_id = null where id = $1', [begun.id]);
    expect(await verify(begun.id, totp(begun.totp.secret))).toMatchObject({ status: 404 });
    expect(await countersOf(panel, begun.id)).toMatchObject({ wrongCodes: 0, status: 'unverified' });
  });
});

test('an enrolment begun when there was nothing to protect is refused beside a device that has come meanwhile', async () => {
  const user = await panel.totpUser();
  const off = withProof(await panel.proof(user, 'disable'));
  expect((await call('PUT', `${user.path}/two-factor`, { enabled: false }, off)).status).toBe(200);
  expect((await call('DELETE', `/v1/devices/${user.deviceId}`)).status).toBe(204);
  const { id, totp: shown } = (await call('POST', `${user.path}/devices`, app())).body;
  const seed = { name: 'Old app', secret: 'B'.repeat(32) };
  const hold = { text: 'select from app_user where external_id = $1 for update', values: [user.userId] };
  // Neither is there for the other when it is read.
  const [imported, verified] = await raceBehind(
    panel,
    hold,
    { waiting: 1, start: () => [call('POST', `${user.path}/devices/import`, seed)] },
    { waiting: 2, start: () => [verify(id, totp(shown.secret))] },
  );
  expect([imported?.status, verified?.status]).toEqual([201, 404]);
  expect(await verifiedDevices(user)).toHaveLength(1);
});

test('a pending number reads as expired once the device that allowed it is gone, and the old one serves on', async () => {
  const at = await scene();
  await (grants['a pending number'] as Kind).prepare(at);
  const show = async () => (await call('GET', `/v1/devices/${at.other}`)).body;
  expect(await show()).toHaveProperty('pendingPhone');
  const proof = await panel.proof(at, 'remove_device');
  await call('DELETE', `/v1/devices/${at.giver}`, undefined, withProof(proof));
  expect(await show()).not.toHaveProperty('pendingPhone');
  expect(await call('POST', `/v1/devices/${at.other}/codes`)).toMatchObject({ status: 410 });
  const id = await panel.challenge(at, { deviceId: at.other });
  const body = { deviceId: at.other, code: await panel.sentCode(at.other) };
  expect((await call('POST', `/v1/challenges/${id}/verify`, body)).status).toBe(200);
});

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
