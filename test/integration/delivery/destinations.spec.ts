import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPanel, type TestPanel, type TestUser } from '../../support/gateway-harness.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

/** Where a delivery goes, as routes are chosen and compared by it. */
interface Destination {
  readonly kind: string;
  readonly channel: string;
  readonly country: string | null;
  readonly prefix: string | null;
}

const to = (country: string, prefix: string) => ({ kind: 'code', channel: 'sms', country, prefix });
const byMail = { kind: 'code', channel: 'email', country: null, prefix: null };

/** What was written since the last look, oldest first. */
let seen = '';
async function fresh(): Promise<Destination[]> {
  const rows = await panel.sql<Destination & { id: string }>(
    'select id, kind, channel, country, prefix from delivery where id > $1 order by id',
    [seen],
  );
  seen = rows.at(-1)?.id ?? seen;
  return rows.map(({ id: _, ...row }) => row);
}

type Owner = TestUser & { readonly deviceId: string };

async function owner(phone: string): Promise<Owner> {
  const user = await panel.user();
  const asked = { method: 'sms', name: 'Phone', phone };
  const { id: deviceId } = (await panel.call('POST', `${user.path}/devices`, asked)).body;
  return { ...user, deviceId };
}
async function verified(phone: string): Promise<Owner> {
  const user = await owner(phone);
  const code = await panel.sentCode(user.deviceId);
  expect((await panel.call('POST', `/v1/devices/${user.deviceId}/verify`, { code })).status).toBe(200);
  await fresh();
  return user;
}
async function proof(user: Owner, purpose: string): Promise<Record<string, string>> {
  const id = await panel.challenge(user, { purpose });
  const code = await panel.sentCode(user.deviceId);
  const { body } = await panel.call('POST', `/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code });
  await fresh();
  return { 'sallyport-proof': String(body.proof) };
}

test('an enrolment, also sent again, and written as it is dialled at home', async () => {
  const { deviceId } = await owner('+4520123456');
  expect(await fresh()).toEqual([to('DK', '+452')]);
  await panel.passMinute();
  expect((await panel.call('POST', `/v1/devices/${deviceId}/codes`)).status).toBe(202);
  expect(await fresh()).toEqual([to('DK', '+452')]);
  expect((await panel.call('PUT', '/v1/policy', { phone: { defaultCountry: 'NL' } })).status).toBe(200);
  await owner('06 2040 6080');
  expect(await fresh()).toEqual([to('NL', '+3162')]);
});

test('a challenge with its code, one that is asked for later, and one that is sent again', async () => {
  const user = await verified('+46701234567');
  await panel.passMinute();
  const id = await panel.challenge(user, { deviceId: user.deviceId });
  expect(await fresh()).toEqual([to('SE', '+4670')]);
  await panel.passMinute();
  expect((await panel.call('POST', `/v1/challenges/${id}/codes`, { deviceId: user.deviceId })).status).toBe(202);
  expect(await fresh()).toEqual([to('SE', '+4670')]);
});

test('a change of the number, to the new one; and the notice of it, to the old one', async () => {
  const user = await verified('+32470123456');
  await panel.passMinute();
  const change = await proof(user, 'change_phone');
  await panel.passMinute();
  const asked = await panel.call('PUT', `/v1/devices/${user.deviceId}/phone`, { phone: '+420601123456' }, change);
  expect(asked.status).toBe(200);
  expect(await fresh()).toEqual([to('CZ', '+42060')]);
  const code = await panel.sentCode(user.deviceId);
  expect((await panel.call('POST', `/v1/devices/${user.deviceId}/verify`, { code })).status).toBe(200);
  expect((await fresh()).filter(({ channel }) => channel === 'sms')).toEqual([
    { ...to('BE', '+3247'), kind: 'notice' },
  ]);
});

test('a reset, told to the phone that it takes away', async () => {
  const user = await verified('+421901123456');
  expect((await panel.call('POST', `${user.path}/two-factor/reset`, { reason: 'Lost' })).status).toBe(200);
  expect((await fresh()).filter(({ channel }) => channel === 'sms')).toEqual([
    { ...to('SK', '+42190'), kind: 'notice' },
  ]);
});

test('many at once, which share their statements: each has its own', async () => {
  const numbers = [
    ['+31612000', 'NL', '+3161'],
    ['+45201200', 'DK', '+452'],
    ['+46701200', 'SE', '+4670'],
  ] as const;
  const users = [];
  for (const [index] of Array.from({ length: 12 }).entries()) {
    const [start] = numbers[index % numbers.length] ?? numbers[0];
    const length = start.startsWith('+45') ? 11 : 12;
    users.push(await verified(start + String(index).padStart(length - start.length, '0')));
  }
  await panel.passMinute();
  await fresh();
  await Promise.all(users.map((user) => panel.challenge(user, { deviceId: user.deviceId })));
  const rows = await panel.sql<Destination & { deviceId: string }>(
    `select distinct on (device_id) device_id as "deviceId", kind, channel, country, prefix from delivery
     where device_id = any ($1) order by device_id, id desc`,
    [users.map(({ deviceId }) => deviceId)],
  );
  for (const [index, { deviceId }] of users.entries()) {
    const [, country, prefix] = numbers[index % numbers.length] ?? numbers[0];
    const { deviceId: _, ...row } = rows.find((each) => each.deviceId === deviceId) as Destination & {
      deviceId: string;
    };
    expect(row).toEqual(to(country, prefix));
  }
});

test('mail goes to no country, whatever the number of its user', async () => {
  const user = await panel.user(undefined, { phone: '+31612345678', email: 'owner@panel.example' });
  await fresh();
  const asked = { method: 'email', name: 'Mail', email: 'box@panel.example' };
  expect((await panel.call('POST', `${user.path}/devices`, asked)).status).toBe(201);
  expect(await fresh()).toEqual([byMail]);
});
