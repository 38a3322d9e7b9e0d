import { beforeAll, describe, expect, test } from '@jest/globals';
import { scopes } from '#persistence';
import { totp, wrongTotp, type Call, type EnrolledTotp } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';
import {
  add,
  app,
  call,
  expectBeyond,
  limitedApp,
  limitedPhone,
  panel,
  phone,
  proved,
} from '../../support/applications.js';

describe('a device that is limited to some applications', () => {
  test('lets no device be added that serves others', async () => {
    const user = await panel.totpUser();
    const limited = await limitedApp(user, 'emergency', 'night');
    const begin = async (body: object) => add(user, body, await proved(user, limited, 'add_device'));
    for (const body of [
      app({ applications: ['panel'] }),
      app({ applications: ['emergency', 'panel'] }),
      phone({ applications: ['panel'] }),
      { ...app({ applications: ['panel'] }), method: 'webauthn' },
    ]) {
      expectBeyond(await begin(body));
    }
    expect((await call('GET', `${user.path}/devices`)).body.data).toHaveLength(2);
    expect((await begin(app({ applications: ['night'] }))).body.applications).toEqual(['night']);
  });

  test('hands its limit on to one that names none, whatever its method', async () => {
    const user = await panel.totpUser();
    const limited = await limitedApp(user, 'emergency');
    for (const body of [app(), phone(), { method: 'email', name: 'Mail', email: 'name@panel.example' }]) {
      const begun = await add(user, body, await proved(user, limited, 'add_device'));
      expect(begun).toMatchObject({ status: 201, body: { applications: ['emergency'] } });
      const code = begun.body.totp ? totp(begun.body.totp.secret) : await panel.sentCode(begun.body.id);
      const verified = await call('POST', `/v1/devices/${begun.body.id}/verify`, { code });
      expect(verified).toMatchObject({ status: 200, body: { applications: ['emergency'] } });
    }
    expect((await add(user, app(), await proved(user, user, 'add_device'))).body.applications).toBeNull();
  });

  test('hands it on to a number that was proved on the account, too', async () => {
    const user = await panel.totpUser();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { phone: { reuseVerifiedOnAccount: true } });
    const limited = await limitedApp(user, 'emergency');
    const body = phone();
    const neighbour = { ...user, path: `${user.path}-b` };
    await call('PUT', neighbour.path, {});
    const { id } = (await add(neighbour, body)).body;
    await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
    const added = await add(user, body, await proved(user, limited, 'add_device'));
    expect(added).toMatchObject({ status: 201, body: { status: 'verified', applications: ['emergency'] } });
    expectBeyond(await add(user, phone({ applications: ['panel'] }), await proved(user, limited, 'add_device')));
  });

  test('does not replace one that serves others', async () => {
    const user = await panel.totpUser();
    const limited = await limitedApp(user, 'emergency');
    const peer = await limitedApp(user, 'emergency');
    const replace = async (replaces: string) => add(user, app({ replaces }), await proved(user, limited, 'add_device'));
    expectBeyond(await replace(user.deviceId));
    expectBeyond(await replace((await limitedApp(user, 'emergency', 'night')).deviceId));
    expect((await replace(peer.deviceId)).status).toBe(201);
    const own = await replace(limited.deviceId);
    const { id, totp: shown } = own.body;
    expect((await call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret) })).status).toBe(200);
    expect((await call('GET', `/v1/devices/${limited.deviceId}`)).status).toBe(404);
  });

  test('removes and changes those that serve no others', async () => {
    const user = await panel.totpUser();
    const limited = await limitedApp(user, 'emergency', 'night');
    const remove = async (deviceId: string) =>
      call('DELETE', `/v1/devices/${deviceId}`, undefined, await proved(user, limited, 'remove_device'));
    const change = async (deviceId: string) =>
      call(
        'PUT',
        `/v1/devices/${deviceId}/phone`,
        { phone: phone().phone },
        await proved(user, limited, 'change_phone'),
      );
    const beyond = await limitedPhone(user, 'emergency', 'panel');
    const within = await limitedPhone(user, 'night');
    for (const deviceId of [user.deviceId, beyond]) expectBeyond(await remove(deviceId));
    expectBeyond(await change(beyond));
    expect((await change(within)).status).toBe(200);
    expect((await remove(within)).status).toBe(204);
    expect((await remove(limited.deviceId)).status).toBe(204);
  });

  test('neither switches off nor makes recovery codes; one that serves all does, in any application', async () => {
    const user = await panel.totpUser();
    const limited = await limitedApp(user, 'emergency');
    const off = (headers: Record<string, string>) =>
      call('PUT', `${user.path}/two-factor`, { enabled: false }, headers);
    const codes = (headers: Record<string, string>) => call('POST', `${user.path}/recovery-codes`, undefined, headers);
    expectBeyond(await codes(await proved(user, limited, 'regenerate_recovery_codes')));
    expectBeyond(await off(await proved(user, limited, 'disable')));
    expect((await call('GET', user.path)).body.twoFactor.status).toBe('enabled');
    expect((await codes(await proved(user, user, 'regenerate_recovery_codes'))).status).toBe(201);
    expect((await off(await proved(user, user, 'disable'))).status).toBe(200);
  });

  test('is beside recovery codes, which are the whole user’s', async () => {
    const user = await panel.totpUser();
    await limitedApp(user, 'emergency');
    const approve = async (purpose: string) => {
      const id = await panel.challenge(user, { purpose, application: 'emergency' });
      const body = { recoveryCode: user.recoveryCodes.pop() };
      return { 'sallyport-proof': (await call('POST', `/v1/challenges/${id}/verify`, body)).body.proof };
    };
    expect((await add(user, app(), await approve('add_device'))).body.applications).toBeNull();
    const answer = await call('PUT', `${user.path}/two-factor`, { enabled: false }, await approve('disable'));
    expect(answer.status).toBe(200);
  });
});

