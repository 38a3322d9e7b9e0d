import { expect, jest, test } from '@jest/globals';
import { parseCollectors } from '../../../apps/audit-worker/src/collectors/read-collectors.js';
import { startAuditWorker, startRelay } from '../../support/apps.js';
import { auditState } from '../../support/audit-state.js';
import { hecFiles } from '../../support/hec-files.js';
import { HecServer } from '../../support/hec-server.js';
import { openQueues } from '../../support/queues.js';
import { admin, checkpoint, ends, lines, logger, open, run, sql, until, urlOf } from '../../support/worker-roles.js';

jest.setTimeout(120_000);

test('a relay calls an audit worker when the log has grown, each with the rights of its role', async () => {
  const { own, entryAt } = hecFiles();
  const server = await HecServer.start(own);
  ends.push(async () => server.stop());
  const state = await auditState();
  ends.push(() => state.remove());
  const opened = async (role: string) => {
    const database = await open(role);
    const queues = await openQueues(urlOf(role), logger);
    ends.push(() => queues.close());
    return { database, queues, logger };
  };
  await run(
    startAuditWorker({
      ...(await opened('sallyport_audit_worker')),
      checkpointKey: checkpoint,
      stateDir: state.path,
      collectors: parseCollectors(JSON.stringify([entryAt(server.url)])),
      // What is sealed and sent meanwhile, it was called for.
      lookEveryMs: 3_600_000,
    }),
  );
  await until('the collector is known', async () => (await sql('select from audit_collector')).length === 1);
  await run(startRelay(await opened('sallyport_relay')));
  for (const n of [1, 2, 3]) {
    await admin.query(
      `insert into event (id, tenant_id, type, data) values ('evt_${n}', 'tnt_1', 'user.created', '{}')`,
    );
    const has = () => server.events.some(({ fields }) => fields.eventId === `evt_${n}`);
    await until(`event ${n} has come`, has);
  }
  const positions = `select sequence::int as sequence from audit_collector_position where tenant_id = 'tnt_1'`;
  await until(
    'its place is kept',
    async () =>
      (await sql(positions))[0]?.['sequence'] ===
      server.events.filter(({ fields }) => fields.tenant === 'tnt_1').length,
  );
  expect(lines.filter((line) => /"level":[45]0/.test(line))).toEqual([]);
});
