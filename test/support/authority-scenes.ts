import { afterAll, beforeAll, expect } from '@jest/globals';
import { ApiDescription } from './api-description.js';
import { startPanel, totp, type Call, type EnrolledTotp, type TestPanel, type TestUser } from './gateway-harness.js';
import type { Answer } from './system.js';

/** Scenes of T42: who allowed what, and how that ends; at one gateway for each file that imports this. */

export let panel: TestPanel;
export let call: Call;
beforeAll(async () => {
  panel = await startPanel({ poolSize: 40 });
  call = ApiDescription.read().checked(panel.call);
});
afterAll(() => panel.stop());

let numbers = 0;
export const freshPhone = () => `+316${String(47_000_000 + (numbers += 1))}`;
const policy = { trustedBrowser: { allowed: true }, code: { resendAfterSeconds: 0 } };
export const setPolicy = async ({ accountId }: TestUser, more: object = {}) =>
  expect((await call('PUT', `/v1/accounts/${accountId}/policy`, { ...policy, ...more })).status).toBe(200);
export const withProof = (proof: string) => ({ 'sallyport-proof': proof });
export const verify = (id: string, code: string) => call('POST', `/v1/devices/${id}/verify`, { code });
export const decide = ({ accountId, userId }: TestUser, more: object) =>
  call('POST', '/v1/challenges', { accountId, userId, ...more });
export const app = (more: object = {}) => ({ method: 'totp', name: 'App', ...more });

/** A user with an app of their own, a phone whose authority is to end, and another phone. */
export interface Scene extends EnrolledTotp {
  readonly giver: string;
  readonly other: string;
}

async function addPhone(user: EnrolledTotp): Promise<string> {
  const body = { method: 'sms', name: 'Phone', phone: freshPhone() };
  const added = await call('POST', `${user.path}/devices`, body, withProof(await panel.proof(user, 'add_device')));
  expect((await verify(added.body.id, await panel.sentCode(added.body.id))).status).toBe(200);
  return added.body.id;
}

export async function scene(): Promise<Scene> {
  const user = await panel.totpUser();
  await setPolicy(user);
  return { ...user, giver: await addPhone(user), other: await addPhone(user) };
}

/** Opens a challenge that the giver answers. @returns the call that approves it */
export async function approval(
  { giver, ...user }: Scene,
  purpose: string,
  more: object = {},
): Promise<() => Promise<Answer>> {
  const id = await panel.challenge(user, { purpose, deviceId: giver });
  const code = await panel.sentCode(giver);
  return () => call('POST', `/v1/challenges/${id}/verify`, { deviceId: giver, code, ...more });
}

export async function proofBy(at: Scene, purpose: string): Promise<string> {
  const { status, body } = await (await approval(at, purpose))();
  expect(status).toBe(200);
  return body.proof;
}

export function expectRefused({ status, body }: Answer): void {
  expect([404, 410, 422]).toContain(status);
  expect(body).not.toHaveProperty('totp');
}

/** What the giver allows. `prepare` lets it, and yields the call that makes use of it. */
export interface Kind {
  readonly prepare: (at: Scene) => Promise<() => Promise<Answer>>;
  readonly done: number;
}
export const grants: Record<string, Kind> = {
  'a proof': {
    async prepare(at) {
      const proof = await proofBy(at, 'add_device');
      return () => call('POST', `${at.path}/devices`, app(), withProof(proof));
    },
    done: 201,
  },
  'an enrolment': {
    async prepare(at) {
      const added = await call('POST', `${at.path}/devices`, app(), withProof(await proofBy(at, 'add_device')));
      expect(added.status).toBe(201);
      return () => verify(added.body.id, totp(added.body.totp.secret));
    },
    done: 200,
  },
  'a pending number': {
    async prepare(at) {
      const proof = await proofBy(at, 'change_phone');
      const changed = await call('PUT', `/v1/devices/${at.other}/phone`, { phone: freshPhone() }, withProof(proof));
      expect(changed.status).toBe(200);
      const code = await panel.sentCode(at.other);
      return () => verify(at.other, code);
    },
    done: 200,
  },
};

/** @returns the token of a browser that the giver made trusted */
export async function trust(at: Scene): Promise<string> {
  const { status, body } = await (await approval(at, 'login', { rememberBrowser: true }))();
  expect(status).toBe(200);
  return body.trustedBrowser;
}

export const enrolAnew = async (user: TestUser) => {
  const { id, totp: shown } = (await call('POST', `${user.path}/devices`, app())).body;
  expect((await verify(id, totp(shown.secret))).status).toBe(200);
};

/** What ends the giver's authority. `prepare` yields the call that does it. */
export interface End {
  readonly prepare: (at: Scene) => Promise<() => Promise<Answer>>;
  readonly done: number;
  /** Makes the user again one whose devices take a proof. */
  readonly restore?: (at: Scene) => Promise<void>;
  /** What the statement waits for first. */
  readonly waitsFor: 'user' | 'device' | null;
}
export const ends: Record<string, End> = {
  removal: {
    async prepare(at) {
      const proof = await panel.proof(at, 'remove_device');
      return () => call('DELETE', `/v1/devices/${at.giver}`, undefined, withProof(proof));
    },
    done: 204,
    waitsFor: 'user',
  },
  'replacement by another device': {
    async prepare(at) {
      const headers = withProof(await panel.proof(at, 'add_device'));
      const { id, totp: shown } = (await call('POST', `${at.path}/devices`, app({ replaces: at.giver }), headers)).body;
      return () => verify(id, totp(shown.secret));
    },
    done: 200,
    waitsFor: 'user',
  },
  reset: {
    prepare: async (at) => () => call('POST', `${at.path}/two-factor/reset`, { reason: 'Lost' }),
    done: 200,
    restore: enrolAnew,
    waitsFor: 'user',
  },
  'erasure, the user created anew': {
    prepare: async (at) => () => call('DELETE', at.path),
    done: 204,
    async restore(at) {
      expect((await call('PUT', at.path, {})).status).toBe(200);
      await enrolAnew(at);
    },
    waitsFor: 'user',
  },
  'another number': {
    async prepare(at) {
      const proof = await panel.proof(at, 'change_phone');
      const { status } = await call('PUT', `/v1/devices/${at.giver}/phone`, { phone: freshPhone() }, withProof(proof));
      expect(status).toBe(200);
      const code = await panel.sentCode(at.giver);
      return () => verify(at.giver, code);
    },
    done: 200,
    waitsFor: 'user',
  },
  'the fiftieth wrong code': {
    async prepare(at) {
      await panel.sql('update device set wrong_codes = 49 where id = $1', [at.giver]);
      const id = await panel.challenge(at, { deviceId: at.giver });
      const code = String((Number(await panel.sentCode(at.giver)) + 1) % 1_000_000).padStart(6, '0');
      return () => call('POST', `/v1/challenges/${id}/verify`, { deviceId: at.giver, code });
    },
    done: 422,
    waitsFor: 'device',
  },
  'a policy without its method': {
    prepare: async (at) => () =>
      call('PUT', `/v1/accounts/${at.accountId}/policy`, { ...policy, methods: { allowed: ['totp', 'email'] } }),
    done: 200,
    waitsFor: null,
  },
};
