import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScenarioName } from '../catalogue.ts';
import type { Rig, Scenario } from '../rig.ts';
import type { StreamClientsAnswer, StreamClientsJob } from '../stream-clients.ts';
import type { Program } from '../system.ts';

const streamClients = 200;
/** Events a second, each of which goes to all of them. */
const streamRate = 30;

const oneEvent = (tenantId: string) => `
  insert into event (id, tenant_id, type, account_id, user_id, user_ref, request_id, data) values (
    'evt_' || uuidv7(), '${tenantId}', 'challenge.approved', 'account', 'user', 'usr_bench', 'req_bench',
    '{"amr": ["otp"], "method": "totp", "purpose": "login", "deviceId": "dev_bench", "challengeId": "chl_bench"}')`;

/** From the event to the log, and to those who follow it. */
export function sealingScenarios(rig: Rig): [ScenarioName, Scenario][] {
  return [
    ['sealing', sealing(rig)],
    ['stream', stream(rig)],
  ];
}

/** Entries of all logs, as their trees say: to count the entries, each 25 ms, took a third of the database's time. */
const sealed = 'select coalesce(sum(size), 0) from audit_log';

const allSealed = (rig: Rig) =>
  rig.until(
    'everything is sealed',
    async () =>
      (await rig.number('select count(*) from event')) === (await rig.number('select count(*) from audit_entry')),
  );

function sealing(rig: Rig): Scenario {
  const { sql, seeded } = rig;
  const units = rig.options.rows.sealing;
  let program: Program;
  return {
    prepare: async () => {
      await rig.clear();
      program = await rig.system.start('audit-worker');
      await allSealed(rig);
      await rig.pause(program);
      // One transaction each, as the gateway writes them: the sealer goes by transactions.
      await sql.query('set synchronous_commit = off');
      await sql.query(`do $$ begin for n in 1..${units} loop ${oneEvent(seeded.tenantId)}; commit; end loop; end $$`);
      await sql.query('reset synchronous_commit');
      await sql.query('vacuum (analyze) event, audit_entry');
      await sql.query('checkpoint');
    },
    measure: async () => {
      const sealedBefore = await rig.number(sealed);
      const measurement = await rig.measured([program], async () => {
        rig.goOn(program);
        await rig.until('everything is sealed', async () => (await rig.number(sealed)) >= sealedBefore + units);
        const perSecond = await rig.number(
          `select (select count(*) from audit_entry e where e.sequence > $1 and e.sealed_at > b.first)
             / extract(epoch from b.last - b.first)
           from (select min(sealed_at) as first, max(sealed_at) as last from audit_entry where sequence > $1) b`,
          [sealedBefore],
        );
        return { units, perSecond, p50Ms: null, p99Ms: null };
      });
      await rig.noteMemory('audit-worker', program);
      await program.stop();
      return measurement;
    },
  };
}

function stream(rig: Rig): Scenario {
  const { sql, seeded, site } = rig;
  let programs: Program[] = [];
  return {
    prepare: async () => {
      await rig.clear();
      // The relay tells the audit worker of new events; by itself that looks every 3 s.
      programs = [await rig.system.start('audit-worker'), await rig.system.start('relay')];
      await allSealed(rig);
    },
    measure: async () => {
      const clients = fork(join(import.meta.dirname, '../stream-clients.ts'), {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      try {
        const job: StreamClientsJob = { port: site.gateway.port, apiKey: seeded.apiKey, clients: streamClients };
        const answered = async () => {
          const [answer] = (await once(clients, 'message')) as [StreamClientsAnswer];
          if ('fault' in answer) throw new Error(answer.fault);
          return answer;
        };
        clients.send(job);
        await answered();
        return await rig.measured([site.gateway, ...programs], async () => {
          const start = performance.now();
          let events = 0;
          const due = () => ((performance.now() - start) / 1000) * streamRate;
          for (; events < rig.options.seconds * streamRate; await sleep(2)) {
            for (; events < due(); events += 1) await sql.query(oneEvent(seeded.tenantId));
          }
          clients.send({ events });
          const { received, p50Ms, p99Ms } = await answered();
          const seconds = (performance.now() - start) / 1000;
          return { units: received, perSecond: received / seconds, p50Ms, p99Ms };
        });
      } finally {
        clients.disconnect();
        for (const program of programs) await program.stop();
      }
    },
  };
}
