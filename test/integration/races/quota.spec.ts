import { expect, test } from '@jest/globals';
import { type TestUser } from '../../support/gateway-harness.js';
import { inParallel, raceBehind, sum, tally } from '../../support/parallel.js';
import {
  countDeliveries,
  eagerTenant,
  enrol,
  nextDay,
  panel,
  quotaOf,
  smsUser,
  userRef,
} from '../../support/eager-tenants.js';

test('T17 500 parallel requests for SMS of one device over 500 challenges send exactly 15 a day', async () => {
  const tenant = await eagerTenant();
  const user = await smsUser(tenant, '+31612340301');
  // With an app beside it, no challenge sends by itself.
  const { userId } = user;
  await panel.sql(
    `insert into device (id, tenant_id, user_id, method, name, status, totp_algorithm, totp_digits, totp_period, verified_at, enrolment_expires_at)
     select 'dev_' || id, tenant_id, id, 'totp', 'App', 'verified', 'sha1', 6, 30, now(), now() from app_user where external_id = $1`,
    [userId],
  );
  const challenges = await inParallel(500, () => panel.challenge(user, {}, tenant), 16);
  expect(await countDeliveries(tenant)).toBe(1);
  const ask = () =>
    inParallel(500, (index) =>
      tenant.call('POST', `/v1/challenges/${challenges[index]}/codes`, { deviceId: user.deviceId }),
    );
  const today = await ask();
  // The enrolment's own code was the first.
  expect(tally(today)).toEqual({ '202': 14, '429 sms_quota_exceeded': 486 });
  expect(await countDeliveries(tenant)).toBe(15);
  expect(await quotaOf(tenant, user.deviceId)).toMatchObject({ limit: 15, used: 15 });
  const refused = today.find(({ status }) => status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused?.body).toMatchObject({
    quota: { limit: 15, used: 15 },
    detail: expect.stringContaining('authenticator app'),
  });

  await nextDay();
  const tomorrow = tally(await ask());
  expect(sum(tomorrow, '202')).toBe(15);
  expect(await countDeliveries(tenant)).toBe(30);
});

test('T17 500 parallel challenges that send by themselves send exactly 15 a day', async () => {
  const tenant = await eagerTenant();
  const user = await smsUser(tenant, '+31612340302');
  await nextDay();
  const { accountId, userId } = user;
  const answers = await inParallel(500, () => tenant.call('POST', '/v1/challenges', { accountId, userId }));
  expect(tally(answers)).toEqual({ '201': 500 });
  const sends = answers.map(({ body }) => body.challenge.send);
  expect(sends.filter((send) => send.deliveryId !== undefined)).toHaveLength(15);
  expect(sends.filter((send) => send.code === 'sms_quota_exceeded')).toHaveLength(485);
  expect(await countDeliveries(tenant)).toBe(16);
});

test('T17 500 parallel enrolments of one number written six ways send exactly 15 a day', async () => {
  const tenant = await eagerTenant();
  const spellings = [
    '+31612340303',
    '0031 6 1234 0303',
    '+31 (6) 12-34-03-03',
    '+31 0612340303',
    '\uff0b\uff13\uff11\uff16\uff11\uff12\uff13\uff14\uff10\uff13\uff10\uff13',
    ' +31.6.1234.0303 ',
  ];
  const users = await inParallel(500, () => panel.user(tenant), 16);
  const ask = () =>
    inParallel(500, (index) => enrol(tenant, users[index] as TestUser, spellings[index % spellings.length] ?? ''));
  expect(tally(await ask())).toEqual({ '201': 15, '429 sms_quota_exceeded': 485 });
  expect(await countDeliveries(tenant)).toBe(15);

  await nextDay();
  expect(tally(await ask())).toEqual({ '201': 15, '429 sms_quota_exceeded': 485 });
});

