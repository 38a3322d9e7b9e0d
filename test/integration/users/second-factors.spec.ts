import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiDescription } from '../../support/api-description.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { pages } from '../../support/pages.js';

let panel: TestPanel;
let api: ApiDescription;
beforeAll(async () => {
  panel = await startPanel();
  api = ApiDescription.read();
});
afterAll(() => panel.stop());

const idsOf = (data: readonly { readonly id: string }[]) => data.map(({ id }) => id).toSorted();

test('who has no second factor is listed and counted, for an account and for all, apart from service users', async () => {
  const tenant = await panel.tenant();
  const at = api.checked(tenant.call);
  const protectedOne = await panel.totpUser(tenant);
  const { accountId } = protectedOne;
  const without = ['anna', 'bert', 'carl'];
  for (const name of without) await at('PUT', `/v1/accounts/${accountId}/users/${name}`, {});
  await at('PUT', `/v1/accounts/${accountId}/users/robot`, { kind: 'service' });
  const elsewhere = await panel.user(tenant);
  const other = await panel.tenant();
  await panel.user(other);

  const listed = async (path: string) => idsOf((await pages(at, path, 2)).flat() as { id: string }[]);
  const users = `/v1/accounts/${accountId}/users`;
  expect(await listed(`${users}?twoFactor=disabled`)).toEqual(without);
  expect(await listed(`${users}?twoFactor=enabled`)).toEqual([protectedOne.userId]);
  expect(await listed(`${users}?twoFactor=service`)).toEqual(['robot']);
  expect(await listed(users)).toEqual([...without, protectedOne.userId, 'robot'].toSorted());
  expect(await listed('/v1/users?twoFactor=disabled')).toEqual([...without, elsewhere.userId].toSorted());
  expect(await listed('/v1/users?twoFactor=enabled')).toEqual([protectedOne.userId]);
  const { body } = await at('GET', '/v1/users?twoFactor=service');
  expect(body.data).toMatchObject([{ id: 'robot', accountId, kind: 'service' }]);

  const counts = { total: 5, enabled: 1, disabled: 3, service: 1 };
  expect((await at('GET', `/v1/users/counts?accountId=${accountId}`)).body).toEqual(counts);
  expect((await at('GET', '/v1/users/counts')).body).toEqual({ ...counts, total: 6, disabled: 4 });
  await at('PUT', '/v1/accounts/empty', {});
  const none = { total: 0, enabled: 0, disabled: 0, service: 0 };
  expect((await at('GET', '/v1/users/counts?accountId=empty')).body).toEqual(none);
  expect((await at('GET', '/v1/users/counts?accountId=nowhere')).status).toBe(404);
  expect((await at('GET', '/v1/accounts/empty/users?twoFactor=disabled')).body.data).toEqual([]);
  expect((await at('GET', '/v1/accounts/nowhere/users?twoFactor=disabled')).status).toBe(404);
});

test('who enrols and who is reset moves from one list to the other at once', async () => {
  const tenant = await panel.tenant();
  const at = api.checked(tenant.call);
  const user = await panel.totpUser(tenant);
  const counted = async () => (await at('GET', '/v1/users/counts')).body;
  expect(await counted()).toMatchObject({ enabled: 1, disabled: 0 });
  await at('POST', `${user.path}/two-factor/reset`, { reason: 'Lost phone' });
  expect(await counted()).toMatchObject({ enabled: 0, disabled: 1 });
  expect((await at('GET', '/v1/users?twoFactor=disabled')).body.data).toMatchObject([{ id: user.userId }]);
});
