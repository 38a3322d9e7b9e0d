import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { startSystem, temporaryDataDir, type Answer, type System } from '../../support/system.js';
import { totp } from '../../support/panel.js';

/** What a page tells its readers, walked against what `npm start` runs: by HTTP, with codes from the inbox and the app. */
export interface Walk {
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

/** An authenticator app that has scanned a secret. */
export class App {
  private lastStep = 0;

  constructor(private readonly secret: string) {}

  /** The code that it shows now; after use, one waits for the next. */
  async freshCode(): Promise<string> {
    for (;;) {
      const step = Math.floor(Date.now() / 30_000);
      // One step ahead is inside the server's window: nobody has to wait half a minute in a test.
      const next = Math.max(step, this.lastStep + 1);
      if (next <= step + 1) {
        this.lastStep = next;
        return totp(this.secret, next - step);
      }
      await sleep(200);
    }
  }

  /** What it still shows just after it was used. */
  shownBefore(): string {
    return totp(this.secret, this.lastStep - Math.floor(Date.now() / 30_000));
  }
}

/** Secret out of an `otpauth://` address, as an app reads it from the QR code. */
export function scan(uri: string): App {
  const secret = new URL(uri).searchParams.get('secret');
  if (!secret) throw new Error('The address holds no secret.');
  return new App(secret);
}
