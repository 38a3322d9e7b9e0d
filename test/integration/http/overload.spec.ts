import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { register } from 'prom-client';
import { statementChannel } from '#persistence';
import { hold } from '../../support/hold.js';
import { startPanel, type EnrolledTotp, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { RawClient } from '../../support/raw-client.js';
import type { Answer } from '../../support/system.js';
import { startOther, tally, type OtherGateway } from '../../support/parallel.js';

/** One call of each kind is at work; nothing here depends on how long anything takes. */
const limits = {
  login: { turns: 1, turnsPressed: 1, burst: 40, standing: 40, modest: 1 },
  other: { turns: 1, turnsPressed: 1, burst: 20, standing: 20, modest: 1 },
  patienceMs: 600_000,
  ofUser: 40,
};
type Lane = 'login' | 'other';

let panel: TestPanel;
let gateway: OtherGateway;
let tenant: TestTenant;
let another: TestTenant;
/** Another key of the same tenant. */
let colleague: string;
let user: EnrolledTotp;
beforeAll(async () => {
  panel = await startPanel();
  tenant = await panel.tenant();
  another = await panel.tenant();
  colleague = await tenant.key(['challenges']);
  user = await panel.totpUser(tenant);
  gateway = await startOther(panel, 20, { limits });
});
afterAll(async () => {
  await gateway.stop();
  await panel.stop();
});

async function call(key: string, method: string, path: string, body?: object, headers = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const loginBody = () => ({ accountId: user.accountId, userId: user.userId });
const login = (key = tenant.apiKey, headers = {}) => call(key, 'POST', '/v1/challenges', loginBody(), headers);
const list = (key = tenant.apiKey) => call(key, 'GET', '/v1/accounts');
/** A login up to its body, as bytes. */
const loginHead = (length: number) => [
  'POST /v1/challenges HTTP/1.1',
  'host: gateway',
  `authorization: Bearer ${tenant.apiKey}`,
  'content-type: application/json',
  `content-length: ${length}`,
  '',
];

async function metric(name: string): Promise<number> {
  const text = await register.metrics();
  const line = text.split('\n').find((each) => each.startsWith(`sallyport_http_calls_${name} `));
  return Number(line?.split(' ')[1]);
}
const inside = (lane: Lane) => metric(`inside{lane="${lane}"}`);
const refused = (lane: Lane) => metric(`refused_total{lane="${lane}"}`);

async function eventually(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await what()); waited += 20) {
    if (waited > 30_000) throw new Error('It never came to that.');
    await sleep(20);
  }
}

/** The contract: problem+json, when to come again, nothing charged. */
function expectTooMany(answer: Answer): void {
  const { status, headers, body } = answer;
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  expect(headers.get('retry-after')).toMatch(/^[123]$/);
  expect(body.retryAfter).toBe(Number(headers.get('retry-after')));
  expect(body.detail).toContain('Nothing was changed and no attempt was used');
  expect(body.userMessage).toBe('This is temporarily unavailable. Try again in a moment.');
  expect(headers.get('x-request-id')).toBe(body.requestId);
}

