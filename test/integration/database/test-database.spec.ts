import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

describe('the database of a test', () => {
  let first: TestDatabase;
  let second: TestDatabase;

  beforeAll(async () => {
    [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  afterAll(async () => {
    await first.close();
  });

  it('is migrated, and nobody else sees it', async () => {
    const write = `insert into tenant (id, name) values ('tnt_1', 'one')`;
    const read = 'select id from tenant';
    const [one, two] = [new pg.Client(first.url), new pg.Client(second.url)];
    await Promise.all([one.connect(), two.connect()]);
    await one.query(write);
    expect((await one.query(read)).rowCount).toBe(1);
    expect((await two.query(read)).rowCount).toBe(0);
    await Promise.all([one.end(), two.end()]);
  });

  it('does not close while a connection is left open', async () => {
    const leak = new pg.Client({ connectionString: second.url, application_name: 'leak' });
    leak.on('error', () => undefined);
    await leak.connect();
    await expect(second.close()).rejects.toThrow('leak (idle)');
  });
});
