import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { register } from 'prom-client';
import { newId } from '#contracts';
import { Database, statementChannel } from '#persistence';
import { Readiness } from '#process';
import { listSetAsideEvents, sealEventsAgain } from '../../../apps/standalone/src/admin/set-aside-events.js';
import { readLog, verifyLog } from '../../support/audit-export.js';
import { auditState } from '../../support/audit-state.js';
import { tamper } from '../../support/tamper.js';
import { startAuditWorker } from '../../support/apps.js';
import { admin, checkpoint, ends, lines, logger, open, run, sql, store, until } from '../../support/worker-roles.js';

describe('T37: an event that has no encoding', () => {
  const readiness = async (database: Database) => new Readiness({ database, needsQueue: false });

  async function startSealing() {
    const state = await auditState();
    ends.push(() => state.remove());
    const database = await open('sallyport_audit_worker');
    const worker = await run(startAuditWorker({ database, logger, checkpointKey: checkpoint, stateDir: state.path }));
    const ready = await readiness(database);
    ready.watch(worker.health);
    // Each log tells that its sealing has begun, some time after the start.
    const begun = `select from event where type = 'sealing.started' and tenant_id in ('tnt_1', 'tnt_2')`;
    await until('sealing has begun', async () => (await sql(begun)).length === 2);
    return ready;
  }

  /** @returns ids */
  async function insert(data: string, count = 1, tenantId = 'tnt_1', type = 'user.erased'): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newId('event'));
    await admin.query(
      `insert into event (id, tenant_id, type, data) select id, $2, $3, $4::jsonb from unnest($1::text[]) id`,
      [ids, tenantId, type, data],
    );
    return ids;
  }

  const unsealed = `select id from event e where not exists (select from audit_entry a where a.event_id = e.id)
    and not exists (select from unsealable_event s where s.event_id = e.id)`;
  const allSealed = () => until('all is sealed', async () => (await sql(unsealed)).length === 0);

  test('is set aside with an event, a metric and a line, and all others are sealed, of every tenant', async () => {
    const ready = await startSealing();
    const nested = `${'{"a":'.repeat(4000)}1${'}'.repeat(4000)}`;
    const poison: string[] = [];
    for (const data of ['[]', 'null', '"text"', '5']) poison.push(...(await insert(data)));
    for (const data of ['{"n": 1e400}', '{"n": [-1e999]}', nested]) {
      await insert('{}', 3);
      poison.push(...(await insert(data)));
      await insert('{}', 3, 'tnt_2');
    }
    await allSealed();
    const aside = await sql<{ event_id: string }>('select event_id from unsealable_event');
    expect(aside.map(({ event_id }) => event_id).toSorted()).toEqual(poison.toSorted());

    const log = await readLog(sql, 'tnt_1');
    const told = log.filter(({ event }) => event.type === 'audit.event_set_aside');
    expect(told.map(({ event }) => event.data['eventId']).toSorted()).toEqual(poison.toSorted());
    expect(told[0]?.event.data).toMatchObject({ type: 'user.erased', reason: expect.stringMatching(/\w+/) });
    // One more is of the start of the worker.
    expect(log).toHaveLength(9 + poison.length + 1);
    for (const tenantId of ['tnt_1', 'tnt_2']) {
      const entries = await readLog(sql, tenantId);
      expect(verifyLog(tenantId, entries, [], [])).toMatchObject({ ok: true });
    }
    expect(await ready.look()).toMatchObject({ status: 'ready', setAside: { events: poison.length } });
    expect(await register.metrics()).toContain(`sallyport_audit_events_set_aside ${poison.length}`);
    const errors = lines.filter((line) => line.includes('"level":50'));
    expect(errors).toHaveLength(poison.length);
    expect(errors.join()).not.toContain('fails');
  });

  test('is offered once more where an operator says so', async () => {
    await startSealing();
    const [id = ''] = await insert('{"n": 1e400}');
    await insert('{}', 2);
    await allSealed();
    expect(await listSetAsideEvents(store.database)).toMatchObject([{ eventId: id, tenantId: 'tnt_1' }]);
    // As if an update had made it understood.
    await tamper(store.url, `update event set data = '{"n": 1}' where id = $1`, [id]);
    expect(await sealEventsAgain(store.database, [id, 'evt_none'])).toEqual([{ eventId: id }]);
    await allSealed();
    expect((await readLog(sql, 'tnt_1')).at(-1)?.event.id).toBe(id);
  });

  test('of a tenant, a type or a size that nobody expects is no reason to stop', async () => {
    const ready = await startSealing();
    await insert('{}', 1, 'tnt_unknown');
    await insert('{}', 1, '../../etc');
    await insert('{}', 1, 'tnt_1', 'not.yet_invented');
    await insert(`{"a": "${'x'.repeat(260_000)}"}`, 120, 'tnt_2');
    await insert('{}', 2);
    await allSealed();
    expect(await sql('select from unsealable_event')).toEqual([]);
    expect((await readLog(sql, 'tnt_2')).length).toBe(1 + 120);
    const { checks } = await ready.look();
    expect(checks).toMatchObject({ sealing: true });
  });

  test('a large one is read by itself, so that a batch stays small, and signed as the others are', async () => {
    const large = await insert(`{"a": "${'x'.repeat(260_000)}"}`, 30);
    // Six bytes in its row, 100,000 as text, and no number that JSON has.
    const beyond = await insert('{"n": 1e100000}', 30);
    const small = await insert('{}', 30);
    const names: string[] = [];
    const listen = (name: unknown) => void names.push(String(name));
    statementChannel.subscribe(listen);
    try {
      await startSealing();
      await allSealed();
    } finally {
      statementChannel.unsubscribe(listen);
    }
    expect(names.filter((name) => name === 'read-large-event').length).toBeGreaterThanOrEqual(30 + 30);
    const sealed = (await readLog(sql, 'tnt_1')).map(({ event }) => event.id);
    expect(sealed).toEqual(expect.arrayContaining([...large, ...small]));
    expect(await sql('select from unsealable_event')).toHaveLength(beyond.length);
    await until('all is signed', async () => {
      const [row] = await sql<{ n: number }>('select max(size)::int as n from audit_checkpoint');
      return row?.n !== undefined && row.n > 0;
    });
  });

  test('that is not sealed in time makes the worker not ready, and says since when', async () => {
    const ready = await startSealing();
    await allSealed();
    expect(await ready.look()).toMatchObject({ status: 'ready', checks: { sealing: true } });
    // Whoever may log in as the sealer can hold what it needs.
    const other = new pg.Client(store.url);
    await other.connect();
    try {
      await other.query('begin');
      await other.query('select from audit_cursor for update');
      await admin.query(
        `insert into event (id, tenant_id, type, data, time) values ($1, 'tnt_1', 'user.erased', '{}', now() - interval '61 seconds')`,
        [newId('event')],
      );
      const answer = await ready.look();
      expect(answer).toMatchObject({ status: 'not_ready', checks: { sealing: false, signing: true } });
      expect(answer.reasons?.join()).toMatch(/waiting for its seal for 6\d s/);
      expect(await register.metrics()).toMatch(/sallyport_audit_unsealed_seconds 6\d/);
    } finally {
      await other.query('rollback');
      await other.end();
    }
    await allSealed();
    expect(await ready.look()).toMatchObject({ status: 'ready' });
    expect(await register.metrics()).toContain('sallyport_audit_unsealed_seconds 0');
  });
});
