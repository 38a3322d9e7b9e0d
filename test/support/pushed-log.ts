import { afterEach, beforeEach } from '@jest/globals';
import { Log } from '#runtime';
import { Pushing } from '../../apps/audit-worker/src/collectors/pushing.js';
import { parseCollectors } from '../../apps/audit-worker/src/collectors/read-collectors.js';
import { hecFiles } from './hec-files.js';
import { HecServer } from './hec-server.js';
import { database, logger, sql } from './signed-log.js';

/** A sealed log (`signed-log.ts`) and collectors of it, for each file that imports this; all end with their test. */

const files = hecFiles();
export const { ca, own } = files;

const ends: (() => unknown)[] = [];
export const atEnd = (end: () => unknown) => void ends.push(end);
afterEach(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});
beforeEach(() => sql('truncate audit_collector, audit_collector_position'));

type Entry = Readonly<Record<string, unknown>>;

export const syslogTo = (port: number, more: Entry = {}): Entry => ({
  name: 'siem',
  kind: 'syslog',
  host: 'localhost',
  port,
  caFile: ca.file,
  from: 'beginning',
  ...more,
});

export const hecAt = ({ url }: Pick<HecServer, 'url'>, more: Entry = {}): Entry => ({ ...files.entryAt(url), ...more });

export async function hecServer(certificate = own): Promise<HecServer> {
  const server = await HecServer.start(certificate);
  ends.push(() => server.stop());
  return server;
}

/** Pushes as an audit worker does, until the test ends or it is stopped. */
export function push(...entries: readonly Entry[]) {
  const collectors = parseCollectors(JSON.stringify(entries));
  const pushing = new Pushing({ database, collectors, lookEveryMs: 100, log: new Log(logger) });
  pushing.onApplicationBootstrap();
  const stop = async () => {
    pushing.onModuleDestroy();
    await pushing.beforeApplicationShutdown();
  };
  ends.push(stop);
  return { pushing, stop };
}

/** How far a collector has had a log. */
export async function position(collector: string, tenantId = 'tnt_1'): Promise<number> {
  const [row] = await sql(
    'select sequence::int as sequence from audit_collector_position where collector = $1 and tenant_id = $2',
    [collector, tenantId],
  );
  return Number(row?.['sequence'] ?? 0);
}

/** 1 to `last`. */
export const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
