import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { register } from 'prom-client';
import { startPanel, type TestPanel } from './gateway-harness.js';
import { RawClient, type RawAnswer } from './raw-client.js';
import { startOther, type OtherGateway } from './parallel.js';

/** Connections of one gateway with little patience and one with much, for each file that imports this. */

/** So short that a test can wait for them; those of operators stand in `connections.ts`. */
export const bounds = {
  headersMs: 300,
  requestMs: 600,
  silenceMs: 800,
  remainderMs: 200,
  drainMs: 300,
  connections: 40,
};

/** Waits for a body as long as a test runs: what it ends sooner, it ends for another reason. */
export const withPatience = { ...bounds, requestMs: 600_000, silenceMs: 600_000 };

export let panel: TestPanel;
export let patient: OtherGateway;
let gateway: OtherGateway;
export let key: string;
beforeAll(async () => {
  panel = await startPanel();
  patient = await startOther(panel, 4, { bounds: withPatience });
  // The metrics are those of the last one.
  gateway = await startOther(panel, 4, { bounds });
  key = `authorization: Bearer ${panel.apiKey}`;
});
afterAll(async () => {
  await gateway.stop();
  await patient.stop();
  await panel.stop();
});

const clients: RawClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.leave();
});
export async function connect({ url } = gateway): Promise<RawClient> {
  const client = await RawClient.connect(url);
  clients.push(client);
  return client;
}

export const json = 'content-type: application/json';
export const start = (method: string, path: string, ...headers: string[]) => [
  `${method} ${path} HTTP/1.1`,
  'host: gateway',
  ...headers,
];
export const whole = (method: string, path: string, ...headers: string[]) => [
  ...start(method, path, ...headers),
  '',
  '',
];

/** RFC 9457, and the contract's conventions. */
export function expectProblem(answer: RawAnswer, status: number, code: string): void {
  const { headers, body } = answer;
  expect({ status: answer.status, code: body.code }).toEqual({ status, code });
  expect(headers['content-type']).toMatch(/^application\/problem\+json\b/);
  expect(body).toMatchObject({ type: `urn:sallyport:problem:${code}`, status, title: expect.any(String) });
  expect(body.detail).toMatch(/\w{2,} \w{2,}/);
  expect(body.requestId).toMatch(/^req_[0-9a-z]{26}$/);
  expect(headers['x-request-id']).toBe(body.requestId);
  expect(headers['cache-control']).toBe('no-store');
}

export async function metric(line: string): Promise<number> {
  const text = await register.metrics();
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(`${line} `))
      ?.slice(line.length),
  );
}

export async function eventually(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await what()); waited += 20) {
    if (waited > 20_000) throw new Error('It never came to that.');
    await sleep(20);
  }
}
