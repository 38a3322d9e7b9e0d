import { setTimeout as sleep } from 'node:timers/promises';
import { generateSync } from 'otplib';
import { deliveryRow, newId, type DeliveryPayload } from '#contracts';
import { cpuOf, cpuOfFamily, peakMemory } from './cpu-time.ts';
import type { Floor } from './floor.ts';
import type { LoadAnswer, LoadJob, LoadRequest, LoadResult } from './load.ts';
import type { BenchOptions, ScenarioName } from './options.ts';
import type { Seeded, SeededUser } from './seed.ts';
import type { Program, ProgramName, Provider, System } from './system.ts';

/** What one measurement of a scenario found. Times of CPU are µs per request, or per row. */
export interface Measurement {
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Of the processes of ours that are measured; null where they are none. */
  readonly nodeUs: number | null;
  /** Of all PostgreSQL processes together. */
  readonly databaseUs: number;
}

export interface Scenario {
  /** Brings the tables to where each measurement of it begins. */
  prepare(): Promise<void>;
  measure(): Promise<Measurement>;
}

export interface Bench {
  readonly floor: Scenario;
  readonly scenarios: ReadonlyMap<ScenarioName, Scenario>;
  /** Round trips to the database per call, by scenario. */
  countStatements(): Promise<Partial<Record<ScenarioName, number>>>;
  /** Largest resident memory so far in MB, by process. */
  readonly memory: Partial<Record<ProgramName, number>>;
}

interface Call {
  readonly requests: readonly LoadRequest[];
  readonly repeat: boolean;
  readonly expect: LoadJob['expect'];
}

const context = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Bench/1.0' };
const pollMs = 25;
const patienceMs = 120_000;
/** Calls or messages that warm a fresh process up. */
const warmUp = 500;
/** Calls of which the statements are counted. */
const counted = 200;

/** What a measurement left behind; events stay, as they would. */
const leftovers = 'challenge, code, send_window, send_pace, delivery, delivery_attempt, outbox';

