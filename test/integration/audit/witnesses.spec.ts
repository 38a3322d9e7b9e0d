import { cp, rm } from 'node:fs/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { openCheckpoint } from '#audit-log';
import { Readiness } from '#process';
import { startAuditWorker } from '../../support/apps.js';
import {
  ask,
  cosignedBy,
  cosigners,
  newestNote,
  passedOn,
  policyOf,
  until,
  witness,
  witnessedSizes,
} from '../../support/cosigned-log.js';
import { temporaryFolder } from '../../support/witness.js';
import {
  database,
  errors,
  happen,
  key,
  lines,
  logger,
  sign,
  signedUpTo,
  sql,
  state,
  store,
} from '../../support/signed-log.js';
import { tamper } from '../../support/tamper.js';

jest.setTimeout(120_000);

const warnings = () => lines.filter((line) => line.includes('"level":40'));

describe('witnesses', () => {
  test('cosign what a worker signs, of every log, and a verifier that insists on them believes it', async () => {
    const all = [await witness(1), await witness(2)];
    const worker = await startAuditWorker({
      database,
      logger,
      checkpointKey: key,
      stateDir: state.path,
      witnesses: { all, quorum: 2 },
    });
    try {
      const readiness = new Readiness({ database, needsQueue: false });
      readiness.watch(worker.health);
      await happen(5);
      await happen(3, 'tnt_2');
      await cosignedBy(5, 2);
      await cosignedBy(3, 2, 'tnt_2');
      await until('both are marked', async () => (await witnessedSizes()).length === 2);
      expect(openCheckpoint(await newestNote(), policyOf(all)).cosignatures).toHaveLength(2);
      expect(await readiness.look()).toMatchObject({ status: 'ready', checks: { witnessing: true } });
      // 1,000 more come with their next checkpoint, by a proof from the first.
      await happen(1000);
      await cosignedBy(1005, 2);
      expect(openCheckpoint(await newestNote(), policyOf(all)).head.size).toBe(1005);
    } finally {
      await worker.stop();
    }
    expect([...errors(), ...warnings()]).toEqual([]);
    // Whoever has none says nothing about them.
    const alone = await startAuditWorker({ database, logger, checkpointKey: key, stateDir: state.path });
    expect((await alone.health()).others).toEqual({});
    await alone.stop();
  });

  test('are asked for the newest checkpoint only, and again for one of the same size', async () => {
    const one = await witness(1);
    for (const count of [3, 4, 5]) {
      await happen(count);
      await sign();
    }
    const { cosigning } = ask([one]);
    await cosignedBy(12, 1);
    expect([await cosigners(3), await cosigners(7)]).toEqual([[], []]);
    await tamper(store.url, `update audit_checkpoint set signed_at = signed_at - interval '1 day'`);
    await sign();
    cosigning.wake();
    await until('a day later, too', async () => (await sql('select from audit_cosignature')).length === 2);
    openCheckpoint(await newestNote(), policyOf([one]));
  });

  test('where one is away, the others go on; what the quorum asks for is witnessed; it catches up', async () => {
    const [here, away] = [await witness(1), await witness(2)];
    await away.stop();
    const { cosigning } = ask([here, away], 1);
    for (const size of [3, 6]) {
      await happen(3);
      await sign();
      cosigning.wake();
      await cosignedBy(size, 1);
    }
    await until('it is marked', async () => (await witnessedSizes()).join() === '3,6');
    await until('it is told', () => cosigning.missing === 1);
    expect(cosigning.health()).toEqual({
      others: { witnessing: false },
      reasons: [`the witness ${away.key.name} does not cosign 1 log(s): It cannot be reached.`],
    });
    expect(() => openCheckpointOfBoth('')).toThrow();
    await away.start();
    await cosignedBy(6, 2);
    await until('that it works again is told', () => cosigning.missing === 0);
    expect(cosigning.health()).toEqual({ others: { witnessing: true }, reasons: [] });
    expect(openCheckpointOfBoth(await newestNote()).cosignatures).toHaveLength(2);
    expect(warnings()).toHaveLength(1);
    expect(lines.filter((line) => line.includes('a witness cosigns again'))).toHaveLength(1);

    function openCheckpointOfBoth(note: string) {
      return openCheckpoint(note, policyOf([here, away]));
    }
  });

  test('nothing is witnessed before as many have cosigned as are asked for', async () => {
    const [here, away] = [await witness(1), await witness(2)];
    await away.stop();
    await happen(3);
    await sign();
    ask([here, away], 2);
    await cosignedBy(3, 1);
    expect(await witnessedSizes()).toEqual([]);
    await away.start();
    await cosignedBy(3, 2);
    await until('it is marked', async () => (await witnessedSizes()).join() === '3');
  });

  test('that know less than they did are asked from where they are', async () => {
    const one = await witness(1);
    const { cosigning } = ask([one]);
    const grow = async () => {
      await happen(3);
      await sign();
      cosigning.wake();
    };
    await grow();
    await cosignedBy(3, 1);
    const copy = temporaryFolder();
    await one.stop();
    await cp(one.folder, copy, { recursive: true });
    await one.start();
    await grow();
    await cosignedBy(6, 1);
    await one.stop();
    await one.start(copy);
    await grow();
    await cosignedBy(9, 1);
    expect(errors()).toEqual([]);
    await one.stop();
    await rm(copy, { recursive: true });
  });

  test('are asked by several workers of one database at once', async () => {
    const one = await witness(1);
    const workers = [ask([one]), ask([one]), ask([one])];
    for (let size = 2; size <= 20; size += 2) {
      await happen(2);
      await sign();
      for (const { cosigning } of workers) cosigning.wake();
    }
    await cosignedBy(20, 1);
    await until('nobody misses any', () => workers.every(({ cosigning }) => cosigning.missing === 0));
    expect(errors()).toEqual([]);
    expect(
      await sql('select tenant_id from audit_cosignature group by 1, size, signed_at having count(*) > 1'),
    ).toEqual([]);
  });

  test('are asked all the same where somebody else wrote a cosignature into the database', async () => {
    const one = await witness(1);
    await happen(3);
    await sign();
    await sql(
      `insert into audit_cosignature (tenant_id, size, signed_at, witness, signature_lines)
       select tenant_id, size, signed_at, $1, $2 from audit_checkpoint`,
      [one.key.name, `— ${one.key.name} ${Buffer.alloc(76).toString('base64')}\n`],
    );
    const { url, bodies } = await passedOn(one);
    ask([{ ...one, url }]);
    // What it knows it says itself.
    await until('it was asked', () => bodies.length === 2);
    expect(bodies.map((body) => body.split('\n')[0])).toEqual(['old 3', 'old 0']);
    expect(await signedUpTo()).toBe(3);
  });
});
