import { afterEach, beforeAll, expect } from '@jest/globals';
import { openPersonal } from '#persistence';
import { call, panel } from './described-panel.js';
import { totp, type EnrolledTotp, type TestUser } from './gateway-harness.js';

/** People who switch two-factor authentication on and off at one gateway, for each file that imports this. */

export { call, panel };
/** A key with every scope but `admin`, as the panel's own would be. */
export let panelKey: { authorization: string };
beforeAll(async () => {
  panelKey = { authorization: `Bearer ${await panel.key(['accounts', 'devices', 'challenges', 'audit'])}` };
});
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

export const setPolicy = async (user: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${user.accountId}/policy`, policy)).status).toBe(200);
};
export const off = (user: TestUser, headers: Record<string, string> = {}, more: object = {}) =>
  call('PUT', `${user.path}/two-factor`, { enabled: false, ...more }, headers);
export const proved = async (user: EnrolledTotp) => ({ 'sallyport-proof': await panel.proof(user, 'disable') });
export const shown = async (user: TestUser) => (await call('GET', user.path)).body;
export const decide = async ({ accountId, userId }: TestUser, more: object = {}) =>
  (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more })).body;
export const disabled = { status: 'disabled', since: null };

interface ToldEvent {
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly personal: unknown;
}

/** Events of a user since `after`, in order, what is personal in them opened. */
export async function eventsOf(user: TestUser, types: readonly string[]): Promise<ToldEvent[]> {
  const rows = await panel.sql<ToldEvent & { id: string; sealed: Buffer | null; key: Buffer; ref: string }>(
    `select e.id, e.type, e.data - 'apiKeyId' as data, e.personal_sealed as sealed, u.event_key_sealed as key, u.id as ref
     from event e join app_user u on u.id = e.user_ref where e.user_id = $1 and e.type = any ($2) order by e.type, e.id`,
    [user.userId, types],
  );
  return rows.map(({ id, type, data, sealed, key, ref }) => ({
    type,
    data,
    personal: sealed && openPersonal(panel.sealer.open('event-key', ref, key), id, sealed),
  }));
}

const owned = ['device', 'recovery_pool', 'recovery_code', 'trusted_browser'];
/** How many rows a user has in each of these tables. */
export async function rowsOf(user: TestUser): Promise<Record<string, number>> {
  const counts = owned.map(
    (table) =>
      `(select count(*)::int from ${table} x join app_user u on u.id = x.user_id where u.external_id = $1) as "${table}"`,
  );
  const [row] = await panel.sql<Record<string, number>>(`select ${counts.join(', ')}`, [user.userId]);
  return row ?? {};
}

/** Makes a browser trusted by the user's app. @returns its token */
export async function trust(user: EnrolledTotp): Promise<string> {
  const id = await panel.challenge(user);
  await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
  const body = { deviceId: user.deviceId, code: totp(user.secret), rememberBrowser: true };
  const answer = await call('POST', `/v1/challenges/${id}/verify`, body);
  expect(answer.body.trustedBrowser).toEqual(expect.any(String));
  return answer.body.trustedBrowser;
}

export const trusting = { trustedBrowser: { allowed: true } };
