import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ScureBase32Plugin } from 'otplib';
import pg from 'pg';
import { RouteTable } from '#delivery';
import { createApiKey, createTenant, Database, scopes, Sealer } from '#persistence';
import { createLogger, generateKeyFile, loadKeys } from '#runtime';
import { auditState } from '../../support/audit-state.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { callsOf, startTestGateway } from '../../support/gateway.js';
import { totp, wrongTotp } from '../../support/gateway-harness.js';
import { describeOnBackends, type QueueStore } from '../../support/queue-backends.js';
import type { Answer } from '../../support/system.js';
import {
  startAuditWorker,
  startEmailWorker,
  startLockoutWorker,
  startRelay,
  startSmsWorker,
} from '../../support/apps.js';
import { openQueues } from '../../support/queues.js';
import {
  type Haystack,
  type Plant,
  plant,
  recordingChannel,
  search,
  sixDigits,
} from '../../support/planted-secrets.js';

let store: TestDatabase;
let admin: pg.Client;
let queueStore: QueueStore;

/** Ends what was started, the last first. */
const running: (() => Promise<unknown>)[] = [];
async function stopAll(): Promise<void> {
  for (let stop = running.pop(); stop; stop = running.pop()) await stop();
}

async function openStore(): Promise<void> {
  store = await createTestDatabase();
  admin = new pg.Client({ connectionString: store.url, application_name: 'test-secrets' });
  await admin.connect();
  // The server tells its log all it can, values of parameters included. It holds for connections made from now on.
  const name = new URL(store.url).pathname.slice(1);
  for (const setting of [
    "log_statement = 'all'",
    'log_parameter_max_length = -1',
    'log_parameter_max_length_on_error = -1',
    "log_min_error_statement = 'error'",
  ]) {
    await admin.query(`alter database ${name} set ${setting}`);
  }
}

/** Every row of every table of every schema, as text and with its byte columns decoded, and what sessions run. */
async function dump(moment: string): Promise<Haystack[]> {
  const { rows: tables } = await admin.query<{ name: string; bytes: string[] | null }>(
    `select format('%I.%I', n.nspname, c.relname) as name,
       array_agg(quote_ident(a.attname)) filter (where a.atttypid = 'bytea'::regtype) as bytes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
     where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^(pg_|information_schema)' and a.attnum > 0
       and not a.attisdropped
     group by 1`,
  );
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['public.device', 'public.outbox', 'public.event']),
  );
  const stacks: Haystack[] = (await queueStore.contents()).map(({ place, text }) => ({
    place: `the queue, ${place}, ${moment}`,
    text,
  }));
  for (const { name, bytes } of tables) {
    const { rows } = await admin.query<{ row: string }>(`select t::text as row from ${name} t`);
    stacks.push({ place: `${name} ${moment}`, text: rows.map(({ row }) => row).join('\n') });
    for (const column of bytes ?? []) {
      const found = await admin.query<{ value: Buffer | null }>(`select ${column} as value from ${name}`);
      const text = found.rows.map(({ value }) => value?.toString('latin1') ?? '').join('\n');
      stacks.push({ place: `${name}.${column} decoded ${moment}`, text });
    }
  }
  const { rows } = await admin.query<{ query: string }>('select query from pg_stat_activity');
  stacks.push({ place: `pg_stat_activity ${moment}`, text: rows.map(({ query }) => query).join('\n') });
  return stacks;
}

/** The database server's own log. */
async function serverLog(): Promise<string> {
  const { rows } = await admin.query<{ log: Buffer }>('select pg_read_binary_file(pg_current_logfile()) as log');
  return rows[0]?.log.toString('latin1') ?? '';
}

async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await done()); waited += 50) {
    if (waited > 30_000) throw new Error(`It never came to this: ${what}.`);
    await sleep(50);
  }
}

