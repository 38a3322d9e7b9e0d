import { migrate } from '#persistence';
import { fillDatabase } from '../../test/support/filled-database.ts';
import type { ScenarioName } from '../catalogue.ts';
import { Rig, type Scenario } from '../rig.ts';
import { seed } from '../seed.ts';
import { challengeScenarios } from './challenges.ts';
import { Checks } from './checks.ts';

/** What it takes with its indexes, in bytes, by what there is of it. */
export interface Bytes {
  readonly event: number;
  readonly auditEntry: number;
}

/** Another database of the same server, whose tables are full, and a gateway of its own. */
export async function bigScenarios(
  small: Rig,
  say: (line: string) => void,
): Promise<{ scenarios: [ScenarioName, Scenario][]; bytes: Bytes }> {
  const { system, options } = small;
  const { devices, events } = options.filled;
  say(`Filling a second database: ${devices.toLocaleString('en')} devices, ${events.toLocaleString('en')} events …`);
  const { databaseUrl, sql } = await system.newDatabase('large');
  await migrate(databaseUrl);
  const seeded = await seed({ sql, databaseUrl, keyFile: system.keyFile }, options.users);
  // It notes the keys while every sealed value is one of theirs.
  await (await system.start('gateway', { DATABASE_URL: databaseUrl })).stop();
  const size = { accounts: Math.ceil(devices / 10), users: devices, events };
  await fillDatabase(databaseUrl, size, { tenantId: seeded.tenantId, say: (line) => say(`  ${line}`) });
  const bytesOf = async (table: string, rows: number) =>
    Number((await sql.query(`select pg_total_relation_size($1) as n`, [table])).rows[0]?.n) / rows;
  const bytes = { event: await bytesOf('event', events), auditEntry: await bytesOf('audit_entry', events) };
  say(
    `Filled: ${Math.round(bytes.event)} bytes an event with its indexes, ${Math.round(bytes.auditEntry)} in the log.`,
  );

  const gateway = await system.start('gateway', { DATABASE_URL: databaseUrl });
  const rig = new Rig(system, { sql, databaseUrl, seeded, gateway, filled: true }, options, {});
  const all = [...new Checks(rig).all(), ...challengeScenarios(rig)];
  const big = {
    verify: 'verify-big',
    decision: 'decision-big',
    'challenge-sms': 'challenge-sms-big',
    'recovery-code': 'recovery-code-big',
  } as const;
  const scenarios = Object.entries(big).flatMap(([name, named]) =>
    all.flatMap(([each, scenario]): [ScenarioName, Scenario][] => (each === name ? [[named, scenario]] : [])),
  );
  return { scenarios, bytes };
}
