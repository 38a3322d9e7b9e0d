import { afterAll, beforeAll, expect } from '@jest/globals';
import { ApiDescription } from './api-description.js';
import { startPanel, type Call, type TestPanel, type TestUser } from './gateway-harness.js';
import { SoftwareAuthenticator } from './software-authenticator.js';
import type { Answer } from './system.js';

/** People with passkeys at one gateway, for each file that imports this. */

export const origin = 'https://panel.example';
export const related = 'https://panel.example.net';
export const rpId = 'panel.example';

export let panel: TestPanel;
export let call: Call;

beforeAll(async () => {
  panel = await startPanel();
  call = ApiDescription.read().checked(panel.call);
  await done(200, 'PUT', '/v1/policy', {
    webauthn: {
      rpId,
      rpName: 'Panel',
      origins: [origin, `${related}/`],
      applications: { emergency: [`${origin}:8443`] },
    },
  });
});
afterAll(() => panel.stop());

export async function done(status: number, ...made: Parameters<Call>) {
  const answer = await call(...made);
  expect(answer).toMatchObject({ status });
  return answer.body;
}

export const enrol = async (user: TestUser, headers = {}) =>
  done(201, 'POST', `${user.path}/devices`, { method: 'webauthn', name: 'Key' }, headers);

export interface Owner extends TestUser {
  readonly deviceId: string;
  readonly key: SoftwareAuthenticator;
}

/** A user whose only device is a passkey. */
export async function owner(key = new SoftwareAuthenticator()): Promise<Owner> {
  const user = await panel.user();
  const { id, webauthn } = await enrol(user);
  await done(200, 'POST', `/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, origin) });
  return { ...user, deviceId: id, key };
}

export async function open({ accountId, userId }: TestUser, more: object = {}) {
  const { challenge } = await done(201, 'POST', '/v1/challenges', { accountId, userId, ...more });
  return challenge as { id: string; webauthn: Parameters<SoftwareAuthenticator['assert']>[0] };
}

export const check = (challengeId: string, body: object) => call('POST', `/v1/challenges/${challengeId}/verify`, body);

export const device = async (id: string) => {
  const [row] = await panel.sql(
    `select d.status, d.wrong_codes as wrong, w.sign_count as count, w.backed_up as "backedUp"
     from device d left join webauthn_credential w on w.device_id = d.id where d.id = $1`,
    [id],
  );
  return row;
};

export const events = async (userId: string) =>
  (await panel.sql<{ type: string }>(`select type from event where user_id = $1 order by id`, [userId])).map(
    ({ type }) => type,
  );

export const expectWrong = (answer: Answer, wrong: number) =>
  expect(answer).toMatchObject({ status: 422, body: { code: 'code_invalid', attemptsLeft: 5 - wrong } });