/** @param places of the queue that are sure to tell of deliveries */
async function leaveNoSecret(places: readonly string[]): Promise<void> {
  const logged: string[] = [];
  const logger = createLogger('test', { write: (line: string) => void logged.push(line) });
  logger.level = 'trace';
  const printed: string[] = [];
  const stdout = process.stdout.write;
  const stderr = process.stderr.write;
  const capture = (original: typeof stdout) =>
    ((chunk: string | Uint8Array, ...rest: never[]) => {
      printed.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      return original.call(process.stdout, chunk, ...rest);
    }) as typeof stdout;
  process.stdout.write = capture(stdout);
  process.stderr.write = capture(stderr);

  running.push(async () => {
    process.stdout.write = stdout;
    process.stderr.write = stderr;
  });
  const keyFile = generateKeyFile();
  const keys = loadKeys(['sealing', 'checkpoint'], { SALLYPORT_KEYS: keyFile });
  const database = Database.open({ url: store.url, poolSize: 10, onError: () => undefined });
  running.push(() => database.close());
  const queues = await openQueues(queueStore.url, logger);
  running.push(() => queues.close());
  const gateway = await startTestGateway({ database, queueUrl: queueStore.url, keyFile, logger });
  running.push(() => gateway.stop());
  const sealer = new Sealer(keys.sealing);
  const { tenantId } = await createTenant(database, { name: 'Panel' });
  const apiKey = (await createApiKey(database, { tenantId, name: 'test', scopes }))?.key ?? '';
  const plants: Plant[] = [plant('the API key', apiKey), plant('the part of the API key after sp_', apiKey.slice(3))];

  const call = callsOf(gateway.url, apiKey);
  const expecting = async (status: number, answer: Promise<Answer>) => {
    const { status: given, body } = await answer;
    expect({ given, code: body?.code }).toEqual({ given: status, code: status < 400 ? undefined : body?.code });
    return body;
  };
  const addNumber = (what: string, number: string) => {
    plants.push(plant(what, number), plant(`${what}, its last nine digits`, number.slice(-9)));
    return number;
  };

  const sms = recordingChannel('recording-sms');
  const email = recordingChannel('recording-email');

  // A user with a profile, an app, recovery codes.
  const path = '/v1/accounts/acme/users/u-7';
  const address = 'wilhelmina.q@plant-mail.example';
  const name = 'Wilhelmina Quisenberry';
  const ownNumber = addNumber("the user's own number", '+31612349870');
  plants.push(plant("the user's address", address), plant("the user's name", name));
  await expecting(200, call('PUT', '/v1/accounts/acme', {}));
  await expecting(200, call('PUT', path, { displayName: name, email: address, phone: ownNumber }));
  const app = await expecting(
    201,
    call('POST', `${path}/devices`, { method: 'totp', name: 'App' }, { 'idempotency-key': 'enrol-1' }),
  );
  const { secret } = app.totp as { secret: string };
  plants.push(plant('the seed in base 32', secret), plant('the otpauth address', app.totp.uri));
  plants.push({ what: "the seed's bytes", text: null, bytes: Buffer.from(new ScureBase32Plugin().decode(secret)) });
  const enrolmentCode = totp(secret);
  plants.push(plant('the code of the enrolment', enrolmentCode));
  const verified = await expecting(
    200,
    call('POST', `/v1/devices/${app.id}/verify`, { code: enrolmentCode }, { 'idempotency-key': 'verify-1' }),
  );
  for (const code of verified.recoveryCodes as string[]) {
    plants.push(plant('a recovery code', code), plant('a recovery code without dashes', code.replaceAll('-', '')));
  }

  const context = { ip: '203.0.113.77', userAgent: 'PlantBrowser/7.7 (Quisenberry)' };
  const detail = 'Transfer 4711 EUR to NL91ABNA0417164300';
  plants.push(
    plant('the IP address', context.ip),
    plant('the browser', context.userAgent),
    plant('the detail', detail),
  );
  const challenge = async (more: object = {}) => {
    const body = { accountId: 'acme', userId: 'u-7', context, ...more };
    return (await expecting(201, call('POST', '/v1/challenges', body))).challenge.id as string;
  };
  const forgetStep = () => admin.query('update device set last_used_step = null');
  const proof = async (purpose: string, more: object = {}) => {
    await forgetStep();
    const code = totp(secret);
    plants.push(plant('a code of the app', code));
    const id = await challenge({ purpose, ...more });
    const answer = await expecting(200, call('POST', `/v1/challenges/${id}/verify`, { deviceId: app.id, code }));
    plants.push(
      plant(`a proof for ${purpose}`, answer.proof),
      plant('the signature of a proof', answer.proof.split('.')[2]),
    );
    return answer.proof as string;
  };
  await proof('transaction', { detail });

  // Devices for messages, each with its code; nothing runs yet that could send it.
  const numbers = [
    addNumber('a number', '+31612349871'),
    addNumber('a number at which the provider throws', '+31612349872'),
    addNumber('a number that the provider refuses', '+31612349873'),
  ];
  const phones: string[] = [];
  for (const phone of numbers) {
    const headers = { 'sallyport-proof': await proof('add_device'), 'idempotency-key': `phone-${phone.slice(-2)}` };
    const device = await expecting(
      201,
      call('POST', `${path}/devices`, { method: 'sms', name: 'Phone', phone }, headers),
    );
    phones.push(device.id);
  }
  const mailbox = 'second.box@plant-mail.example';
  plants.push(plant('the address of a mail device', mailbox));
  const mail = await expecting(
    201,
    call(
      'POST',
      `${path}/devices`,
      { method: 'email', name: 'Mail', email: mailbox },
      { 'sallyport-proof': await proof('add_device') },
    ),
  );
  const waiting = await dump('while messages wait');
  expect(waiting.find(({ place }) => place.startsWith('public.delivery '))?.text).toContain('queued');

  // Everything runs.
  const parts = { database, queues, sealer, logger };
  const state = await auditState();
  running.push(() => state.remove());
  for (const worker of [
    await startRelay({ database, queues, logger }),
    await startSmsWorker({ ...parts, routes: new RouteTable([sms]) }),
    await startEmailWorker({ ...parts, routes: new RouteTable([email]) }),
    await startLockoutWorker(parts),
    await startAuditWorker({ database, logger, checkpointKey: keys.checkpoint, stateDir: state.path }),
  ]) {
    running.push(() => worker.stop());
  }
  const ended = async () => {
    const { rows } = await admin.query<{ n: number }>(
      `select count(*)::int as n from delivery where status in ('queued', 'sending')`,
    );
    return rows[0]?.n === 0;
  };
  await until('all messages have ended', ended);
  const codeFor = (channel: typeof sms, to: string) =>
    sixDigits(channel.messages.findLast((message) => message.to === to)?.text ?? '');
  for (const to of numbers) plants.push(plant('a code by SMS', codeFor(sms, to)));
  plants.push(plant('a code by e-mail', codeFor(email, mailbox)));
  await expecting(200, call('POST', `/v1/devices/${phones[0]}/verify`, { code: codeFor(sms, numbers[0] ?? '') }));
  await expecting(200, call('POST', `/v1/devices/${mail.id}/verify`, { code: codeFor(email, mailbox) }));

  // A browser that becomes trusted, and a login from it.
  await expecting(200, call('PUT', '/v1/accounts/acme/policy', { trustedBrowser: { allowed: true } }));
  const remembered = await challenge();
  await forgetStep();
  const body = { deviceId: app.id, code: totp(secret), rememberBrowser: true };
  const { trustedBrowser } = await expecting(
    200,
    call('POST', `/v1/challenges/${remembered}/verify`, body, { 'idempotency-key': 'remember-1' }),
  );
  plants.push(
    plant('the token of a trusted browser', trustedBrowser),
    { what: "the token's bytes", text: null, bytes: Buffer.from(trustedBrowser.slice(4), 'base64url') },
    plant('a code of the app', body.code),
  );
  const fromThere = { accountId: 'acme', userId: 'u-7', context, trustedBrowser };
  expect(await expecting(201, call('POST', '/v1/challenges', fromThere))).toMatchObject({ reason: 'trusted_browser' });
  expect((await expecting(200, call('GET', `${path}/trusted-browsers`))).data).toHaveLength(1);

  // A login by SMS, its resend, a wrong code, a code used twice.
  const login = await challenge({ deviceId: phones[0] });
  await until('the code has been sent', ended);
  const code = codeFor(sms, numbers[0] ?? '');
  plants.push(plant('the code of a login', code));
  await expecting(429, call('POST', `/v1/challenges/${login}/codes`, { deviceId: phones[0] }));
  await expecting(200, call('POST', `/v1/challenges/${login}/verify`, { deviceId: phones[0], code }));
  await expecting(409, call('POST', `/v1/challenges/${login}/verify`, { deviceId: phones[0], code }));
  const recovery = await challenge();
  const recoveryCode = (verified.recoveryCodes as string[])[0];
  const used = { 'idempotency-key': 'recover-1' };
  await expecting(200, call('POST', `/v1/challenges/${recovery}/verify`, { recoveryCode }, used));
  const reused = await challenge();
  await expecting(422, call('POST', `/v1/challenges/${reused}/verify`, { recoveryCode }));
  const newSet = await expecting(
    201,
    call(
      'POST',
      `${path}/recovery-codes`,
      {},
      { 'sallyport-proof': await proof('regenerate_recovery_codes'), 'idempotency-key': 'codes-2' },
    ),
  );
  for (const each of newSet.recoveryCodes as string[]) plants.push(plant('a new recovery code', each));

  // A lock, with its notice by mail.
  const guessed = await challenge();
  const wrong = wrongTotp(secret);
  plants.push(plant('a wrong code', wrong === '000000' ? enrolmentCode : wrong));
  for (let guess = 0; guess < 5; guess += 1) {
    await expecting(422, call('POST', `/v1/challenges/${guessed}/verify`, { deviceId: app.id, code: wrong }));
  }
  await until('the owner has been told of the lock', () => email.messages.some(({ to }) => to === address));

  // Secrets where they do not belong.
  const badKey = `sp_${'PlantedWrongKey7'.repeat(2)}`;
  const badNumber = '+3161234987199';
  plants.push(plant('a wrong API key', badKey), plant('a number that is none', badNumber));
  await expecting(401, call('GET', path, undefined, { authorization: `Bearer ${badKey}` }));
  await expecting(422, call('PUT', path, { phone: badNumber }));
  await expecting(400, call('POST', `/v1/challenges/${guessed}/verify`, { code: { is: code }, [code]: code }));
  await expecting(404, call('GET', `/v1/nothing/${encodeURIComponent(numbers[0] ?? '')}?code=${code}`));
  await call('GET', `/v1/deliveries?to=${encodeURIComponent(numbers[0] ?? '')}`);
  await call('POST', '/v1/challenges', `{"accountId":"acme","userId":"${address}"`);
  // A fault within: the database refuses, and quotes the row.
  await admin.query(
    'update device set locked_until = null, wrong_codes = 0, known_locked_until = null, known_wrong_codes = 0',
  );
  await admin.query(
    `create function refuse_row() returns trigger language plpgsql as $$ begin raise exception 'refused: %', new; end $$`,
  );
  await admin.query(
    'create trigger refuse_row before insert or update on device for each row execute function refuse_row()',
  );
  const broken = await challenge();
  await expecting(503, call('POST', `/v1/challenges/${broken}/verify`, { deviceId: app.id, code: totp(secret, 1) }));
  await admin.query('drop trigger refuse_row on device');
  plants.push(plant('a code that met a fault', totp(secret, 1)));

  // Taken away, with words about it.
  const words = { reason: 'Telephone drowned in the Ijsselmeer', actor: 'Ludovica of the help desk' };
  plants.push(plant('the reason of a reset', words.reason), plant('the administrator', words.actor));
  await expecting(200, call('POST', `${path}/two-factor/reset`, words, { 'idempotency-key': 'reset-1' }));

  await until('everything is sealed', async () => {
    const { rows } = await admin.query<{ n: number }>(
      'select count(*)::int as n from event e where not exists (select from audit_entry a where a.event_id = e.id)',
    );
    return rows[0]?.n === 0 && (await ended());
  });
  await stopAll();

  const log = await serverLog();
  const haystacks: Haystack[] = [
    ...waiting,
    ...(await dump('afterwards')),
    { place: 'our logs', text: logged.join('') },
    { place: 'stdout and stderr', text: printed.join('') },
    { place: "the server's log", text: log },
  ];
  // The places hold what they should: statements with their values, job data, requests, failed deliveries, a fault.
  expect(log).toMatch(/execute challenge\.verify-charge/);
  expect(log).toMatch(/[Pp]arameters: \$1 = /);
  expect(log).toMatch(/refused: \(dev_/);
  const inQueue = haystacks.filter(({ place }) => place.startsWith('the queue, '));
  const told = inQueue.filter(({ text }) => text.includes('dlv_')).map(({ place }) => place);
  expect(told).toEqual(expect.arrayContaining(places.map((place) => expect.stringContaining(place))));
  const ours = logged.join('');
  for (const words of ['answered', 'delivery attempted', 'a channel failed without a result', 'request failed']) {
    expect(ours).toContain(words);
  }
  expect(plants.length).toBeGreaterThan(60);
  expect(plants.filter(({ text, bytes }) => text === '' || bytes.length < 6)).toEqual([]);
  expect(search(haystacks, plants)).toEqual([]);
}

test('T22 the search finds a plant in each encoding', () => {
  const secret = plant('a number', '+31612349871');
  const wraps = [
    `to ${secret.text} now`,
    `x'${secret.bytes.toString('hex')}'`,
    Buffer.from(`{"to":"${secret.text}"}`).toString('base64'),
    Buffer.from(`{"t":"${secret.text}","to":1}`).toString('base64url'),
    Buffer.from(`{"a":1,"t":"${secret.text}"}`).toString('base64'),
    `?to=${encodeURIComponent(secret.text ?? '')}`,
  ];
  for (const text of wraps) expect(search([{ place: 'here', text }], [secret])).not.toEqual([]);
  const code = plant('a code', '048213');
  expect(search([{ place: 'here', text: '{"code":"048213"}' }], [code])).toEqual(['a code as plain in here']);
  expect(search([{ place: 'here', text: '12:00:00.048213+00 1048213 0x048213' }], [code])).toEqual([]);
});

describeOnBackends('T22 with the queue', (backend) => {
  beforeEach(async () => {
    await openStore();
    queueStore = await backend.open(store.url);
  });
  afterEach(async () => {
    await stopAll();
    await queueStore.close();
    await admin.end();
    await store.close();
  });

  test("no secret that went through real calls stands in a log, the database, the queue, or the server's log", () =>
    leaveNoSecret(backend.name === 'Redis' ? ['Redis hash', '.aof'] : ['sallyport_queue.job']));
});
