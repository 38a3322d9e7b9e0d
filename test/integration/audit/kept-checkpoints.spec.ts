import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SettingsError } from '#runtime';
import { acceptLog, listLogs } from '../../../apps/audit-worker/src/audit-worker.module.js';
import { KeptCheckpoints } from '../../../apps/audit-worker/src/kept-checkpoints.js';
import { auditState } from '../../support/audit-state.js';
import { tamper } from '../../support/tamper.js';
import {
  client,
  database,
  errors,
  happen,
  lines,
  openSigner,
  reason,
  rewrite,
  sign,
  signedUpTo,
  signer,
  sql,
  state,
  store,
  verify,
} from '../../support/signed-log.js';

describe('what is kept', () => {
  test('is written before the checkpoint is told: after a crash in between the log is signed', async () => {
    await happen(5);
    await sign();
    await happen(3);
    await tamper(
      store.url,
      `create function crash() returns trigger language plpgsql as $$ begin raise exception 'crashed'; end $$`,
    );
    await client.query('create trigger crash before insert on audit_checkpoint execute function crash()');
    await expect(sign()).rejects.toThrow('crashed');
    expect(await signedUpTo()).toBe(5);
    expect(await readFile(join(state.path, 'tnt_1.checkpoint'), 'utf8')).toMatch(/^sallyport\.test\/audit\/tnt_1\n8\n/);
    await client.query('drop function crash cascade');
    const next = await openSigner();
    expect(await sign(next)).toBe(1);
    expect(await signedUpTo()).toBe(8);
    expect(next.refusals.size).toBe(0);
    // And what was kept before the crash is not signed over, told or not.
    await rewrite(6, 8);
    await happen(1);
    expect(await sign(await openSigner())).toBe(0);
  });

  test('a draft that a crash left behind is nothing', async () => {
    await happen(5);
    await sign();
    await writeFile(join(state.path, 'tnt_1.checkpoint.0a1b2c3d'), 'sallyport.test/aud');
    await happen(1);
    expect(await sign(await openSigner())).toBe(1);
  });

  test('goes along with what another worker signs, so that each can tell', async () => {
    const other = await auditState();
    const second = await openSigner(other.path);
    await happen(5);
    await sign();
    await second.sign();
    expect(await readdir(other.path)).toEqual(['tnt_1.checkpoint']);
    await rewrite(1, 5);
    await tamper(store.url, 'truncate audit_checkpoint');
    await happen(1);
    expect(await sign(second)).toBe(0);
    expect(reason('tnt_1', second)).toBe('entry_differs');
    await other.remove();
  });

  test('may be shared by workers of one database', async () => {
    const second = await openSigner();
    for (let turn = 0; turn < 5; turn += 1) {
      await happen(2);
      const signed = await Promise.all([sign(), sign(second)]);
      expect(signed.reduce((sum, each) => sum + each)).toBe(1);
      expect([signer.refusals.size, second.refusals.size]).toEqual([0, 0]);
    }
    await rewrite(1, 10);
    await happen(1);
    expect(await Promise.all([sign(), sign(second)])).toEqual([0, 0]);
  });

  test('is taken from the database where nothing was kept, and that is said', async () => {
    await happen(5);
    await sign();
    await happen(1);
    await rm(state.path, { recursive: true });
    const next = await openSigner();
    expect(await sign(next)).toBe(1);
    expect(lines.filter((line) => line.includes('is trusted'))).toHaveLength(1);
    expect(lines.join()).toContain('"sequence":5');
  });

  test('can be read, or nothing is signed for that tenant; an operator mends it', async () => {
    await happen(5);
    await happen(5, 'tnt_2');
    await sign();
    for (const text of ['', '{}', await readFile(join(state.path, 'tnt_2.checkpoint'), 'utf8')]) {
      await writeFile(join(state.path, 'tnt_1.checkpoint'), text);
      await happen(1);
      await happen(1, 'tnt_2');
      const next = await openSigner();
      expect(await sign(next)).toBe(1);
      expect(reason('tnt_1', next)).toBe('kept_unreadable');
    }
    expect(await listLogs(database, state.path)).toMatchObject([{ state: 'unreadable' }, { state: 'contained' }]);
    const next = await openSigner();
    await sign(next);
    await acceptLog(database, state.path, { tenantId: 'tnt_1', sequence: 5, reason: 'disk replaced' });
    expect(await sign(next)).toBe(1);
    expect(next.refusals.size).toBe(0);
  });

  test('has to be written: with the folder gone nothing is signed, and again when it is back', async () => {
    await happen(5);
    await rm(state.path, { recursive: true });
    expect(await sign()).toBe(0);
    expect(reason()).toBe('not_kept');
    for (let n = 0; n < 3; n += 1) await sign();
    expect(errors()).toHaveLength(1);
    expect(await signedUpTo()).toBe(0);
    await mkdir(state.path);
    expect(await sign()).toBe(1);
    expect(signer.refusals.size).toBe(0);
  });

  test('is refused at the start where it cannot be kept', async () => {
    await writeFile(join(state.path, 'file'), '');
    await expect(KeptCheckpoints.open(join(state.path, 'file', 'folder'))).rejects.toBeInstanceOf(SettingsError);
  });

  test('of tenants that another database has is no reason to complain', async () => {
    await happen(5);
    await sign();
    await tamper(
      store.url,
      'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_witnessed, audit_key, tenant cascade',
    );
    const next = await openSigner();
    expect(await sign(next)).toBe(0);
    expect(next.refusals.size).toBe(0);
  });
});

