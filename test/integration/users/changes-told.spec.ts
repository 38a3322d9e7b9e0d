import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPersonal } from '#persistence';
import { startPanel, type TestPanel, type TestUser } from '../../support/gateway-harness.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

interface Told {
  readonly data: Record<string, unknown>;
  readonly personal: unknown;
}

/** Events about a user, with what is personal in them. */
async function told({ userId }: TestUser, type: string): Promise<Told[]> {
  const rows = await panel.sql<{
    id: string;
    userRef: string;
    data: Record<string, unknown>;
    sealed: Buffer | null;
    key: Buffer;
  }>(
    `select e.id, e.user_ref as "userRef", e.data, e.personal_sealed as sealed, u.event_key_sealed as key
     from event e join app_user u on u.id = e.user_ref where e.user_id = $1 and e.type = $2 order by e.tx`,
    [userId, type],
  );
  return rows.map(({ id, userRef, data, sealed, key }) => ({
    data,
    personal: sealed && openPersonal(panel.sealer.open('event-key', userRef, key), id, sealed),
  }));
}

const old = { displayName: 'Jana', email: 'jana@example.com', phone: '+31632000001' };
const apiKeyId = expect.any(String);

test('a changed user is told with what it was and is; names, numbers and addresses are sealed, the latter two masked', async () => {
  const user = await panel.user(panel, old);
  expect(await told(user, 'user.created')).toMatchObject([
    { personal: { displayName: 'Jana', maskedEmail: 'j***@example.com', maskedPhone: '+31*****01' } },
  ]);
  const change = { displayName: 'Jana Nová', email: null, phone: '+31632000099', locale: 'cs' };
  expect((await panel.call('PATCH', user.path, change)).status).toBe(200);
  const events = await told(user, 'user.changed');
  expect(events).toEqual([
    {
      data: { changed: ['displayName', 'email', 'phone', 'locale'], locale: 'cs', formerLocale: null, apiKeyId },
      personal: {
        displayName: 'Jana Nová',
        formerDisplayName: 'Jana',
        maskedEmail: null,
        formerMaskedEmail: 'j***@example.com',
        maskedPhone: '+31*****99',
        formerMaskedPhone: '+31*****01',
      },
    },
  ]);
  expect(JSON.stringify(events)).not.toMatch(/632000|jana@/);
});

test('what changes nothing is not told', async () => {
  const user = await panel.user(panel, old);
  expect((await panel.call('PUT', user.path, old)).status).toBe(200);
  expect((await panel.call('PATCH', user.path, {})).status).toBe(200);
  expect((await panel.call('PUT', `/v1/accounts/${user.accountId}`, { name: null })).status).toBe(200);
  expect(await told(user, 'user.changed')).toEqual([]);
  expect(
    await panel.sql(`select from event where type = 'account.changed' and account_id = $1`, [user.accountId]),
  ).toEqual([]);
});

test('of changes at the same moment none undoes another, and each is told once', async () => {
  const user = await panel.user(panel, old);
  const changes = [
    ...Array.from({ length: 12 }, (_, n) => ({ displayName: `Name ${n}` })),
    { email: 'new@example.com' },
    { phone: '+31632000002' },
    { locale: 'sk' },
  ];
  const answers = await Promise.all(changes.map((change) => panel.call('PATCH', user.path, change)));
  expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
  const { body } = await panel.call('GET', user.path);
  expect(body).toMatchObject({ email: 'new@example.com', phone: '+31632000002', locale: 'sk' });
  const events = await told(user, 'user.changed');
  expect(events).toHaveLength(changes.length);
  // Each begins where one before it ended.
  const names = events.flatMap(({ personal }) => {
    const { displayName, formerDisplayName } = (personal ?? {}) as { displayName?: string; formerDisplayName?: string };
    return displayName === undefined ? [] : [[formerDisplayName, displayName]];
  });
  expect(names.map(([former]) => former).toSorted()).toEqual(
    [...names.map(([, name]) => name).filter((name) => name !== body.displayName), 'Jana'].toSorted(),
  );
});

test('one that was erased meanwhile does not come back under its key', async () => {
  for (let round = 0; round < 5; round += 1) {
    const user = await panel.user(panel, old);
    const [before] = await panel.sql<{ key: Buffer }>(
      'select event_key_sealed as key from app_user where external_id = $1',
      [user.userId],
    );
    await Promise.all([
      panel.call('DELETE', user.path),
      ...[1, 2, 3].map((n) => panel.call('PUT', user.path, { displayName: `Name ${n}` })),
    ]);
    const [after] = await panel.sql<{ id: string; key: Buffer }>(
      `select u.id, event_key_sealed as key from app_user u where external_id = $1 and exists (
         select from event e where e.type = 'user.erased' and e.user_ref = u.id)`,
      [user.userId],
    );
    expect(after).toBeUndefined();
    expect(before).toBeDefined();
  }
});
