import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll } from '@jest/globals';
import { parseVkey, verifierKey, type VerifierKey } from '#audit-log';
import { createLogger, Log } from '#runtime';
import { LogKeys } from '../../apps/audit-worker/src/log-keys.js';
import { Cosigning } from '../../apps/audit-worker/src/witnesses/cosigning.js';
import type { WitnessAddress } from '../../apps/audit-worker/src/witnesses/read-witnesses.js';
import { startWitness, type RunningWitness } from '../../apps/witness/src/start-witness.js';
import { WatchedLogs } from '../../apps/witness/src/watched-logs.js';
import { auditOrigin } from './apps.js';
import { database, key, logger, sql, store } from './signed-log.js';
import { tamper } from './tamper.js';
import { anyTenantLine, submit, temporaryFolder } from './witness.js';

/** A signed log (`signed-log.ts`) and witnesses of it, for each file that imports this; all end with their test. */

export const logKeys = new LogKeys(auditOrigin, key);

// Sizes are those that a test writes: the starts and ends of its workers are kept out of the log.
beforeAll(() =>
  tamper(
    store.url,
    `create function keep_out() returns trigger language plpgsql as 'begin return null; end';
     create trigger keep_out before insert on event for each row when (new.type like 'sealing.%') execute function keep_out()`,
  ),
);

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

/** What a witness of the tests has: it can be stopped and started again. */
export interface TestWitness extends WitnessAddress {
  readonly folder: string;
  start(folder?: string): Promise<void>;
  stop(): Promise<void>;
}

/** A witness of ours that watches the logs of all tenants. */
export async function witness(number: number): Promise<TestWitness> {
  const folder = temporaryFolder();
  const [logKey] = logKeys.of('tnt_1').keys;
  if (!logKey) throw new Error('The log has a key.');
  const start = (from: string, port: number) =>
    startWitness({
      name: `witness.example/w${number}`,
      logs: WatchedLogs.parse(anyTenantLine(logKey)),
      folder: from,
      address: { host: '127.0.0.1', port },
      metricsAddress: { host: '127.0.0.1', port: 0 },
      logger: createLogger('witness', { write: () => undefined }),
    });
  let running: RunningWitness | undefined = await start(folder, 0);
  const { url, vkey } = running;
  const stop = async () => {
    await running?.stop();
    running = undefined;
  };
  ends.push(stop);
  return {
    key: parseVkey(vkey),
    url,
    folder,
    stop,
    start: async (from = folder) => {
      running = await start(from, Number(new URL(url).port));
    },
  };
}

/** Answers at an address of its own as a test says. */
export async function answering(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Hands all on to a witness, and keeps what it was asked. */
export async function passedOn({ url }: WitnessAddress): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const listener = await answering(async (request, response) => {
    const body = await text(request);
    bodies.push(body);
    const answer = await submit(url, body);
    response.writeHead(answer.status).end(answer.text);
  });
  return { url: listener.url, bodies };
}

/** Asks witnesses as an audit worker does, until the test ends or it is stopped. */
export function ask(witnesses: readonly WitnessAddress[], quorum = witnesses.length) {
  const cosigning = new Cosigning({
    database,
    witnesses: { all: witnesses, quorum },
    logOf: (tenantId) => logKeys.of(tenantId),
    log: new Log(logger),
  });
  cosigning.onApplicationBootstrap();
  const stop = async () => {
    cosigning.onModuleDestroy();
    await cosigning.beforeApplicationShutdown();
  };
  ends.push(stop);
  return { cosigning, stop };
}

export async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; !(await done()); waited += 20) {
    if (waited > 30_000) throw new Error(`It never came to this: ${what}.`);
    await sleep(20);
  }
}

/** Names of those that have cosigned the newest checkpoint of so many entries. */
export async function cosigners(size: number, tenantId = 'tnt_1'): Promise<string[]> {
  const rows = await sql(
    'select distinct witness from audit_cosignature where tenant_id = $1 and size = $2 order by witness',
    [tenantId, size],
  );
  return rows.map(({ witness: name }) => String(name));
}

export const cosignedBy = (size: number, by: number, tenantId = 'tnt_1') =>
  until(`${by} witnesses have cosigned ${size} entries`, async () => (await cosigners(size, tenantId)).length === by);

export async function witnessedSizes(): Promise<number[]> {
  const rows = await sql('select size::int as size from audit_witnessed order by size, signed_at');
  return rows.map(({ size }) => Number(size));
}

/** The newest checkpoint, with the cosignatures that have come. */
export async function newestNote(tenantId = 'tnt_1'): Promise<string> {
  const [row] = await sql(
    `select note || coalesce((select string_agg(signature_lines, '' order by witness) from audit_cosignature s
       where s.tenant_id = c.tenant_id and s.size = c.size and s.signed_at = c.signed_at), '') as note
     from audit_checkpoint c where tenant_id = $1 order by size desc, signed_at desc limit 1`,
    [tenantId],
  );
  return String(row?.['note']);
}

/** What a verifier believes who insists on so many of these witnesses. */
export function policyOf(witnesses: readonly { readonly key: VerifierKey }[], threshold = witnesses.length) {
  const logs = logKeys.of('tnt_1').keys.map(({ name, type, publicKey }) => verifierKey(name, type, publicKey));
  return { logs, quorum: { threshold, members: witnesses.map(({ key: member }) => member) } };
}