describe('more calls than there is room for', () => {
  let held: Awaited<ReturnType<typeof hold>>;
  let flood: Promise<Answer>[];
  let answers: Answer[];
  const release = async () => {
    await held.release();
    return tally(await Promise.all(flood));
  };

  beforeEach(async () => {
    flood = [];
    answers = [];
    // Nobody waits to learn whose the keys are.
    expect((await login()).status).toBe(201);
    expect((await login(colleague)).status).toBe(201);
    expect((await list(another.apiKey)).status).toBe(200);
    held = await hold(panel.databaseUrl, 'lock table account in access exclusive mode');
  });
  afterEach(async () => {
    await release();
    // Whatever happened, everything has been given back.
    await eventually(async () => (await inside('login')) === 0 && (await inside('other')) === 0);
  });

  /** Starts so many calls. Settles when each has a place or an answer. */
  async function start(lane: Lane, count: number, one: () => Promise<Answer>): Promise<void> {
    const settled = async () => (await inside(lane)) + (await refused(lane));
    const before = await settled();
    for (let number = 0; number < count; number += 1) {
      const answer = one();
      flood.push(answer);
      void answer.then((each) => answers.push(each));
    }
    await eventually(async () => (await settled()) === before + count);
  }

  test('are refused at once, and nothing of them is written', async () => {
    const before = await panel.sql('select id from challenge');
    await start('login', 50, login);
    expect(await inside('login')).toBe(20);
    await eventually(() => answers.length === 30);
    for (const answer of answers) expectTooMany(answer);
    expect(await release()).toEqual({ '201': 20, '503 unavailable': 30 });
    expect(await panel.sql('select id from challenge')).toHaveLength(before.length + 20);
  });

  test('by one key: another within its share is not refused', async () => {
    await start('login', 50, login);
    await start('login', 2, () => login(colleague));
    await start('login', 8, () => login(another.apiKey));
    // The other tenant has no such user.
    expect(await release()).toEqual({ '201': 22, '404 not_found': 8, '503 unavailable': 30 });
  });

  test('that are lists: logins find room', async () => {
    await start('other', 50, list);
    expect(await inside('other')).toBe(10);
    await start('login', 15, login);
    expect(await release()).toEqual({ '200': 10, '201': 15, '503 unavailable': 40 });
  });

  test('that are logins: lists find room', async () => {
    await start('login', 50, login);
    await start('other', 5, list);
    expect(await release()).toEqual({ '200': 5, '201': 20, '503 unavailable': 30 });
  });

  test('touch nothing that needs no key', async () => {
    await start('login', 50, login);
    for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json', '/openapi.json']) {
      expect([path, (await fetch(`${gateway.url}${path}`)).status]).toEqual([path, 200]);
    }
  });

  test('are refused before their body has come', async () => {
    await start('login', 50, login);
    const client = await RawClient.connect(gateway.url);
    client.send(...loginHead(100), '');
    expect(await client.answer()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    client.leave();
  });

  test('are not remembered under their Idempotency-Key', async () => {
    await start('login', 50, login);
    const headers = { 'idempotency-key': 'refused-once' };
    expectTooMany(await login(tenant.apiKey, headers));
    await release();
    expect((await login(tenant.apiKey, headers)).status).toBe(201);
  });

  test('whose clients leave: their places are free, and nothing is done that nobody waits for', async () => {
    const before = await panel.sql('select id from challenge');
    const body = JSON.stringify(loginBody());
    const clients = await Promise.all(Array.from({ length: 9 }, () => RawClient.connect(gateway.url)));
    // Two each, one behind the other.
    for (const client of clients)
      client.send(...loginHead(body.length), body + loginHead(body.length).join('\r\n'), body);
    await eventually(async () => (await inside('login')) === 18);
    await held.waiting(1);
    for (const client of clients) client.leave();
    await held.release();
    await eventually(async () => (await inside('login')) === 0);
    // The one that was at work.
    expect((await panel.sql('select id from challenge')).length).toBe(before.length + 1);
  });
});

describe('whose a key is', () => {
  const lockKeys = () => hold(panel.databaseUrl, 'lock table api_key in access exclusive mode');

  test('is asked once, however many calls come with it', async () => {
    const fresh = await tenant.key(['accounts']);
    const held = await lockKeys();
    const asked: unknown[] = [];
    const note = (name: unknown) => {
      if (name === 'authenticate-api-key') asked.push(name);
    };
    statementChannel.subscribe(note);
    const calls = Array.from({ length: 8 }, () => list(fresh));
    await held.waiting(1);
    await held.release();
    expect(tally(await Promise.all(calls))).toEqual({ '200': 8 });
    statementChannel.unsubscribe(note);
    expect(asked).toHaveLength(1);
  });

  test('is asked for few at once whom nobody has seen before; those who were seen go on', async () => {
    const known = await tenant.key(['accounts']);
    expect((await list(known)).status).toBe(200);
    const held = await lockKeys();
    const early: Answer[] = [];
    const strangers = Array.from({ length: 40 }, async (_, number) => {
      const answer = await list(`sp_${String(number).padStart(43, 'x')}`);
      early.push(answer);
      return answer;
    });
    await eventually(() => early.length === 24);
    for (const answer of early) expectTooMany(answer);
    expect((await list(known)).status).toBe(200);
    await held.release();
    expect(tally(await Promise.all(strangers))).toEqual({ '401 unauthenticated': 16, '503 unavailable': 24 });
  });
});

test('a call that waits too long for its turn is refused', async () => {
  const impatient = await startOther(panel, 20, { limits: { ...limits, patienceMs: 100 } });
  const held = await hold(panel.databaseUrl, 'lock table account in access exclusive mode');
  const ask = () =>
    fetch(`${impatient.url}/v1/accounts`, { headers: { authorization: `Bearer ${tenant.apiKey}` } }).then(
      async (response): Promise<Answer> => ({
        status: response.status,
        headers: response.headers,
        body: await response.json(),
      }),
    );
  const first = ask();
  await held.waiting(1);
  expectTooMany(await ask());
  await held.release();
  expect((await first).status).toBe(200);
  await impatient.stop();
});
