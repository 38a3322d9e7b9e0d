import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { preparedDataDir } from './prepared-data-dir.js';
import { totp } from './gateway-harness.js';
import { panelAccess, startSystem, type Answer, type PanelAccess, type System } from './system.js';
import { hiddenField, Visitor } from './visitor.js';

/** Visitors of the panel of one system, for each file that imports this. */

/** The reference panel before those who want in by another way. People copy it, so what it does wrong is done everywhere. */
export let system: System;
export let folder: Awaited<ReturnType<typeof preparedDataDir>>;
export let access: PanelAccess;
export let visitor: Visitor;

beforeAll(async () => {
  folder = await preparedDataDir();
  system = await startSystem(folder.path);
  access = await panelAccess(folder.path);
}, 300_000);
afterAll(async () => {
  await system.stop();
  await folder.remove();
});
beforeEach(() => {
  visitor = new Visitor(system.panelUrl);
});

export const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
  system.call(method, path, body, { authorization: `Bearer ${access.adminApiKey}` });

interface Someone {
  readonly name: string;
  readonly path: string;
  secret: string;
  deviceId: string;
}

/** A person of the demo with an authenticator app and nothing else. */
export async function withApp(accountId: string, name: string): Promise<Someone> {
  const path = `/v1/accounts/${accountId}/users/${name}`;
  await call('POST', `${path}/two-factor/reset`, { reason: 'A test begins.' });
  const { id, totp: shown } = (await call('POST', `${path}/devices`, { method: 'totp', name: 'App' })).body;
  // The step before, so that the present one is left for the test. If that ends on the way, the one before is another.
  const verify = () => call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret, -1) });
  const first = await verify();
  expect((first.status === 200 ? first : await verify()).status).toBe(200);
  return { name, path, secret: shown.secret, deviceId: id };
}
export const anna = () => withApp('harbour', 'anna');

export const signIn = (who: Visitor, name: string, next = '/') =>
  who.post('/sign-in', { name, password: access.password, next });
export const statusOf = async ({ path }: Someone) => (await call('GET', path)).body.twoFactor.status;

/** Sends the form of the second step as it stands on its page. */
export async function answer(who: Visitor, fields: Record<string, string>, headers?: Record<string, string>, way = '') {
  const path = `/second-step?way=${way}`;
  const check = hiddenField((await who.get(path)).text, 'check');
  return who.post(path, { check, ...fields }, headers);
}

/** Through both doors. */
export async function enter(who: Visitor, someone: Someone): Promise<void> {
  expect((await signIn(who, someone.name)).location).toBe('/second-step');
  expect((await answer(who, { code: totp(someone.secret) })).location).toBe('/');
  expect((await who.get('/')).status).toBe(200);
}

export const pages = [
  '/',
  '/security',
  '/security/history',
  '/security/history/file',
  '/devices/new',
  '/recovery-codes',
  '/trusted-browsers',
  '/administration',
  '/emergency',
];
export const deeds = [
  '/security/off',
  '/security/on',
  '/devices/new',
  '/devices/enrolment',
  '/recovery-codes/new',
  '/recovery-codes/saved',
  '/trusted-browsers/revoke',
  '/administration/policy',
];
