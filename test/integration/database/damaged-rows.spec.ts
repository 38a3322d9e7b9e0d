import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sealEvents } from '../../../apps/audit-worker/src/seal-events.js';
import { startPanel, type TestPanel, type TestUser } from '../../support/gateway-harness.js';

let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

/** A user with an event of which a part is personal, sealed into the log. */
async function userWithPersonalEvent(): Promise<TestUser> {
  const user = await panel.totpUser();
  const { accountId, userId } = user;
  const context = { ip: '203.0.113.78', userAgent: 'Firefox' };
  expect((await panel.call('POST', '/v1/challenges', { accountId, userId, context })).status).toBe(201);
  return user;
}

async function allSealed(): Promise<void> {
  for (;;) {
    await sealEvents(panel.database);
    const [left] = await panel.sql<{ n: number }>(
      'select count(*)::int as n from event e where not exists (select from audit_entry a where a.event_id = e.id)',
    );
    if (left?.n === 0) return;
  }
}

interface Shown {
  readonly data: { readonly userId?: string; readonly personal?: unknown; readonly personalUnreadable?: boolean };
}

describe('one damaged row does not hide the others', () => {
  test.each([
    [
      'an event key that was changed',
      `update app_user set event_key_sealed = set_byte(event_key_sealed, 40, (get_byte(event_key_sealed, 40) + 1) % 256) where external_id = $1`,
    ],
    [
      'an event key that is cut',
      `update app_user set event_key_sealed = substr(event_key_sealed, 1, 20) where external_id = $1`,
    ],
    ['no event key at all', `update app_user set event_key_sealed = '' where external_id = $1`],
    [
      "another user's event key",
      `update app_user u set event_key_sealed = o.event_key_sealed from app_user o where u.external_id = $1 and o.external_id <> $1`,
    ],
    [
      'a key that is not there any more',
      `update app_user set event_key_sealed = '\\x01026b39'::bytea || substr(event_key_sealed, 5) where external_id = $1`,
    ],
  ])('of audit events: %s', async (_, damage) => {
    const [damaged, sound] = [await userWithPersonalEvent(), await userWithPersonalEvent()];
    await allSealed();
    await panel.sql(damage, [damaged.userId]);
    let after = '';
    const shown: Shown[] = [];
    for (;;) {
      const page = await panel.call('GET', `/v1/audit/events?limit=50${after && `&after=${after}`}`);
      expect(page.status).toBe(200);
      shown.push(...page.body.data);
      if (page.body.data.length === 0) break;
      after = page.body.nextCursor;
    }
    const of = ({ userId }: TestUser) => shown.filter(({ data }) => data.userId === userId);
    expect(of(damaged).filter(({ data }) => data.personal !== undefined)).toEqual([]);
    const marked = of(damaged).filter(({ data }) => data.personalUnreadable);
    expect(marked.length).toBeGreaterThan(0);
    expect(of(sound).some(({ data }) => data.personal !== undefined)).toBe(true);
    expect(of(sound).some(({ data }) => data.personalUnreadable)).toBe(false);
    // What has nothing personal is as ever.
    expect(of(damaged).length).toBeGreaterThan(marked.length);
  });

  test("of an account's users: a profile, which a call with all of it writes anew", async () => {
    const account = '/v1/accounts/damaged';
    await panel.call('PUT', account, {});
    for (const name of ['jane', 'joe']) await panel.call('PUT', `${account}/users/${name}`, { displayName: name });
    await panel.sql(`update app_user set profile_sealed = 'x' where external_id = 'jane'`);
    const { status, body } = await panel.call('GET', `${account}/users`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      { id: 'jane', displayName: null, profileUnreadable: true },
      { id: 'joe', displayName: 'joe' },
    ]);
    expect(body.data[1]).not.toHaveProperty('profileUnreadable');
    // One that leaves something out would lose it.
    expect((await panel.call('PUT', `${account}/users/jane`, { displayName: 'Jane' })).status).toBe(503);
    const whole = { displayName: 'Jane', email: null, phone: null };
    expect((await panel.call('PUT', `${account}/users/jane`, whole)).body).toMatchObject({ displayName: 'Jane' });
    expect((await panel.call('GET', `${account}/users/jane`)).body).not.toHaveProperty('profileUnreadable');
  });
});
