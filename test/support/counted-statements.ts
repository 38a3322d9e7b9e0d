import { afterAll, beforeAll, expect } from '@jest/globals';
import { statementChannel } from '#persistence';
import { SoftwareAuthenticator } from './software-authenticator.js';
import { ApiDescription } from './api-description.js';
import { lookUp } from './statements-of.js';
import { startPanel, totp, type Call, type EnrolledTotp, type TestPanel, type TestUser } from './gateway-harness.js';

/** A gateway whose statements are counted, for each file that imports this, and people who are ready for each call. */

export let panel: TestPanel;
export let api: ApiDescription;
export let call: Call;
/** Names of the statements of the calls so far. */
export const seen: string[] = [];
const listen = (name: unknown) => seen.push(String(name));

beforeAll(async () => {
  // One connection, so that what is prepared on it is what was prepared at all.
  panel = await startPanel({ poolSize: 1 });
  api = ApiDescription.read();
  call = api.checked(panel.call);
  // MikroORM tries its connection at its first use, once in a process.
  await call('GET', '/v1/api-keys');
  statementChannel.subscribe(listen);
});
afterAll(async () => {
  statementChannel.unsubscribe(listen);
  await panel.stop();
});

/** Statements of one call, without those that look its API key up. */
export async function statementsOf(
  status: number,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) {
  seen.length = 0;
  const answer = await call(method, path, body, headers);
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
  return seen.filter((name) => name !== lookUp);
}

let numbers = 0;
export const sms = () => ({ method: 'sms', name: 'Phone', phone: `+316${String(32_000_000 + (numbers += 1))}` });

export async function smsUser(): Promise<TestUser & { deviceId: string; deliveryId: string }> {
  const user = await panel.user();
  const { id, send } = (await call('POST', `${user.path}/devices`, sms())).body;
  await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
  return { ...user, deviceId: id, deliveryId: send.deliveryId };
}

export const allowTrust = ({ accountId }: TestUser) =>
  call('PUT', `/v1/accounts/${accountId}/policy`, { trustedBrowser: { allowed: true } });

/** @returns the token of a browser that the user's app made trusted */
export async function trustedBrowser(user: EnrolledTotp): Promise<string> {
  await allowTrust(user);
  const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
  const { body } = await call('POST', path, { code: totp(user.secret), rememberBrowser: true });
  return body.trustedBrowser;
}

/** Where passkeys are used by the default policy. */
export const origin = 'http://localhost:3001';

export async function passkeyUser(): Promise<TestUser & { key: SoftwareAuthenticator }> {
  const user = await panel.user();
  const { id, webauthn } = (await call('POST', `${user.path}/devices`, { method: 'webauthn', name: 'Key' })).body;
  const key = new SoftwareAuthenticator();
  await call('POST', `/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, origin) });
  return { ...user, key };
}

export async function passkeyChallenge({ accountId, userId }: TestUser) {
  return (await call('POST', '/v1/challenges', { accountId, userId })).body.challenge;
}

/** An enrolment by SMS whose code may be sent again. */
export async function openEnrolment(): Promise<string> {
  const { id } = (await call('POST', `${(await panel.user()).path}/devices`, sms())).body;
  await panel.passMinute();
  return id;
}

type Made = readonly [status: number, method: string, path: string, body?: unknown, headers?: Record<string, string>];
export interface Row {
  readonly what?: string;
  /** Statements that the call may take. */
  readonly most: number;
  readonly make: () => Promise<Made>;
}

export const callOf = ([, method, path, body, headers]: Made) => [method, path, body, headers] as const;

/** The call that gives a phone a new number, with its proof by the phone itself. */
export async function changeOf(deviceId: string): Promise<Made> {
  const { accountId, userId } = (await call('GET', `/v1/devices/${deviceId}`)).body;
  const challenge = await panel.challenge({ accountId, userId, path: '' }, { purpose: 'change_phone' });
  const { proof } = (
    await call('POST', `/v1/challenges/${challenge}/verify`, { deviceId, code: await panel.sentCode(deviceId) })
  ).body;
  return [200, 'PUT', `/v1/devices/${deviceId}/phone`, { phone: sms().phone }, { 'sallyport-proof': proof }];
}

/** A user with a verified phone, and one without beside it, on an account where a proved number is not proved again. */
export async function reusingUser(): Promise<TestUser & { phone: string }> {
  const user = await panel.user();
  await call('PUT', `/v1/accounts/${user.accountId}/policy`, { phone: { reuseVerifiedOnAccount: true } });
  await call('PUT', `${user.path}-new`, {});
  const device = sms();
  const { id } = (await call('POST', `${user.path}/devices`, device)).body;
  await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) });
  return { ...user, phone: device.phone };
}

export const withTotp = (make: (user: EnrolledTotp) => Made | Promise<Made>) => async () =>
  make(await panel.totpUser());
export const get = (path: (user: EnrolledTotp) => string) => withTotp((user) => [200, 'GET', path(user)]);