describe('an API key that names its application', () => {
  let bound: Call;
  const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
  const boundTo = async (application: string): Promise<Call> => {
    const key = await panel.key(scopes, application);
    return (method, path, body, headers = {}) => call(method, path, body, { ...bearer(key), ...headers });
  };
  beforeAll(async () => {
    bound = await boundTo('panel');
  });

  test('sees and moves no challenge of another application, nor one of none', async () => {
    const user = await panel.totpUser();
    const phoneId = await limitedPhone(user, 'emergency', 'panel');
    for (const more of [{ application: 'emergency' }, {}]) {
      const id = await panel.challenge(user, more);
      const before = await readRows(panel);
      for (const [method, path, body] of [
        ['GET', `/v1/challenges/${id}`],
        ['POST', `/v1/challenges/${id}/cancel`],
        ['POST', `/v1/challenges/${id}/codes`, { deviceId: phoneId }],
        ['POST', `/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code: totp(user.secret) }],
        ['POST', `/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code: wrongTotp(user.secret) }],
        ['POST', `/v1/challenges/${id}/verify`, { recoveryCode: user.recoveryCodes[0] }],
      ] as const) {
        expect(await bound(method, path, body)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
      expect(await readRows(panel)).toEqual(before);
    }
    const own = await panel.challenge(user, { application: 'panel' });
    expect((await bound('GET', `/v1/challenges/${own}`)).status).toBe(200);
    await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
    const code = totp(user.secret);
    expect((await bound('POST', `/v1/challenges/${own}/verify`, { deviceId: user.deviceId, code })).status).toBe(200);
  });

  test('approves no challenge of another application by an enrolment', async () => {
    const user = await panel.user();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, { twoFactor: { required: 'all' } });
    const { accountId, userId } = user;
    const open = async (application: string) =>
      (await call('POST', '/v1/challenges', { accountId, userId, application })).body.challenge.id;
    const { id, totp: shown } = (await bound('POST', `${user.path}/devices`, app())).body;
    const verify = async (application: string) =>
      bound('POST', `/v1/devices/${id}/verify`, {
        code: totp(shown.secret),
        challengeId: await open(application),
      });
    expect((await verify('emergency')).status).toBe(404);
    expect(await verify('panel')).toMatchObject({ status: 200, body: { proof: expect.any(String) } });
  });

  test('takes no proof of another application', async () => {
    const user = await panel.totpUser();
    const begin = (headers: Record<string, string>) => bound('POST', `${user.path}/devices`, app(), headers);
    const refused = await begin(await proved(user, user, 'add_device', 'emergency'));
    expect(refused).toMatchObject({ status: 422, body: { code: 'proof_invalid' } });
    expect(refused.body.detail).toContain('"panel"');
    expect((await begin({ 'sallyport-proof': await panel.proof(user, 'add_device') })).status).toBe(422);
    expect((await begin(await proved(user, user, 'add_device', 'panel'))).status).toBe(201);
  });

  test('has no device that does not serve its application', async () => {
    const user = await panel.totpUser();
    const hidden = await limitedPhone(user, 'emergency');
    const { id: begun } = (
      await add(user, phone({ applications: ['emergency'] }), await proved(user, user, 'add_device'))
    ).body;
    const { accountId, userId } = user;
    const before = await readRows(panel);
    for (const [method, path, body] of [
      ['GET', `/v1/devices/${hidden}`],
      ['PATCH', `/v1/devices/${hidden}`, { name: 'Name' }],
      ['DELETE', `/v1/devices/${hidden}`],
      ['DELETE', `/v1/devices/${hidden}/quota`],
      ['PUT', `/v1/devices/${hidden}/phone`, { phone: phone().phone }],
      ['POST', `/v1/devices/${begun}/codes`],
      ['POST', `/v1/devices/${begun}/verify`, { code: await panel.sentCode(begun) }],
      ['POST', '/v1/challenges', { accountId, userId, deviceId: hidden }],
    ] as const) {
      expect([path, (await bound(method, path, body)).status]).toEqual([path, 404]);
    }
    const replacing = await bound('POST', `${user.path}/devices`, app({ replaces: hidden }));
    expect(replacing).toMatchObject({ status: 400, body: { errors: [{ pointer: '/replaces' }] } });
    expect(await readRows(panel)).toEqual(before);
    const ids = (list: { id: string }[]) => list.map(({ id }) => id);
    expect(ids((await bound('GET', `${user.path}/devices`)).body.data)).toEqual([user.deviceId]);
    expect(ids((await bound('GET', user.path)).body.devices)).toEqual([user.deviceId]);
  });

  test('sees neither locks, trusted browsers nor messages of such a device', async () => {
    const user = await panel.totpUser();
    await call('PUT', `/v1/accounts/${user.accountId}/policy`, {
      trustedBrowser: { allowed: true },
      lockout: { free: 1 },
      code: { resendAfterSeconds: 0 },
    });
    const hidden = await limitedPhone(user, 'emergency');
    const login = async (rememberBrowser: boolean) => {
      const id = await panel.challenge(user, { application: 'emergency', deviceId: hidden });
      const code = rememberBrowser ? await panel.sentCode(hidden) : '000000';
      return call('POST', `/v1/challenges/${id}/verify`, { deviceId: hidden, code, rememberBrowser });
    };
    expect((await login(true)).status).toBe(200);
    expect((await login(false)).status).toBe(422);
    const lists = [`${user.path}/trusted-browsers`, `${user.path}/lockouts`, `/v1/deliveries?userId=${user.userId}`];
    for (const path of lists) {
      const all = (await call('GET', path)).body.data;
      expect([path, all.length > 0]).toEqual([path, true]);
      expect([path, (await bound('GET', path)).body.data]).toEqual([path, []]);
      expect((await (await boundTo('emergency'))('GET', path)).body.data.length).toBeGreaterThan(0);
      const item = `${path.split('?')[0]}/${all[0].id}`;
      if (path.startsWith('/v1/deliveries')) expect((await bound('GET', item)).status).toBe(404);
      if (path.endsWith('browsers')) expect((await bound('DELETE', item)).status).toBe(404);
    }
    expect((await bound('GET', user.path)).body.lockouts).toEqual([]);
    expect((await call('GET', user.path)).body.lockouts).toHaveLength(1);
  });

  test('sees the messages of its own challenges, also to a device that serves all', async () => {
    const user = await panel.totpUser();
    const { id } = (await add(user, phone(), await proved(user, user, 'add_device'))).body;
    await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
    const sent = async (application: string) =>
      (await call('POST', '/v1/challenges', { ...ids(user), application, deviceId: id })).body.challenge.send
        .deliveryId;
    const own = await sent('panel');
    await panel.sql(`update code set last_sent_at = now() - interval '1 hour' where device_id = $1`, [id]);
    const other = await sent('emergency');
    expect((await bound('GET', `/v1/deliveries/${own}`)).status).toBe(200);
    expect((await bound('GET', `/v1/deliveries/${other}`)).status).toBe(404);
  });
  const ids = ({ accountId, userId }: EnrolledTotp) => ({ accountId, userId });

  test('adds devices for its own application, or for all', async () => {
    const begin = async (applications?: string[]) =>
      bound('POST', `${(await panel.user()).path}/devices`, app(applications === undefined ? {} : { applications }));
    for (const applications of [['emergency'], ['panel', 'emergency']]) {
      expect(await begin(applications)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/applications' }] },
      });
    }
    expect((await begin(['panel'])).body.applications).toEqual(['panel']);
    expect((await begin()).body.applications).toBeNull();
  });

  test('makes, lists and revokes keys of its application only', async () => {
    const make = (more: object) => bound('POST', '/v1/api-keys', { name: 'Name', scopes: ['devices'], ...more });
    const [before] = await panel.sql('select count(*)::int as n from api_key');
    for (const more of [{}, { application: 'emergency' }]) {
      expect(await make(more)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/application' }] } });
    }
    expect(await panel.sql('select count(*)::int as n from api_key')).toEqual([before]);
    const own = await make({ application: 'panel' });
    expect(own).toMatchObject({ status: 201, body: { application: 'panel' } });
    const foreign = (await call('POST', '/v1/api-keys', { name: 'Name', scopes: ['devices'] })).body;
    expect((await bound('DELETE', `/v1/api-keys/${foreign.id}`)).status).toBe(404);
    const listed = (await bound('GET', '/v1/api-keys')).body.data;
    expect(new Set(listed.map(({ application }: { application: string }) => application))).toEqual(new Set(['panel']));
    expect((await bound('DELETE', `/v1/api-keys/${own.body.id}`)).status).toBe(204);
    expect((await call('DELETE', `/v1/api-keys/${foreign.id}`)).status).toBe(204);
  });
});
