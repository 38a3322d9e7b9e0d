import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { migrateQueues } from '#messaging';
import { assertMigrated, Database, grantRights, migrate } from '#persistence';
import { startEmbeddedPostgres } from '../../../apps/standalone/src/embedded-postgres/start.js';
import { names, until } from '../../support/role-logins.js';

describe('on a cluster of its own', () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let cluster: pg.Client;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-roles-'));
    await chmod(folder, 0o711);
    server = await startEmbeddedPostgres({ dataDir: join(folder, 'database'), durable: false });
    cluster = new pg.Client({ connectionString: server.url });
    await cluster.connect();
  });
  afterAll(async () => {
    await cluster.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const at = (database: string, user?: string) => {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    if (user !== undefined) [url.username, url.password] = [user, 'owner'];
    return url.href;
  };
  const bring = async (url: string) => {
    await migrate(url);
    await migrateQueues(url);
    return grantRights(url, url);
  };

  test('an owner who may not create roles is told how, and migrates all the same', async () => {
    await cluster.query(`create role plain_owner login password 'owner'`);
    await cluster.query('create database plain owner plain_owner');
    const url = at('plain', 'plain_owner');
    const notes = await bring(url);
    expect(notes).toHaveLength(1);
    expect(notes[0]).not.toContain('\n');
    const database = Database.open({ url, poolSize: 1, onError: () => undefined });
    await assertMigrated(database);
    await database.close();

    const advice = notes[0]?.match(/create role \w+ nologin;/g) ?? [];
    expect(advice).toHaveLength(names.length);
    for (const sql of advice) await cluster.query(sql);
    expect(await bring(url)).toEqual([]);
    await cluster.query(`alter role sallyport_audit_worker login password 'owner'`);
    const worker = Database.open({
      url: at('plain', 'sallyport_audit_worker'),
      poolSize: 1,
      onError: () => undefined,
    });
    await assertMigrated(worker);
    await worker.close();

    // A user without rights is told what to do, and one who does not own the tables.
    await cluster.query(`create role stranger login password 'owner'`);
    const stranger = Database.open({ url: at('plain', 'stranger'), poolSize: 1, onError: () => undefined });
    await expect(assertMigrated(stranger)).rejects.toThrow('has no rights on the tables');
    await stranger.close();
    const told = await grantRights(at('plain', 'stranger'), at('plain', 'stranger'));
    expect(told.join()).toContain('as the owner of the tables');

    await cluster.query('drop database plain');
    for (const role of [...names, 'plain_owner', 'stranger']) await cluster.query(`drop role ${role}`);
  });

  test.each([
    ['a role that another database is creating', `create role sallyport_gateway`],
    ['a right that someone is granting', 'grant update on event to sallyport_gateway'],
  ])('%s at the same time is no fault', async (_, sql) => {
    await cluster.query('create database crossed');
    const url = at('crossed');
    await migrate(url);
    await migrateQueues(url);
    if (sql.startsWith('grant')) await grantRights(url, url);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query('begin');
    await other.query(sql);
    const granting = grantRights(url, url);
    await until('the two meet', async () => {
      const found = await cluster.query(
        `select from pg_stat_activity where application_name = 'sallyport-migrate' and wait_event_type = 'Lock'`,
      );
      return found.rowCount === 1;
    });
    await other.query('commit');
    expect(await granting).toEqual([]);
    const found = await other.query(
      `select has_table_privilege('sallyport_gateway', 'event', 'select') as reads,
         has_table_privilege('sallyport_gateway', 'event', 'update') as changes`,
    );
    expect(found.rows).toEqual([{ reads: true, changes: false }]);
    await other.end();
    await cluster.query('drop database crossed');
    for (const role of names) await cluster.query(`drop role ${role}`);
  });

  test('many migrations at once, of one database and of several, all end well', async () => {
    const databases = ['one', 'two', 'three', 'four'];
    for (const name of databases) await cluster.query(`create database ${name}`);
    const runs = await Promise.all([...databases, ...databases].map((name) => bring(at(name))));
    expect(runs).toEqual(runs.map(() => []));
    for (const name of databases) {
      const client = new pg.Client({ connectionString: at(name) });
      await client.connect();
      const found = await client.query(
        `select bool_and(has_column_privilege(rolname, 'migration', 'name', 'select')) as all, count(*)::int as n
         from pg_roles where rolname = any ($1)`,
        [names],
      );
      expect(found.rows[0]).toEqual({ all: true, n: names.length });
      await client.end();
    }
  });
});
