import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import pg from 'pg';
import { readCheckpoints, readLog, readVkeys, verifyLog } from '../support/audit-export.js';
import { faultsOfSealing, soundlySealed, writeOfUsers } from '../support/writers-of-users.js';
import { battery, report } from './battery.js';
import type { Fleet } from './fleet.js';
import { onFleet, useFleet, ofEach } from './on-fleet.js';

const tenants = ['tnt_1', 'tnt_2', 'tnt_3'];

let fleet: Fleet;
let pool: pg.Pool;
useFleet(
  { ...ofEach(0), 'audit-worker': 2 },
  async (started) => {
    fleet = started;
    pool = new pg.Pool({ connectionString: fleet.postgres.url, max: 20 });
    for (const id of tenants) await pool.query('insert into tenant (id, name) values ($1, $1)', [id]);
  },
  async () => pool?.end(),
);

onFleet(
  'T20 100,000 events by 16 writers while two audit workers seal and are killed in turn: no gap, no repeat, each user in order',
  async () => {
    const workers = fleet.of('audit-worker');
    let writing = true;
    const kills = (async () => {
      let count = 0;
      for (; writing; count += 1) {
        await sleep(1000 + randomInt(2000));
        const victim = workers[count % workers.length];
        await victim?.end('SIGKILL');
        await victim?.start();
      }
      return count;
    })();
    const written = await writeOfUsers(pool, { events: battery.sealed, tenants });
    writing = false;
    const killed = await kills;
    const sql = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;
    const began = performance.now();
    const isSealed = async () => (await faultsOfSealing(sql))['unsealed'] === 0;
    while (!(await isSealed())) await sleep(200);
    const recoverySeconds = (performance.now() - began) / 1000;
    expect(await faultsOfSealing(sql)).toEqual(soundlySealed);
    // Each start of a worker is in the logs besides.
    const [{ n = 0 } = {}] = await sql(
      `select count(*)::int as n from audit_entry a join event e on e.id = a.event_id
       where a.tenant_id = any($1) and e.type not like 'sealing.%'`,
      [tenants],
    );
    expect(n).toBe(written);
    // The last checkpoint comes ten seconds after the one before.
    const unsigned = `select from audit_log l where size > coalesce(
      (select max(size) from audit_checkpoint c where c.tenant_id = l.tenant_id), 0)`;
    while ((await sql(unsigned)).length > 0) await sleep(200);
    for (const tenantId of tenants) {
      const notes = (await readCheckpoints(sql, tenantId)).map(({ note }) => note);
      const log = await readLog(sql, tenantId);
      const verdict = verifyLog(tenantId, log, notes, await readVkeys(sql, tenantId));
      expect(verdict).toMatchObject({ ok: true, size: log.length, vouchedFor: log.length });
    }
    const account = { requests: written, acknowledged: written, delivered: n, lost: written - n, extra: 0 };
    report('T20', `${killed} kills of audit workers while they seal`, { ...account, recoverySeconds });
  },
  600_000,
);
