import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { register } from 'prom-client';
import { ExportVerification, formatEntry, openCheckpoint, signCheckpoint, TreeState } from '#audit-log';
import { Readiness } from '#process';
import type { RunningApp } from '#runtime';
import { startAuditWorker } from '../../support/apps.js';
import { readCheckpoints, readLog } from '../../support/audit-export.js';
import {
  cosignedBy,
  cosigners,
  logKeys,
  newestNote,
  policyOf,
  until,
  witness,
  type TestWitness,
} from '../../support/cosigned-log.js';
import {
  database,
  errors,
  happen,
  key,
  logger,
  rewrite,
  signedUpTo,
  sql,
  state,
  store,
} from '../../support/signed-log.js';
import { tamper } from '../../support/tamper.js';

jest.setTimeout(120_000);

let one: TestWitness;
let worker: RunningApp | undefined;
beforeEach(async () => {
  one = await witness(1);
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});

/** An audit worker as the operator runs it. */
async function start(): Promise<Readiness> {
  const witnesses = { all: [one], quorum: 1 };
  const started = await startAuditWorker({ database, logger, checkpointKey: key, stateDir: state.path, witnesses });
  worker = started;
  const readiness = new Readiness({ database, needsQueue: false });
  readiness.watch(started.health);
  return readiness;
}

/** Removes the traces of what was signed, in the database and in the worker's own folder, and signs what there is now. */
async function forget(): Promise<void> {
  await tamper(store.url, 'truncate audit_checkpoint, audit_cosignature, audit_witnessed');
  const tree = TreeState.empty();
  for (const { leafHash } of await readLog(sql, 'tnt_1')) tree.append(leafHash);
  const { origin, keys } = logKeys.of('tnt_1');
  const note = signCheckpoint({ origin, size: tree.size, root: tree.root() }, keys, Math.floor(Date.now() / 1000));
  await writeFile(join(state.path, 'tnt_1.checkpoint'), note);
}

async function cutOff(from: number): Promise<void> {
  await tamper(
    store.url,
    `with gone as (delete from audit_entry where tenant_id = 'tnt_1' and sequence >= ${from} returning event_id)
     delete from event where id in (select event_id from gone)`,
  );
  const tree = TreeState.empty();
  for (const { leafHash } of await readLog(sql, 'tnt_1')) tree.append(leafHash);
  await tamper(store.url, `update audit_log set size = $1, edge = $2 where tenant_id = 'tnt_1'`, [
    tree.size,
    tree.hashes,
  ]);
}

/** What a verifier says of the log as it is now, who has this checkpoint. */
async function verdict(note: string) {
  const verification = new ExportVerification({ tenantId: 'tnt_1' });
  verification.expect(openCheckpoint(note, policyOf([one])).head);
  for (const entry of await readLog(sql, 'tnt_1')) verification.add(formatEntry(entry));
  return verification.finish();
}

describe('T20: an insider with the database, every key and the folder of the worker', () => {
  test.each<[string, string, () => Promise<void>, object]>([
    [
      'rewrites all of it, which goes on to grow',
      'rewritten',
      async () => {
        await rewrite(1, 300);
        await happen(7);
      },
      { reason: 'tree_differs' },
    ],
    ['rewrites one event in the middle', 'forked', () => rewrite(150, 150), { reason: 'tree_differs' }],
    ['cuts the tail', 'cut_off', () => cutOff(280), { reason: 'tail_cut' }],
    [
      'cuts the tail, and lets others grow over it',
      'rewritten',
      async () => {
        await cutOff(280);
        await happen(30);
      },
      { reason: 'tree_differs' },
    ],
  ])('%s', async (_, reason, attack, fault) => {
    await start();
    await happen(300);
    await cosignedBy(300, 1);
    const yesterday = await newestNote();
    expect(await verdict(yesterday)).toMatchObject({ ok: true, vouchedFor: 300 });
    await worker?.stop();

    await attack();
    await forget();
    const readiness = await start();
    // Nothing of the installation itself can tell: the signer goes on.
    const refused = 'sallyport_audit_cosignatures_refused 1\n';
    await until('it is counted', async () => (await register.metrics()).includes(refused));
    const [row] = await sql(`select max(sequence)::int as n from audit_entry where tenant_id = 'tnt_1'`);
    await until('the signer goes on', async () => (await signedUpTo()) >= Number(row?.['n']));
    const { status, checks, reasons } = await readiness.look();
    expect({ status, checks }).toMatchObject({
      status: 'ready',
      checks: { signing: true, sealing: true, witnessing: false },
    });
    expect(reasons?.join()).toMatch(/^the witness witness\.example\/w1 does not cosign 1 log\(s\): .+/);
    expect(errors()).toHaveLength(1);
    expect(JSON.parse(errors()[0] ?? '')).toMatchObject({ tenantId: 'tnt_1', witness: one.key.name, reason });
    const events = () => sql(`select data from event where type = 'audit.cosignature_refused'`);
    await until('the log itself tells', async () => (await events()).length === 1);
    expect((await events())[0]).toMatchObject({ data: { witness: one.key.name, reason, cosignedSize: 300 } });

    // Whoever kept yesterday's checkpoint sees it; whoever insists on the witness believes none of today's.
    expect(await verdict(yesterday)).toMatchObject({ ok: false, fault });
    const today = await newestNote();
    expect(() => openCheckpoint(today, policyOf([one]))).toThrow('Too few of the witnesses');
    for (const { size } of await readCheckpoints(sql, 'tnt_1')) expect(await cosigners(size)).toEqual([]);

    // Nothing else suffers.
    await happen(3, 'tnt_2');
    await cosignedBy(3, 1, 'tnt_2');
    expect(errors()).toHaveLength(1);
  });
});