export async function openScenarios(
  system: System,
  seeded: Seeded,
  floor: Floor,
  options: BenchOptions,
): Promise<Bench> {
  const { sql } = system;
  const { tenantId, sealer } = seeded;
  const gateway = await system.start('gateway');
  const memory: Partial<Record<ProgramName, number>> = {};
  const rates = new Map<ScenarioName, number>();
  let provider: Provider | undefined;

  const number = async (text: string, values: unknown[] = []): Promise<number> => {
    const found = await sql.query<{ n: string }>(`select (${text})::float8 as n`, values);
    return Number(found.rows[0]?.n);
  };
  const until = async (what: string, done: () => Promise<boolean>) => {
    for (let waited = 0; !(await done()); waited += pollMs) {
      if (waited > patienceMs) throw new Error(`Waited ${patienceMs / 1000} s in vain until ${what}.`);
      await sleep(pollMs);
    }
  };

  /** Runs what is measured, and shares its CPU time out among the units of work. */
  const measured = async (
    programs: readonly Program[],
    work: () => Promise<{ units: number } & Omit<Measurement, 'nodeUs' | 'databaseUs'>>,
  ): Promise<Measurement> => {
    const used = async () => ({
      node: (await Promise.all(programs.map(({ pid }) => cpuOf(pid)))).reduce((sum, us) => sum + us, 0),
      database: await cpuOfFamily(system.databasePid),
    });
    const before = await used();
    const { units, ...found } = await work();
    const after = await used();
    return {
      ...found,
      nodeUs: programs.length === 0 ? null : (after.node - before.node) / units,
      databaseUs: (after.database - before.database) / units,
    };
  };
  const noteMemory = async (name: ProgramName, { pid }: Program) => {
    memory[name] = Math.max(memory[name] ?? 0, await peakMemory(pid));
  };

  const load = async (call: Call, how: Partial<LoadJob> = {}): Promise<LoadResult> => {
    const answer = await system.inProcess<LoadJob, LoadAnswer>('load.ts', {
      host: '127.0.0.1',
      port: gateway.port,
      authorization: `Bearer ${seeded.apiKey}`,
      connections: options.connections,
      seconds: options.seconds,
      rate: null,
      ...call,
      ...how,
    });
    if ('fault' in answer) throw new Error(answer.fault);
    return answer.result;
  };
  const loadMeasured = async (call: Call, how: Partial<LoadJob> = {}): Promise<Measurement> => {
    // PostgreSQL plans a statement anew on the first executions of each connection: that is done before the clock starts.
    const first = call.requests.slice(0, warmUp);
    await load({ ...call, requests: first, repeat: false });
    const rest = { ...call, requests: call.requests.slice(call.repeat ? 0 : warmUp) };
    const measurement = await measured([gateway], async () => {
      const { requests, seconds, p50Ms, p99Ms } = await load(rest, how);
      return { units: requests, perSecond: requests / seconds, p50Ms, p99Ms };
    });
    await noteMemory('gateway', gateway);
    return measurement;
  };

  const clear = async () => {
    await sql.query(`truncate ${leftovers}`);
    await system.redis?.command('FLUSHALL');
  };
  /** Each measurement begins with written pages and swept tables, so that none pays for the one before. */
  const settle = async () => {
    await sql.query('vacuum (analyze) device');
    await sql.query(`vacuum (analyze) ${leftovers}`);
    await sql.query('checkpoint');
  };

  const create = ({ accountId, userId }: SeededUser): LoadRequest => ({
    method: 'POST',
    path: '/v1/challenges',
    body: JSON.stringify({ accountId, userId, purpose: 'login', context }),
  });
  const decisions: Call = {
    requests: seeded.plain.map(create),
    repeat: true,
    expect: { status: 201, text: '"decision":"allow"' },
  };
  const smsChallenges: Call = {
    requests: seeded.sms.map(create),
    repeat: false,
    expect: { status: 201, text: '"deliveryId"' },
  };

  // One challenge for each user, and no step used: every request has a right code of its own.
  let challengeIds: string[] = [];
  const openChallenges = async () => {
    await clear();
    challengeIds = seeded.totp.map(() => newId('challenge'));
    await sql.query('update device set last_used_step = null where last_used_step is not null');
    await sql.query(
      `insert into challenge (id, tenant_id, user_id, purpose, max_checks, expires_at)
       select id, $1, owner, 'login', 5, now() + interval '10 minutes' from unnest($2::text[], $3::text[]) as c(id, owner)`,
      [tenantId, challengeIds, seeded.totp.map(({ userRef }) => userRef)],
    );
    await settle();
  };
  const verifications = (): Call => {
    const epoch = Math.floor(Date.now() / 1000);
    const requests = seeded.totp.map(({ secret }, index) => ({
      method: 'POST',
      path: `/v1/challenges/${challengeIds[index]}/verify`,
      body: JSON.stringify({ code: generateSync({ secret, epoch }) }),
    }));
    return { requests, repeat: false, expect: { status: 200, text: '"status":"approved"' } };
  };

  const fillOutbox = (count: number) =>
    sql.query(
      `insert into outbox (id, job, payload)
       select id, 'deliver-sms', jsonb_build_object('deliveryId', delivery, 'requestId', request)
       from unnest($1::text[], $2::text[], $3::text[]) as o(id, delivery, request)`,
      (['event', 'delivery', 'request'] as const).map((kind) => Array.from({ length: count }, () => newId(kind))),
    );
  const allPublished = () =>
    until(
      'everything is published',
      async () => (await number(`select count(*) from outbox where published_at is null`)) === 0,
    );

  /** Deliveries as an accepted challenge leaves them, with their outbox rows. */
  const fillDeliveries = async (count: number) => {
    const rows = Array.from({ length: count }, (_, index) => {
      const user = seeded.sms[index % seeded.sms.length];
      if (!user) throw new Error('There are no users with SMS.');
      const id = newId('delivery');
      const payload: DeliveryPayload = {
        kind: 'code',
        to: user.phone,
        code: String(index % 1_000_000).padStart(6, '0'),
        brand: 'Sallyport',
        host: null,
        locale: 'en',
        purpose: 'login',
        detail: null,
        minutes: 5,
      };
      const sealed = sealer.seal('delivery', deliveryRow(tenantId, user.deviceId, id), JSON.stringify(payload));
      return { id, user, sealed, event: newId('event'), request: newId('request') };
    });
    await sql.query(
      `with d as (
         select * from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[])
           as d(id, owner, device, sealed, event, request)
       ), delivery_row as (
         insert into delivery
           (id, tenant_id, user_id, device_id, channel, kind, payload_sealed, request_id, expires_at)
         select id, $1, owner, device, 'sms', 'code', sealed, request, now() + interval '5 minutes' from d
       )
       insert into outbox (id, job, payload)
       select event, 'deliver-sms', jsonb_build_object('deliveryId', id, 'requestId', request) from d`,
      [
        tenantId,
        rows.map(({ id }) => id),
        rows.map(({ user }) => user.userRef),
        rows.map(({ user }) => user.deviceId),
        rows.map(({ sealed }) => sealed),
        rows.map(({ event }) => event),
        rows.map(({ request }) => request),
      ],
    );
  };
  const allSent = () =>
    until('everything is sent', async () => {
      const failed = await number(`select count(*) from delivery where status in ('failed', 'expired')`);
      if (failed > 0) throw new Error(`${failed} deliveries failed.`);
      return (await number(`select count(*) from delivery where status <> 'sent'`)) === 0;
    });
  const startSmsWorker = async () => {
    provider ??= await system.provider();
    return system.start('sms-worker', {
      VONAGE_API_KEY: provider.apiKey,
      VONAGE_API_SECRET: provider.apiSecret,
      VONAGE_API_HOST: provider.host,
      VONAGE_FROM: 'Bench',
    });
  };
  /**
   * Halts a process while its work is laid out, so that none of it is done before the clock starts. Never in the middle
   * of a transaction: it would hold its locks.
   */
  const pause = async (program: Program) => {
    await until('it can be halted', async () => {
      process.kill(program.pid, 'SIGSTOP');
      // What it had sent arrives.
      await sleep(10);
      const busy = await number(
        `select count(*) from pg_stat_activity where application_name = 'sallyport' and state <> 'idle'`,
      );
      if (busy > 0) process.kill(program.pid, 'SIGCONT');
      return busy === 0;
    });
  };
  const goOn = (program: Program) => process.kill(program.pid, 'SIGCONT');

  let relay: Program | undefined;
  let worker: Program | undefined;
  let auditWorker: Program | undefined;
  const take = (program: Program | undefined): Program => {
    if (!program) throw new Error('It was not prepared.');
    return program;
  };

  const rated = (name: ScenarioName, scenario: Scenario): [ScenarioName, Scenario] => [
    name,
    {
      prepare: () => scenario.prepare(),
      measure: async () => {
        const measurement = await scenario.measure();
        rates.set(name, measurement.perSecond);
        return measurement;
      },
    },
  ];
  const rateOf = (name: ScenarioName): number => {
    const rate = rates.get(name);
    if (rate === undefined) throw new Error(`The rate of ${name} is not known.`);
    return rate;
  };

  const all = [
    rated('verify', { prepare: openChallenges, measure: () => loadMeasured(verifications()) }),
    rated('half-load', {
      prepare: openChallenges,
      measure: () => loadMeasured(verifications(), { rate: rateOf('verify') / 2 }),
    }),
    rated('decision', {
      prepare: async () => {
        await clear();
        await settle();
      },
      measure: () => loadMeasured(decisions),
    }),
    rated('challenge-sms', {
      prepare: async () => {
        await clear();
        await settle();
      },
      measure: () => loadMeasured(smsChallenges),
    }),
    rated('relay', {
      prepare: async () => {
        await clear();
        relay = await system.start('relay');
        await fillOutbox(warmUp);
        await allPublished();
        await pause(relay);
        await clear();
        await fillOutbox(options.rows.relay);
        await settle();
      },
      measure: async () => {
        const program = take(relay);
        const units = options.rows.relay;
        const measurement = await measured([program], async () => {
          goOn(program);
          await allPublished();
          // Between the first batch and the last, by the database's clock: how long we slept does not count.
          const perSecond = await number(
            `select (select count(*) from outbox o where o.published_at > b.first) / extract(epoch from b.last - b.first)
             from (select min(m) as first, max(m) as last from (select date_trunc('milliseconds', published_at) as m from outbox) t) b`,
          );
          return { units, perSecond, p50Ms: null, p99Ms: null };
        });
        await noteMemory('relay', program);
        await program.stop();
        await clear();
        return measurement;
      },
    }),
    rated('sms-worker', {
      prepare: async () => {
        await clear();
        worker = await startSmsWorker();
        const publisher = await system.start('relay');
        await fillDeliveries(warmUp);
        await allSent();
        await pause(worker);
        await clear();
        await fillDeliveries(options.rows.sms);
        await allPublished();
        await publisher.stop();
        await settle();
      },
      measure: async () => {
        const program = take(worker);
        const units = options.rows.sms;
        const measurement = await measured([program], async () => {
          goOn(program);
          await allSent();
          const perSecond = await number(
            `select (count(*) - 1) / extract(epoch from max(sent_at) - min(sent_at)) from delivery`,
          );
          return { units, perSecond, p50Ms: null, p99Ms: null };
        });
        await noteMemory('sms-worker', program);
        await program.stop();
        await clear();
        return measurement;
      },
    }),
    rated('hand-over', {
      prepare: async () => {
        await clear();
        relay = await system.start('relay');
        worker = await startSmsWorker();
        await fillDeliveries(warmUp);
        await allSent();
        await clear();
        await settle();
      },
      measure: async () => {
        const programs = [take(relay), take(worker)];
        // All on this one machine: what one of the two scenarios takes, the other one can't have.
        const rate = 0.5 / (1 / rateOf('challenge-sms') + 1 / rateOf('sms-worker'));
        const measurement = await measured([gateway, ...programs], async () => {
          const { requests, seconds } = await load(smsChallenges, { rate });
          await allSent();
          // From before the commit until the provider's answer is written down: a little more than the hand-over.
          const part = (share: number) =>
            number(
              `select percentile_cont($1) within group (order by extract(epoch from sent_at - created_at)) from delivery`,
              [share],
            );
          const p50Ms = (await part(0.5)) * 1000;
          const p99Ms = (await part(0.99)) * 1000;
          return { units: requests, perSecond: requests / seconds, p50Ms, p99Ms };
        });
        for (const program of programs) await program.stop();
        await clear();
        return measurement;
      },
    }),
    rated('sealing', {
      prepare: async () => {
        await clear();
        auditWorker = await system.start('audit-worker');
        await until(
          'everything is sealed',
          async () =>
            (await number('select count(*) from event')) === (await number('select count(*) from audit_entry')),
        );
        await pause(auditWorker);
        // One transaction each, as the gateway writes them: the sealer goes by transactions.
        await sql.query('set synchronous_commit = off');
        await sql.query(`do $$ begin
          for n in 1..${options.rows.sealing} loop
            insert into event (id, tenant_id, type, account_id, user_id, user_ref, request_id, data) values (
              'evt_' || uuidv7(), '${tenantId}', 'challenge.approved', 'account', 'user', 'usr_bench', 'req_bench',
              '{"amr": ["otp"], "method": "totp", "purpose": "login", "deviceId": "dev_bench", "challengeId": "chl_bench"}');
            commit;
          end loop;
        end $$`);
        await sql.query('reset synchronous_commit');
        await sql.query('vacuum (analyze) event, audit_entry');
        await sql.query('checkpoint');
      },
      measure: async () => {
        const program = take(auditWorker);
        const units = options.rows.sealing;
        const sealedBefore = await number('select count(*) from audit_entry');
        const measurement = await measured([program], async () => {
          goOn(program);
          await until(
            'everything is sealed',
            async () => (await number('select count(*) from audit_entry')) >= sealedBefore + units,
          );
          const perSecond = await number(
            `select (select count(*) from audit_entry e where e.sequence > $1 and e.sealed_at > b.first)
               / extract(epoch from b.last - b.first)
             from (select min(sealed_at) as first, max(sealed_at) as last from audit_entry where sequence > $1) b`,
            [sealedBefore],
          );
          return { units, perSecond, p50Ms: null, p99Ms: null };
        });
        await noteMemory('audit-worker', program);
        await program.stop();
        return measurement;
      },
    }),
  ];

  const countStatements = async () => {
    await sql.query('create extension if not exists pg_stat_statements');
    const calls: Partial<Record<ScenarioName, () => Promise<Call>>> = {
      verify: async () => {
        await openChallenges();
        return verifications();
      },
      decision: async () => decisions,
      'challenge-sms': async () => {
        await clear();
        return smsChallenges;
      },
    };
    const found: Partial<Record<ScenarioName, number>> = {};
    for (const name of options.only) {
      const call = await calls[name]?.();
      if (!call) continue;
      const few = { ...call, requests: call.requests.slice(0, counted), repeat: false };
      // Known before: what is counted is the call, not the look at its API key.
      await load({ ...decisions, requests: decisions.requests.slice(0, 1), repeat: false }, { connections: 1 });
      await track(system, 'top');
      await sql.query('select pg_stat_statements_reset()');
      const { requests } = await load(few, { connections: 1 });
      found[name] =
        (await number(`select sum(calls) from pg_stat_statements where query not like '%pg_stat_statements%'`)) /
        requests;
      await track(system, 'none');
    }
    return found;
  };
  await track(system, 'none');

  return {
    floor: {
      prepare: async () => {
        await floor.prepare();
        await sql.query('checkpoint');
      },
      measure: () =>
        measured([], async () => {
          const { perSecond, p50Ms, p99Ms } = await floor.measure(options.seconds);
          return { units: perSecond * options.seconds, perSecond, p50Ms, p99Ms };
        }),
    },
    scenarios: new Map(all),
    countStatements,
    memory,
  };
}

/** Switches the counting of statements, which costs a little, for every connection. */
async function track({ sql }: System, what: 'top' | 'none'): Promise<void> {
  await sql.query(`alter system set pg_stat_statements.track = '${what}'`);
  await sql.query('select pg_reload_conf()');
  // Connections look at it before their next statement; the server needs a moment to tell them.
  await sleep(200);
}