describe('the way back', () => {
  test('of a restored backup: refused, sealed all the same, and accepted by tenant and entry', async () => {
    await happen(8);
    await sign();
    await tamper(store.url, `delete from event where id in (select event_id from audit_entry where sequence > 6)`);
    await tamper(store.url, 'delete from audit_entry where sequence > 6');
    await tamper(store.url, 'truncate audit_checkpoint');
    await happen(1);
    expect(await sign()).toBe(0);
    expect(reason()).toBe('entry_missing');
    expect(await listLogs(database, state.path)).toEqual([
      { tenantId: 'tnt_1', entries: 7, kept: 8, state: 'missing' },
    ]);
    const accept = (sequence: number) =>
      acceptLog(database, state.path, { tenantId: 'tnt_1', sequence, reason: 'restored from the backup of Monday' });
    expect(await accept(8)).toBeUndefined();
    expect(await accept(6)).toEqual({ formerSequence: 8 });
    await happen(0);
    expect(await sign()).toBe(1);
    expect(signer.refusals.size).toBe(0);
    expect(await verify()).toMatchObject({ ok: true, size: 8, vouchedFor: 8 });
    const [told] = await sql(`select data from event where type = 'audit.checkpoint_accepted'`);
    expect(told?.['data']).toEqual({ sequence: 6, formerSequence: 8, reason: 'restored from the backup of Monday' });
    expect(lines.join()).toContain('signing the log has resumed');
  });

  test('of a log that contradicts checkpoints which are still there', async () => {
    await happen(8);
    await sign();
    await rewrite(3, 8);
    await happen(1);
    expect(await sign()).toBe(0);
    for (const sequence of [2, 8]) {
      await acceptLog(database, state.path, { tenantId: 'tnt_1', sequence, reason: 'looked at' });
      await happen(1);
      expect(await sign()).toBe(1);
      expect(await sign(await openSigner())).toBe(0);
    }
    expect(signer.refusals.size).toBe(0);
    // Nobody is told that nothing happened.
    expect(await verify()).toMatchObject({ ok: false, fault: { reason: 'tree_differs', index: 0, lastIndex: 7 } });
  });

  test('of a log that was emptied: from its beginning', async () => {
    await happen(8);
    await sign();
    await tamper(
      store.url,
      'truncate event, audit_entry, audit_log, audit_node, audit_checkpoint, audit_cosignature, audit_witnessed, audit_key',
    );
    expect(await sign()).toBe(0);
    expect(reason()).toBe('entry_missing');
    await acceptLog(database, state.path, { tenantId: 'tnt_1', sequence: 0, reason: 'begun anew' });
    await happen(1);
    expect(await sign()).toBe(1);
    expect(await verify()).toMatchObject({ ok: true, vouchedFor: 2 });
  });

  test('is not needed where the honest log comes back', async () => {
    await happen(8);
    await sign();
    await tamper(store.url, 'create table away as select * from audit_entry where sequence > 6');
    await tamper(store.url, 'delete from audit_entry where sequence > 6');
    await sign();
    expect(reason()).toBe('entry_missing');
    await tamper(store.url, 'insert into audit_entry select * from away');
    await client.query('drop table away');
    await sign();
    expect(signer.refusals.size).toBe(0);
  });
});
