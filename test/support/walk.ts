import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { AuthenticatorApp } from './authenticator-app.js';
import { totp } from './panel.js';
import { startSystem, temporaryDataDir, type Answer, type Quickstart, type System } from './system.js';

/** What a page tells its readers, walked against what `npm start` runs: by HTTP, with codes from the inbox and the app. */
export interface Walk {
  /** Where it listens, and its keys. */
  readonly quickstart: Quickstart;
  /** Calls with the panel's key. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Calls with the administrator's key. */
  adminCall(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The body of a call that has to answer so. */
  expectAnswer(status: number, answer: Promise<Answer>): Promise<Answer['body']>;
  /** Code of the newest message to an address, once there is one more than the caller has seen. */
  received(to: string): Promise<string>;
  /** Waits until so many codes have come to an address, and takes them for seen. */
  forget(to: string, count: number): Promise<void>;
  /** All messages to an address, newest first. */
  messages(to: string): Promise<{ readonly subject: string | null; readonly body: string }[]>;
  /** A key of another application of the same panel. */
  application(name: string): Promise<Walk['call']>;
  stop(): Promise<void>;
}

/** Starts the system with a policy. */
export async function startWalk(policy: object): Promise<Walk> {
  const dataDir = await temporaryDataDir();
  const system: System = await startSystem(dataDir.path);
  const seen = new Map<string, number>();
  const adminCall: Walk['adminCall'] = (method, path, body) =>
    system.call(method, path, body, { authorization: `Bearer ${system.adminApiKey}` });
  const coded = async (to: string) => (await system.messages(to)).filter(({ body }) => /^\d{6}\b/.test(body));
  const put = await adminCall('PUT', '/v1/policy', policy);
  expect([put.status, put.body]).toMatchObject([200, { override: policy }]);

  return {
    quickstart: system,
    call: system.call,
    adminCall,
    async expectAnswer(status, answer) {
      const { status: found, body } = await answer;
      expect({ status: found, body }).toMatchObject({ status });
      return body;
    },
    async received(to) {
      const known = seen.get(to) ?? 0;
      let found = await coded(to);
      for (; found.length <= known; found = await coded(to)) await sleep(50);
      seen.set(to, found.length);
      return found[0]?.body.slice(0, 6) ?? '';
    },
    async forget(to, count) {
      while ((await coded(to)).length < count) await sleep(50);
      seen.set(to, count);
    },
    messages: (to) => system.messages(to),
    async application(name) {
      const body = { name, application: name, scopes: ['devices', 'challenges'] };
      const made = await adminCall('POST', '/v1/api-keys', body);
      expect(made.status).toBe(201);
      return (method, path, more) => system.call(method, path, more, { authorization: `Bearer ${made.body.key}` });
    },
    async stop() {
      await system.stop();
      await dataDir.remove();
    },
  };
}

/** An app that was given the secret by typing it in. */
export function typeIn(secret: string): AuthenticatorApp {
  return new AuthenticatorApp((step) => totp(secret, step - Math.floor(Date.now() / 30_000)));
}

/** An app that has read the secret out of an `otpauth://` address, as from the QR code. */
export function scan(uri: string): AuthenticatorApp {
  const secret = new URL(uri).searchParams.get('secret');
  if (!secret) throw new Error('The address holds no secret.');
  return typeIn(secret);
}
