import { loadavg } from 'node:os';
import { createApiKey, createTenant, Database, Sealer } from '#persistence';
import { loadKeys } from '#runtime';
import { cpuOfFamily } from './cpu-time.ts';
import { openSystem, Started, type System } from './system.ts';
import { say } from './say.ts';

/**
 * How long a compliance report takes of a large tenant: `node bench/compliance.ts [users and events]`. bench/README.md says
 * more.
 */
const size = Number(process.argv[2] ?? 1_000_000);
const accounts = 10_000;
/** Accounts with a policy of their own: as many as a report looks at. */
const ownPolicies = 1000;
const rounds = 5;

const policy = { twoFactor: { required: 'all' }, exemptions: { required: true }, trustedBrowser: { allowed: false } };

async function createOwner({ databaseUrl }: System): Promise<{ tenantId: string; apiKey: string }> {
  const database = Database.open({ url: databaseUrl, poolSize: 1, onError: () => undefined });
  const { tenantId } = await createTenant(database, { name: 'Large' });
  const key = await createApiKey(database, { tenantId, name: 'bench', scopes: ['audit', 'challenges'] });
  await database.close();
  return { tenantId, apiKey: key?.key ?? '' };
}

/** Fills tables without their indexes, and makes those afterwards. */
async function fill({ sql, keyFile }: System, tenantId: string): Promise<void> {
  // Nobody opens it; but a gateway looks at the start by which keys profiles are sealed.
  const sealed = new Sealer(loadKeys(['sealing'], { SALLYPORT_KEYS: keyFile }).sealing).seal('profile', 'usr_1', '{}');
  await sql.query('update tenant set policy = $2 where id = $1', [tenantId, policy]);
  const { rows } = await sql.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where tablename in ('app_user', 'event') and indexname not in (select conname from pg_constraint)`,
  );
  for (const { name } of rows) await sql.query(`drop index ${name}`);
  await sql.query(
    `insert into account (id, tenant_id, external_id, policy)
     select 'acc_' || n, $1, 'account-' || n, case when n <= ${ownPolicies} then '{"lockout": {"free": 3}}'::jsonb else '{}' end
     from generate_series(1, ${accounts}) n`,
    [tenantId],
  );
  say(`Writing ${size} users …`);
  // One in ten without a second factor, one in a hundred a service user.
  await sql.query(
    `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed, two_factor_since)
     select 'usr_' || n, $1, 'acc_' || 1 + n % ${accounts}, 'user-' || n, case when n % 100 = 0 then 'service' else 'person' end,
       $3, $3, case when n % 10 > 0 then now() end
     from generate_series(1, $2::int) n`,
    [tenantId, size, sealed],
  );
  say(`Writing ${size} events …`);
  await sql.query(
    `insert into event (id, tenant_id, type, time, account_id, user_id, request_id, data)
     select 'evt_' || n, $1,
       case when n % 1000 = 0 then 'audit.read' else (array['challenge.created', 'challenge.approved', 'login.allowed', 'challenge.replayed'])[1 + n % 4] end,
       now() - n * interval '60 days' / $2, 'account-' || n % ${accounts}, 'user-' || n, 'req_' || n,
       case when n % 1000 = 0 then '{"apiKeyId": "key_1", "reads": 2, "events": 50, "personal": false}'::jsonb
         else jsonb_build_object('challengeId', 'chl_' || n, 'deviceId', 'dev_' || n % 5000, 'method', 'totp', 'purpose', 'login') end
     from generate_series(1, $2::int) n`,
    [tenantId, size],
  );
  say('Making the indexes …');
  for (const { definition } of rows) await sql.query(definition);
  await sql.query('vacuum analyze app_user, event, account');
}

const started = new Started();
try {
  const system = await openSystem(started, [], say);
  const { tenantId, apiKey } = await createOwner(system);
  await fill(system, tenantId);
  const { port } = await system.start('gateway');
  const times: number[] = [];
  const cpu = await cpuOfFamily(system.databasePid);
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/v1/compliance/report?profile=pci-dss`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    if (response.status !== 200) throw new Error(await response.text());
    await response.arrayBuffer();
    times.push(performance.now() - start);
    say(`${times.at(-1)?.toFixed(0)} ms`);
  }
  const used = ((await cpuOfFamily(system.databasePid)) - cpu) / 1000 / rounds;
  const sorted = times.toSorted((one, other) => one - other);
  process.stdout.write(
    `${size} users and events, load ${loadavg()[0]?.toFixed(1)}: ${sorted.map((ms) => ms.toFixed(0)).join(', ')} ms; PostgreSQL ${used.toFixed(0)} ms of CPU each\n`,
  );
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).stack}\n`);
  process.exitCode = 1;
} finally {
  await started.stop();
}
