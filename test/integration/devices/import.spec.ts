import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createGuardrails, generateSync, ScureBase32Plugin } from 'otplib';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, totp, type Call, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';
import { countEvents, inParallel, raceBehind, tally } from '../../support/parallel.js';

let panel: TestPanel;
let call: Call;
let folder: string;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = ApiDescription.read().checked(panel.call);
  folder = await mkdtemp(join(tmpdir(), 'sallyport-import-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await panel.stop();
});
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

const base32 = new ScureBase32Plugin();
const newSeed = (bytes = 20) => base32.encode(randomBytes(bytes), { padding: false });
const importSeed = (user: TestUser, body: object) =>
  call('POST', `${user.path}/devices/import`, { name: 'Old app', ...body });
const login = async (user: TestUser, code: string) =>
  call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { code });

describe('an imported seed', () => {
  test('logs in at once, and has switched two-factor authentication on', async () => {
    const user = await panel.user();
    const begun = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Begun' })).body;
    const secret = newSeed();
    const imported = await importSeed(user, { secret });
    expect(imported).toMatchObject({
      status: 201,
      body: { method: 'totp', name: 'Old app', status: 'verified', isDefault: true, enrolmentExpiresAt: null },
    });
    expect(JSON.stringify(imported.body)).not.toContain(secret);
    expect((await call('GET', user.path)).body).toMatchObject({
      twoFactor: { status: 'enabled' },
      recoveryCodesLeft: 0,
      devices: [{ id: imported.body.id }],
    });
    // An enrolment that was under way is ended, as by any first device.
    const late = await call('POST', `/v1/devices/${begun.id}/verify`, { code: totp(begun.totp.secret) });
    expect(late.status).toBe(404);
    const code = totp(secret);
    expect((await login(user, code)).status).toBe(200);
    expect((await login(user, code)).body.code).toBe('code_already_used');
    for (const [type, count] of [
      ['device.imported', 1],
      ['device.verified', 0],
      ['two_factor.enabled', 1],
      ['recovery_codes.generated', 0],
    ] as const) {
      expect([type, await countEvents(panel, user.userId, type)]).toEqual([type, count]);
    }
  });

  test.each([
    { algorithm: 'sha256', digits: 8, period: 60, bytes: 32 },
    { algorithm: 'sha512', digits: 6, period: 30, bytes: 64 },
    { algorithm: 'sha1', digits: 8, period: 30, bytes: 16 },
    { algorithm: 'sha1', digits: 6, period: 120, bytes: 128 },
  ] as const)('keeps its parameters: %j', async ({ bytes, ...parameters }) => {
    const user = await panel.user();
    const secret = newSeed(bytes);
    expect((await importSeed(user, { secret, ...parameters })).status).toBe(201);
    const epoch = Math.floor(Date.now() / 1000);
    const guardrails = createGuardrails({ MAX_SECRET_BYTES: 128 });
    expect((await login(user, generateSync({ secret, epoch, guardrails, ...parameters }))).status).toBe(200);
  });

  test('may be written in lower case with spaces', async () => {
    const user = await panel.user();
    const secret = newSeed();
    const written = secret.toLowerCase().replaceAll(/(.{4})/g, '$1 ');
    expect((await importSeed(user, { secret: written })).status).toBe(201);
    expect((await login(user, totp(secret))).status).toBe(200);
  });

  test.each(['A'.repeat(25), '1'.repeat(32), 'not base 32!', '='])(
    'is not %j, which nothing repeats',
    async (secret) => {
      const user = await panel.user();
      const before = await readRows(panel);
      const answer = await importSeed(user, { secret });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/secret' }] } });
      if (secret.length > 1) expect(JSON.stringify(answer.body)).not.toContain(secret);
      expect(await readRows(panel)).toEqual(before);
    },
  );

  test.each(['JBSWY3DPEHPK3PXPJBSWY3DPEB', 'JBSWY3DPEHPK3PXPJBSWY3DPED', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK7'])(
    'may have bits to spare: %s',
    async (secret) => {
      const user = await panel.user();
      expect(await importSeed(user, { secret })).toMatchObject({ status: 201, body: { advice: [] } });
      // As the app counts: whole bytes.
      const bytes = { 26: 'JBSWY3DPEHPK3PXPJBSWY3DPEA', 29: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK6' }[secret.length] ?? '';
      expect((await login(user, totp(bytes))).status).toBe(200);
    },
  );

  test.each(['JBSWY3DPEHPK3PXP', 'jbsw y3dp ehpk 3pxp', 'JBSWY3DPEHPK3PXPJBSWY3DP'])(
    'of 80 to 127 bits comes where the policy says so, with an advice: %s',
    async (secret) => {
      const user = await panel.user();
      const refused = await importSeed(user, { secret });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/secret' }] } });
      expect(refused.body.detail).toMatch(/has (80|120) bits, and 128 are safe.*totp\.allowShortImport/);
      await call('PUT', `/v1/accounts/${user.accountId}/policy`, { totp: { allowShortImport: true } });
      const imported = await importSeed(user, { secret });
      expect(imported).toMatchObject({ status: 201, body: { advice: [{ code: 'short_seed' }] } });
      const checked = await login(user, totp(secret.toUpperCase().replaceAll(' ', '')));
      expect(checked.status).toBe(200);
      expect(checked.body.advice.map(({ code }: { code: string }) => code)).toContain('short_seed');
      // Below that it is no seed of anybody.
      expect((await importSeed(user, { secret: 'JBSWY3DPEHPK3PX' })).status).toBe(400);
      expect((await importSeed(user, { secret: 'JBSWY3DPEHPK3' })).status).toBe(400);
    },
  );

  test('that comes again with another value is said to differ, and nothing changes', async () => {
    const user = await panel.user();
    const secret = newSeed();
    expect((await importSeed(user, { secret })).status).toBe(201);
    const before = await readRows(panel);
    expect(await importSeed(user, { secret, algorithm: 'sha256', period: 60 })).toMatchObject({
      status: 409,
      body: { code: 'device_already_verified', errors: [{ pointer: '/algorithm' }, { pointer: '/period' }] },
    });
    const same = await importSeed(user, { secret, algorithm: 'sha1', digits: 6, period: 30 });
    expect(same.body.code).toBe('device_already_verified');
    expect(same.body).not.toHaveProperty('errors');
    expect(await readRows(panel)).toEqual(before);
  });

  test.each([{ digits: 7 }, { period: 5 }, { period: 600 }, { algorithm: 'md5' }])('has no %j', async (more) => {
    const user = await panel.user();
    expect((await importSeed(user, { secret: newSeed(), ...more })).status).toBe(400);
  });

  test('keeps to the policy, and is not for service users', async () => {
    const service = await panel.user(undefined, { kind: 'service' });
    expect((await importSeed(service, { secret: newSeed() })).body.code).toBe('method_not_allowed');
    const user = await panel.user();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { methods: { allowed: ['sms'] } });
    expect((await importSeed(user, { secret: newSeed() })).body.code).toBe('method_not_allowed');
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { methods: { exclusive: true } });
    const phone = { method: 'sms', name: 'Phone', phone: '+31612340901' };
    const { id } = (await call('POST', `${user.path}/devices`, phone)).body;
    await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
    expect((await importSeed(user, { secret: newSeed() })).body.code).toBe('method_conflict');
  });

  test('comes once for a user, however often and at once it is sent, and not again after its removal', async () => {
    const user = await panel.totpUser();
    const secret = newSeed();
    const answers = await inParallel(20, () => importSeed(user, { secret }));
    expect(tally(answers)).toEqual({ '201': 1, '409 device_already_verified': 19 });
    const id = answers.find(({ status }) => status === 201)?.body.id;
    const proof = { 'sallyport-proof': await panel.proof(user, 'remove_device') };
    expect((await call('DELETE', `/v1/devices/${id}`, undefined, proof)).status).toBe(204);
    expect((await importSeed(user, { secret })).body).toMatchObject({
      code: 'device_already_verified',
      detail: expect.stringContaining('does not come back'),
    });
    // Another user may have the same one: a login that several share.
    expect((await importSeed(await panel.user(), { secret })).status).toBe(201);
    expect(await countEvents(panel, user.userId, 'device.imported')).toBe(1);
  });

  test('and the first verification at once: both count, two-factor authentication is switched on once', async () => {
    for (const order of ['import first', 'verification first']) {
      const user = await panel.user();
      const begun = (await call('POST', `${user.path}/devices`, { method: 'totp', name: 'Begun' })).body;
      const starts = [
        () => [importSeed(user, { secret: newSeed() })],
        () => [call('POST', `/v1/devices/${begun.id}/verify`, { code: totp(begun.totp.secret) })],
      ];
      const answers = await raceBehind(
        panel,
        { text: 'select from app_user where external_id = $1 for update', values: [user.userId] },
        ...(order === 'import first' ? starts : starts.toReversed()).map((start, index) => ({
          waiting: index + 1,
          start,
        })),
      );
      expect(tally(answers)).toEqual(
        order === 'import first' ? { '201': 1, '404 not_found': 1 } : { '200': 1, '201': 1 },
      );
      expect(await countEvents(panel, user.userId, 'two_factor.enabled')).toBe(1);
      const { devices } = (await call('GET', user.path)).body as { devices: { isDefault: boolean }[] };
      expect(devices.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    }
  });
});