test('T17 the first enrolments of a day, all at once, send exactly 15 and cost the others nothing', async () => {
  const tenant = await eagerTenant();
  const users = await inParallel(30, () => panel.user(tenant), 16);
  const number = '+31612340311';
  const key = panel.finder.mac('address', tenant.tenantId, 'sms', number);
  const answers = await raceBehind(
    panel,
    {
      text: `insert into send_window (key, starts_at, sent) values ($1, date_trunc('day', now(), 'UTC'), 1)`,
      values: [key],
    },
    { waiting: 30, start: () => users.map((user) => enrol(tenant, user, number)) },
  );
  expect(tally(answers)).toEqual({ '201': 15, '429 sms_quota_exceeded': 15 });
  expect(await countDeliveries(tenant)).toBe(15);
  const [counted] = await panel.sql(
    `select (select sent from send_window where key = $1) as number,
       (select count(*)::int from device where tenant_id = $2) as devices,
       (select count(*)::int from send_window q join device d on d.quota_key = q.key where d.tenant_id = $2) as own`,
    [key, tenant.tenantId],
  );
  expect(counted).toEqual({ number: 15, devices: 15, own: 15 });
  // The sixteenth to thirtieth have their own quota untouched.
  await panel.sql('delete from send_window where key = $1', [key]);
  for (const [index, { status }] of answers.entries()) {
    if (status !== 201) expect((await enrol(tenant, users[index] as TestUser, number)).body.quota.used).toBe(1);
  }
});

// Any deadlock fails the file, when its database is dropped.
test('T17 who adds the first message of a day and who finds it there wait for each other in one order', async () => {
  const tenant = await eagerTenant();
  const user = await smsUser(tenant, '+31612340313');
  const { accountId, userId } = user;
  const ask = () => tenant.call('POST', '/v1/challenges', { accountId, userId });
  expect((await ask()).status).toBe(201);
  const key = panel.finder.mac('send-quota', await userRef(user), 'sms', '+31612340313');
  await panel.sql('delete from send_window where key = $1', [key]);
  const answers = await raceBehind(
    panel,
    { text: 'select from send_pace for update', values: [] },
    { waiting: 1, start: () => [ask()] },
    {
      waiting: 2,
      start: () => [
        panel
          .sql(`insert into send_window (key, starts_at, sent) values ($1, date_trunc('day', now(), 'UTC'), 1)`, [key])
          .then(ask),
      ],
    },
  );
  const sends = answers.map(({ body }) => body.challenge.send);
  expect(sends).toEqual([
    expect.objectContaining({ quota: expect.objectContaining({ used: 2 }) }),
    expect.objectContaining({ quota: expect.objectContaining({ used: 3 }) }),
  ]);
});

test('T17 a refusal in a race tells the true count', async () => {
  const tenant = await eagerTenant();
  const user = await smsUser(tenant, '+31612340312');
  const key = panel.finder.mac('send-quota', await userRef(user), 'sms', '+31612340312');
  const { accountId, userId } = user;
  const answers = await raceBehind(
    panel,
    { text: 'select from send_window where key = $1 for update', values: [key] },
    {
      waiting: 25,
      start: () => Array.from({ length: 25 }, () => tenant.call('POST', '/v1/challenges', { accountId, userId })),
    },
  );
  const refused = answers.filter(({ body }) => body.challenge.send.code === 'sms_quota_exceeded');
  expect(refused).toHaveLength(11);
  expect(await quotaOf(tenant, user.deviceId)).toMatchObject({ used: 15 });
  // No resend delay, no send used up: once there is quota again, each of them can have its code at once.
  await nextDay();
  const again = await inParallel(11, (index) =>
    tenant.call('POST', `/v1/challenges/${refused[index]?.body.challenge.id}/codes`, { deviceId: user.deviceId }),
  );
  expect(tally(again)).toEqual({ '202': 11 });
  const [sends] = await panel.sql(
    'select max(sends) as most from code k join challenge c on c.id = k.subject_id where k.device_id = $1',
    [user.deviceId],
  );
  expect(sends).toEqual({ most: 1 });
});

test('T17 removing a device and adding its number again does not renew its quota', async () => {
  const tenant = await eagerTenant({ smsPerDevicePerDay: 3 });
  const user = await panel.user(tenant);
  for (let used = 1; used <= 3; used += 1) {
    const device = await enrol(tenant, user, '+31612340304');
    expect(device).toMatchObject({ status: 201, body: { quota: { limit: 3, used } } });
    expect((await tenant.call('DELETE', `/v1/devices/${device.body.id}`)).status).toBe(204);
  }
  const refused = await enrol(tenant, user, '+31 6 12340304');
  expect(refused).toMatchObject({ status: 429, body: { code: 'sms_quota_exceeded', quota: { limit: 3, used: 3 } } });
  // Another number has its own.
  expect((await enrol(tenant, user, '+31612340305')).status).toBe(201);
});

