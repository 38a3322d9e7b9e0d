import { afterEach, expect } from '@jest/globals';
import { call, panel } from './described-panel.js';
import type { Call, EnrolledTotp, TestUser } from './gateway-harness.js';
import { readRows } from './table-rows.js';

/** People whose policy changes after they enrolled, for each file that imports this. */

export { call, panel };
afterEach(async () => expect(await panel.miscounted()).toEqual([]));

let numbers = 0;
export const freshPhone = () => `+316${String(53_000_000 + (numbers += 1))}`;
export const sms = () => ({ method: 'sms', name: 'Phone', phone: freshPhone() });
export const mail = () => ({ method: 'email', name: 'Mail', email: `name${(numbers += 1)}@panel.example` });

export const setPolicy = async ({ accountId }: TestUser, policy: object) => {
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, policy)).status).toBe(200);
};
export const nist = { preset: 'nist' };

export const decide = async ({ accountId, userId }: TestUser, more: object = {}) =>
  (await call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more })).body;
export const verify = (challengeId: string, body: object) => call('POST', `/v1/challenges/${challengeId}/verify`, body);
export const send = (challengeId: string, deviceId: string) =>
  call('POST', `/v1/challenges/${challengeId}/codes`, { deviceId });
export const devicesOf = async (user: TestUser) => (await call('GET', `${user.path}/devices`)).body.data;
export const proofOf = (proof: string) => ({ 'sallyport-proof': proof });

interface MessageUser extends TestUser {
  readonly deviceId: string;
  readonly recoveryCodes: string[];
}

/** A user whose first device gets codes by message. */
export async function messageUser(device: object = mail(), policy?: object): Promise<MessageUser> {
  const user = await panel.user();
  if (policy) await setPolicy(user, policy);
  const { id } = (await call('POST', `${user.path}/devices`, device)).body;
  const { recoveryCodes = [] } = (await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) }))
    .body;
  return { ...user, deviceId: id, recoveryCodes };
}

export async function addMessage(user: EnrolledTotp, device: object): Promise<string> {
  const added = await call('POST', `${user.path}/devices`, device, proofOf(await panel.proof(user, 'add_device')));
  expect(added.status).toBe(201);
  const { id } = added.body;
  expect((await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) })).status).toBe(200);
  return id;
}

/** A proof by one of the user's recovery codes. */
export async function recoveryProof(
  user: TestUser,
  recoveryCode: string | undefined,
  purpose: string,
): Promise<string> {
  const { challenge } = await decide(user, { purpose });
  const answer = await verify(challenge.id, { recoveryCode });
  expect(answer.status).toBe(200);
  return answer.body.proof;
}

export const notAllowed = {
  status: 422,
  body: {
    code: 'method_not_allowed',
    detail: expect.stringMatching(/another device or a recovery code/),
    userMessage: expect.stringMatching(/another device or a recovery code.*administrator/),
  },
};

/** Whatever is written by a call that is refused for its device would have been charged. */
export async function chargesNothing(make: () => ReturnType<Call>) {
  const before = await readRows(panel);
  expect(await make()).toMatchObject(notAllowed);
  expect(await readRows(panel)).toEqual(before);
}
