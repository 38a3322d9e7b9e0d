import { join } from 'node:path';
import { expect } from '@jest/globals';
import pg from 'pg';
import { runningServerUrl } from '../../apps/standalone/src/embedded-postgres/start.js';
import { AuthenticatorApp } from './authenticator-app.js';
import { totp } from './gateway-harness.js';
import { preparedDataDir } from './prepared-data-dir.js';
import { receivedCodes, type ReceivedCodes } from './received-codes.js';
import { startSystem, type Answer, type Quickstart, type System } from './system.js';

/** What a page tells its readers, walked against what `npm start` runs: by HTTP, with codes from the inbox and the app. */
export interface Walk extends ReceivedCodes {
  /** Where it listens, and its keys. */
  readonly quickstart: Quickstart;
  /** Calls with the panel's key. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Calls with the administrator's key. */
  adminCall(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The body of a call that has to answer so. */
  expectAnswer(status: number, answer: Promise<Answer>): Promise<Answer['body']>;
  /** All messages to an address, newest first. */
  messages(to: string): Promise<{ readonly subject: string | null; readonly body: string }[]>;
  /** A key of another application of the same panel. */
  application(name: string): Promise<Walk['call']>;
  /** An app that was given the secret by typing it in. */
  typeIn(secret: string): AuthenticatorApp;
  /** An app that has read the secret out of an `otpauth://` address, as from the QR code. */
  scan(uri: string): AuthenticatorApp;
  stop(): Promise<void>;
}

/** Starts the system with a policy. */
export async function startWalk(policy: object): Promise<Walk> {
  const dataDir = await preparedDataDir();
  const system: System = await startSystem(dataDir.path);
  const adminCall: Walk['adminCall'] = (method, path, body) =>
    system.call(method, path, body, { authorization: `Bearer ${system.adminApiKey}` });
  const put = await adminCall('PUT', '/v1/policy', policy);
  expect([put.status, put.body]).toMatchObject([200, { override: policy }]);

  const sql = new pg.Client({ connectionString: await runningServerUrl(join(dataDir.path, 'database')) });
  await sql.connect();
  /** Nobody waits for the next code: the last one was used half a minute earlier. */
  const ageStep = async () => void (await sql.query('update device set last_used_step = last_used_step - 1'));
  const typeIn: Walk['typeIn'] = (secret) =>
    new AuthenticatorApp((step) => totp(secret, step - Math.floor(Date.now() / 30_000)), 30_000, ageStep);

  return {
    quickstart: system,
    call: system.call,
    adminCall,
    async expectAnswer(status, answer) {
      const { status: found, body } = await answer;
      expect({ status: found, body }).toMatchObject({ status });
      return body;
    },
    ...receivedCodes(system),
    messages: (to) => system.messages(to),
    async application(name) {
      const body = { name, application: name, scopes: ['devices', 'challenges'] };
      const made = await adminCall('POST', '/v1/api-keys', body);
      expect(made.status).toBe(201);
      return (method, path, more) => system.call(method, path, more, { authorization: `Bearer ${made.body.key}` });
    },
    typeIn,
    scan(uri) {
      const secret = new URL(uri).searchParams.get('secret');
      if (!secret) throw new Error('The address holds no secret.');
      return typeIn(secret);
    },
    async stop() {
      await sql.end();
      await system.stop();
      await dataDir.remove();
    },
  };
}