test("T17 enrolling a stranger's number does not use up the stranger's own quota", async () => {
  const tenant = await eagerTenant();
  const victim = await smsUser(tenant, '+31612340306');
  const attackers = await inParallel(40, () => panel.user(tenant), 16);
  const answers = await inParallel(40, (index) => enrol(tenant, attackers[index] as TestUser, '+31612340306'));
  // The victim's own enrolment was the first of the number's fifteen.
  expect(tally(answers)).toEqual({ '201': 14, '429 sms_quota_exceeded': 26 });
  expect(await quotaOf(tenant, victim.deviceId)).toMatchObject({ limit: 15, used: 1 });
  for (let sends = 2; sends <= 15; sends += 1) {
    const { accountId, userId } = victim;
    const opened = await tenant.call('POST', '/v1/challenges', { accountId, userId });
    expect(opened.body.challenge.send).toMatchObject({ quota: { limit: 15, used: sends } });
  }
});

test('T17 the policy says how many SMS a device gets, also none', async () => {
  const tenant = await eagerTenant({ smsPerDevicePerDay: 4 });
  const user = await smsUser(tenant, '+31612340307');
  const { accountId, userId } = user;
  const opened = await inParallel(20, () => tenant.call('POST', '/v1/challenges', { accountId, userId }));
  expect(opened.filter(({ body }) => body.challenge.send.deliveryId)).toHaveLength(3);
  await tenant.call('PUT', '/v1/policy', { phone: { smsPerDevicePerDay: 0 } });
  await nextDay();
  const none = await tenant.call('POST', '/v1/challenges', { accountId, userId });
  expect(none).toMatchObject({ status: 201, body: { challenge: { send: { code: 'sms_quota_exceeded' } } } });
  const enrolment = await enrol(tenant, await panel.user(tenant), '+31612340308');
  expect(enrolment).toMatchObject({ status: 429, body: { code: 'sms_quota_exceeded' } });
});

test('T17 a refused send costs nothing', async () => {
  const tenant = await eagerTenant({ smsPerDevicePerDay: 3 });
  const user = await smsUser(tenant, '+31612340309');
  const { accountId, userId, deviceId } = user;
  const opened = await tenant.call('POST', '/v1/challenges', { accountId, userId });
  const { id } = opened.body.challenge;
  const resend = () => tenant.call('POST', `/v1/challenges/${id}/codes`, { deviceId });
  expect((await resend()).status).toBe(202);
  const codeRow = () => panel.sql('select * from code where subject_id = $1', [id]);
  const before = await codeRow();
  const refused = await inParallel(30, resend);
  expect(tally(refused)).toEqual({ '429 sms_quota_exceeded': 30 });
  expect(await codeRow()).toEqual(before);
  expect(await quotaOf(tenant, deviceId)).toMatchObject({ limit: 3, used: 3 });

  // The day's SMS are given back, and the challenge has its remaining sends.
  await nextDay();
  expect((await resend()).status).toBe(202);
  expect(await panel.sql('select sends from code where subject_id = $1', [id])).toEqual([{ sends: 3 }]);

  // The other way round: what the resend delay or the send limit refuses costs no quota.
  await tenant.call('PUT', '/v1/policy', { code: { resendAfterSeconds: 600 } });
  const slow = await tenant.call('POST', '/v1/challenges', { accountId, userId });
  const used = (await quotaOf(tenant, deviceId)).used;
  const tooSoon = await inParallel(20, () =>
    tenant.call('POST', `/v1/challenges/${slow.body.challenge.id}/codes`, { deviceId }),
  );
  expect(tally(tooSoon)).toEqual({ '429 resend_too_soon': 20 });
  expect((await quotaOf(tenant, deviceId)).used).toBe(used);
});

test('T17 parallel resends for one challenge send one message each delay, with one code', async () => {
  const tenant = await panel.tenant();
  const user = await smsUser(tenant, '+31612340310');
  const challenge = await panel.challenge(user, {}, tenant);
  const code = await panel.sentCode(user.deviceId);
  for (let sends = 2; sends <= 5; sends += 1) {
    await panel.passMinute();
    const answers = await inParallel(50, () =>
      tenant.call('POST', `/v1/challenges/${challenge}/codes`, { deviceId: user.deviceId }),
    );
    const counts = tally(answers);
    expect(counts['202']).toBe(1);
    expect(sum(counts, '429 resend_too_soon', '429 send_limit_reached')).toBe(49);
    expect(await panel.sentCode(user.deviceId)).toBe(code);
  }
  await panel.passMinute();
  const over = await tenant.call('POST', `/v1/challenges/${challenge}/codes`, { deviceId: user.deviceId });
  expect(over).toMatchObject({ status: 429, body: { code: 'send_limit_reached' } });
  expect(await countDeliveries(tenant)).toBe(6);
});
