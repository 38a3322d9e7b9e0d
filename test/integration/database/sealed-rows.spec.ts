import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OutgoingMessage } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { openPersonal, Sealer, UnsealError } from '#persistence';
import { createLogger, loadKeys } from '#runtime';
import { startPanel, totp, type EnrolledTotp, type TestPanel } from '../../support/gateway-harness.js';
import { makeWebhook } from '../../support/webhooks-of-panel.js';

/**
 * T23: someone who writes to the database moves a sealed value that they know into a row that they want. What a kind of
 * value is bound to is tried out for each, through what opens it.
 */
let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

/** A sealed column, two rows of it, and the call that opens the second. */
interface Kind {
  readonly table: string;
  readonly column: string;
  /** Names a row; `id` where left out. */
  readonly key?: string;
  readonly known: unknown;
  readonly wanted: unknown;
  /** Opens it. @returns status of the answer */
  opens(): Promise<number>;
  /** What whoever moved it would do; what opens it where left out. */
  attack?(): Promise<number>;
}

const statusOf = async (answer: ReturnType<TestPanel['call']>) => (await answer).status;
const made = async (answer: ReturnType<TestPanel['call']>) => {
  const { status, body } = await answer;
  expect([200, 201]).toContain(status);
  return body;
};
const twoUsers = async () => [await panel.totpUser(), await panel.totpUser()] as const;
const login = async (user: EnrolledTotp, secret: string) => {
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const id = await panel.challenge(user);
  return statusOf(panel.call('POST', `/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code: totp(secret) }));
};

let numbers = 0;
const freshPhone = () => `+316${String(12_000_000 + (numbers += 1))}`;

/** A verified phone beside the app. */
async function addPhone(user: EnrolledTotp): Promise<string> {
  const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
  const body = { method: 'sms', name: 'Phone', phone: freshPhone() };
  const { id } = await made(panel.call('POST', `${user.path}/devices`, body, headers));
  await made(panel.call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) }));
  return id;
}

const kinds: Record<string, () => Promise<Kind>> = {
  'a seed': async () => {
    const [attacker, owner] = await twoUsers();
    return {
      table: 'device',
      column: 'secret_sealed',
      known: attacker.deviceId,
      wanted: owner.deviceId,
      opens: () => login(owner, owner.secret),
      attack: () => login(owner, attacker.secret),
    };
  },
  'a seed of another device of the same user': async () => {
    const owner = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(owner, 'add_device') };
    const device = await made(panel.call('POST', `${owner.path}/devices`, { method: 'totp', name: 'New' }, headers));
    return {
      table: 'device',
      column: 'secret_sealed',
      known: device.id,
      wanted: owner.deviceId,
      opens: () => login(owner, owner.secret),
      attack: () => login(owner, device.totp.secret),
    };
  },
  'a seed of another tenant': async () => {
    const other = await panel.tenant();
    const [attacker, owner] = [await panel.totpUser(other), await panel.totpUser()];
    return {
      table: 'device',
      column: 'secret_sealed',
      known: attacker.deviceId,
      wanted: owner.deviceId,
      opens: () => login(owner, owner.secret),
      attack: () => login(owner, attacker.secret),
    };
  },
  'an address': async () => {
    const [attacker, owner] = await twoUsers();
    const [known, wanted] = [await addPhone(attacker), await addPhone(owner)];
    const opens = () => statusOf(panel.call('GET', `/v1/devices/${wanted}`));
    return { table: 'device', column: 'address_sealed', known, wanted, opens };
  },
  'a number that waits to be proved': async () => {
    const waiting = async (user: EnrolledTotp) => {
      const id = await addPhone(user);
      const headers = { 'sallyport-proof': await panel.proof(user, 'change_phone') };
      await made(panel.call('PUT', `/v1/devices/${id}/phone`, { phone: freshPhone() }, headers));
      return id;
    };
    const [attacker, owner] = await twoUsers();
    const [known, wanted] = [await waiting(attacker), await waiting(owner)];
    const opens = () => statusOf(panel.call('GET', `/v1/devices/${wanted}`));
    return { table: 'device', column: 'pending_sealed', known, wanted, opens };
  },
  'a profile': async () => {
    const [attacker, owner] = [
      await panel.user(undefined, { email: 'attacker@example.org' }),
      await panel.user(undefined, { email: 'owner@example.org' }),
    ];
    const [known, wanted] = [await refOf(attacker.userId), await refOf(owner.userId)];
    const opens = async () => {
      const { status, body } = await panel.call('GET', owner.path);
      return body.profileUnreadable ? 503 : status;
    };
    return { table: 'app_user', column: 'profile_sealed', known, wanted, opens };
  },
  'the key of a user’s events': async () => {
    const [attacker, owner] = [await panel.user(), await panel.user()];
    const [known, wanted] = [await refOf(attacker.userId), await refOf(owner.userId)];
    const opens = async () => {
      const status = await statusOf(panel.call('POST', `${owner.path}/devices`, { method: 'totp', name: 'App' }));
      return status === 201 ? 200 : status;
    };
    return { table: 'app_user', column: 'event_key_sealed', known, wanted, opens };
  },
  'what a transaction is about': async () => {
    const [attacker, owner] = await twoUsers();
    const ask = (user: EnrolledTotp, detail: string) => panel.challenge(user, { purpose: 'transaction', detail });
    const [known, wanted] = [await ask(attacker, 'Pay 1 EUR'), await ask(owner, 'Pay 1000 EUR')];
    const opens = () =>
      statusOf(
        panel.call('POST', `/v1/challenges/${wanted}/verify`, { deviceId: owner.deviceId, code: totp(owner.secret) }),
      );
    return { table: 'challenge', column: 'detail_sealed', known, wanted, opens };
  },
  'the browser of a challenge': async () => {
    const [attacker, owner] = await twoUsers();
    const [known, wanted] = [await fromBrowser(attacker), await fromBrowser(owner)];
    const body = { deviceId: owner.deviceId, rememberBrowser: true };
    const opens = () =>
      statusOf(panel.call('POST', `/v1/challenges/${wanted}/verify`, { ...body, code: totp(owner.secret) }));
    return { table: 'challenge', column: 'user_agent_sealed', known, wanted, opens };
  },
  'a trusted browser': async () => {
    const remembered = async (user: EnrolledTotp) => {
      const body = { deviceId: user.deviceId, code: totp(user.secret), rememberBrowser: true };
      await made(panel.call('POST', `/v1/challenges/${await fromBrowser(user)}/verify`, body));
      const { data } = await made(panel.call('GET', `${user.path}/trusted-browsers`));
      return data[0].id as string;
    };
    const [attacker, owner] = await twoUsers();
    const [known, wanted] = [await remembered(attacker), await remembered(owner)];
    const opens = () => statusOf(panel.call('GET', `${owner.path}/trusted-browsers`));
    return { table: 'trusted_browser', column: 'user_agent_sealed', known, wanted, opens };
  },
  'a stored answer': async () => {
    const owner = await panel.user();
    const post = (key: string) =>
      panel.call('POST', `${owner.path}/devices`, { method: 'totp', name: 'App' }, { 'idempotency-key': key });
    const keyOf = async (key: string) => {
      const before = await panel.sql<{ key: Buffer }>('select key from idempotent_answer');
      await made(post(key));
      const after = await panel.sql<{ key: Buffer }>('select key from idempotent_answer');
      return after.find((row) => before.every((other) => !other.key.equals(row.key)))?.key;
    };
    const [known, wanted] = [await keyOf('known'), await keyOf('wanted')];
    const opens = async () => {
      const status = await statusOf(post('wanted'));
      return status === 201 ? 200 : status;
    };
    return { table: 'idempotent_answer', column: 'answer_sealed', key: 'key', known, wanted, opens };
  },
  'a message': async () => {
    const newest = async (user: EnrolledTotp) => {
      const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
      const body = { method: 'sms', name: 'Phone', phone: freshPhone() };
      const { id } = await made(panel.call('POST', `${user.path}/devices`, body, headers));
      const [row] = await panel.sql<{ id: string }>('select id from delivery where device_id = $1', [id]);
      return { delivery: row?.id ?? '', phone: body.phone };
    };
    const [attacker, owner] = await twoUsers();
    const [known, wanted] = [await newest(attacker), await newest(owner)];
    const opens = async () => {
      const sent: OutgoingMessage[] = [];
      const channel = {
        name: 'test',
        send: async (message: OutgoingMessage) => {
          sent.push(message);
          return { outcome: 'sent', reference: null, price: null } as const;
        },
      };
      const { database, sealer } = panel;
      const logger = createLogger('test');
      logger.level = 'silent';
      await panel.sql(`update delivery set next_attempt_at = now() - interval '1 s' where id = $1`, [wanted.delivery]);
      await new Deliverer({ database, sealer, routes: new RouteTable([channel]), logger }).deliver(wanted.delivery);
      expect(sent.map(({ to }) => to)).toEqual(sent.map(() => wanted.phone));
      return sent.length === 1 ? 200 : 503;
    };
    return { table: 'delivery', column: 'payload_sealed', known: known.delivery, wanted: wanted.delivery, opens };
  },
  'the contact of a webhook': async () => {
    const contact = async (contactEmail: string) => (await makeWebhook(panel, { contactEmail })).id as string;
    const [known, wanted] = [await contact('a@panel.example'), await contact('b@panel.example')];
    const opens = () => statusOf(panel.call('GET', `/v1/webhooks/${wanted}`));
    return { table: 'webhook', column: 'contact_sealed', known, wanted, opens };
  },
  'the secret of a webhook': () => secretOfWebhook('secret_sealed'),
  'the secret that a webhook had before': () => secretOfWebhook('previous_secret_sealed'),
};

/** Opened as the webhook worker does, which signs with it. */
async function secretOfWebhook(column: string) {
  const rotated = async () => {
    const { id } = await makeWebhook(panel);
    await made(panel.call('POST', `/v1/webhooks/${id}/secret`, {}));
    return id as string;
  };
  const [known, wanted] = [await rotated(), await rotated()];
  const webhooks = new Sealer(loadKeys(['webhook'], { SALLYPORT_KEYS: panel.keyFile }).webhook);
  const opens = async () => {
    const [row] = await panel.sql<{ sealed: Buffer }>(`select ${column} as sealed from webhook where id = $1`, [
      wanted,
    ]);
    try {
      return webhooks.openText('webhook-secret', wanted, row?.sealed ?? Buffer.of()).startsWith('whsec_') ? 200 : 500;
    } catch (error) {
      if (error instanceof UnsealError) return 503;
      throw error;
    }
  };
  return { table: 'webhook', column, known, wanted, opens };
}

async function refOf(userId: string): Promise<string | undefined> {
  return (await panel.sql<{ id: string }>('select id from app_user where external_id = $1', [userId]))[0]?.id;
}

/** Opens a challenge from a browser that may become trusted. @returns its id */
async function fromBrowser(user: EnrolledTotp): Promise<string> {
  await made(panel.call('PUT', `/v1/accounts/${user.accountId}/policy`, { trustedBrowser: { allowed: true } }));
  return panel.challenge(user, { context: { userAgent: `Browser of ${user.userId}` } });
}

describe('T23: a sealed value that was moved into another row does not open there', () => {
  test.each(Object.entries(kinds))('%s', async (_, make) => {
    const { table, column, key = 'id', known, wanted, opens, attack = opens } = await make();
    const read = async (row: unknown) =>
      (await panel.sql<{ sealed: Buffer }>(`select ${column} as sealed from ${table} where ${key} = $1`, [row]))[0]
        ?.sealed;
    const write = (sealed: Buffer | undefined) =>
      panel.sql(`update ${table} set ${column} = $2 where ${key} = $1`, [wanted, sealed]);
    const [theirs, own] = [await read(known), await read(wanted)];
    expect([theirs, own]).toEqual([expect.any(Buffer), expect.any(Buffer)]);

    await write(theirs);
    expect(await attack()).toBe(503);
    // It was the move and nothing else.
    await write(own);
    expect(await opens()).toBe(200);
  });

  test('what is personal in an event, neither under the key of its user nor under another’s', async () => {
    const [attacker, owner] = await twoUsers();
    const rows = await panel.sql<{ id: string; userId: string; personal: Buffer; key: Buffer; ref: string }>(
      `select e.id, e.user_id as "userId", e.personal_sealed as personal, u.event_key_sealed as key, u.id as ref
       from event e join app_user u on u.id = e.user_ref
       where e.personal_sealed is not null and e.user_id = any($1) order by e.id`,
      [[attacker.userId, owner.userId]],
    );
    expect(new Set(rows.map(({ userId }) => userId)).size).toBe(2);
    for (const row of rows) {
      const eventKey = panel.sealer.open('event-key', row.ref, row.key);
      expect(openPersonal(eventKey, row.id, row.personal)).toEqual(expect.any(Object));
      for (const other of rows.filter(({ id }) => id !== row.id)) {
        expect(() => openPersonal(eventKey, row.id, other.personal)).toThrow(UnsealError);
        expect(() => openPersonal(eventKey, other.id, row.personal)).toThrow(UnsealError);
      }
    }
  });

  test('each sealed column of the database is among these', async () => {
    const columns = await panel.sql<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and column_name like '%\\_sealed' order by 1`,
    );
    const tried = await Promise.all(Object.values(kinds).map(async (kind) => kind()));
    const known = new Set(['event.personal_sealed', ...tried.map(({ table, column }) => `${table}.${column}`)]);
    expect(columns.map(({ name }) => name)).toEqual([...known].toSorted());
  });
});
