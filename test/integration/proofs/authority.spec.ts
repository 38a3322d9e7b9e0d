import { describe, expect, test } from '@jest/globals';
import { totp, type TestUser } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countersOf, raceBehind } from '../../support/parallel.js';
import {
  type Kind,
  type Scene,
  app,
  approval,
  call,
  decide,
  ends,
  expectRefused,
  freshPhone,
  grants,
  panel,
  proofBy,
  scene,
  trust,
  verify,
  withProof,
} from '../../support/authority-scenes.js';

const verifiedDevices = async (user: TestUser) =>
  (await call('GET', `${user.path}/devices`)).body.data.filter(
    ({ status }: { status: string }) => status === 'verified',
  );
const maskedAddress = async (id: string) => (await call('GET', `/v1/devices/${id}`)).body.maskedAddress;

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
