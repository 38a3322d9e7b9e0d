import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { formatSignatures, parseNote, parseWitnessRequest, signingKey, signNote } from '#audit-log';
import { startAuditWorker } from '../../support/apps.js';
import { auditState } from '../../support/audit-state.js';
import { admin, checkpoint, ends, logger, open, run, sql, until } from '../../support/worker-roles.js';

test('an audit worker keeps cosignatures, and tells of a refusal, with the rights of its role', async () => {
  const key = signingKey('witness.example/w1', 'cosignature/v1', generateKeyPairSync('ed25519').privateKey);
  // It cosigns one log and refuses the other.
  const server = createServer(async (request, response) => {
    const { text: head } = parseNote(parseWitnessRequest(await text(request)).checkpoint);
    const isRefused = head.includes('/tnt_2\n');
    response.statusCode = isRefused ? 422 : 200;
    response.end(isRefused ? '' : formatSignatures(signNote(head, [key], 1_795_770_000).signatures));
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  ends.push(async () => void server.close());
  const { port } = server.address() as AddressInfo;
  const state = await auditState();
  ends.push(() => state.remove());

  for (const n of [1, 2])
    await admin.query(
      `insert into event (id, tenant_id, type, data) values ('evt_${n}', 'tnt_${n}', 'user.created', '{}')`,
    );
  const database = await open('sallyport_audit_worker');
  const witnesses = { all: [{ key, url: `http://127.0.0.1:${port}` }], quorum: 1 };
  await run(startAuditWorker({ database, logger, checkpointKey: checkpoint, stateDir: state.path, witnesses }));
  await until('one is witnessed', async () => (await sql('select from audit_witnessed')).length === 1);
  const refused = `select tenant_id as "tenantId", data from event where type = 'audit.cosignature_refused'`;
  await until('the other one tells that it was refused', async () => (await sql(refused)).length === 1);
  expect(await sql('select tenant_id, witness from audit_cosignature')).toEqual([
    { tenant_id: 'tnt_1', witness: key.name },
  ]);
  expect(await sql(refused)).toEqual([
    { tenantId: 'tnt_2', data: { witness: key.name, reason: 'rewritten', size: expect.any(Number), cosignedSize: 0 } },
  ]);
});
