import { assertMigrated, type Database } from '#persistence';
import { isClockRight } from '#process';
import { reaching } from '#runtime';
import { look } from './doctor.sql.js';
import { fault, find, ok, warning, type Finding } from './finding.js';

/** The oldest one whose rights on the schema `public` are as the roles want them. */
const oldestServer = 150_000;

export async function checkDatabase(database: Database): Promise<Finding[]> {
  const seen = reaching('DATABASE_URL', database.one(look));
  // Each check below says it, or none is made.
  seen.catch(() => undefined);
  const answer = async () => {
    const found = await seen;
    if (!found) throw new TypeError('PostgreSQL answered without a row.');
    return found;
  };

  const reachable = await find('database', 'Start PostgreSQL, or correct DATABASE_URL.', async () => {
    const { version, versionNumber, name, readOnly } = await answer();
    const where = `PostgreSQL ${version}, database ${name}`;
    if (readOnly) return fault(`${where}: it accepts no writes`, 'Name the primary in DATABASE_URL, not a standby.');
    return versionNumber < oldestServer
      ? warning(where, 'Update PostgreSQL: 15 is the oldest that Sallyport is meant for.')
      : ok(`${where}, accepts writes`);
  });
  if (reachable.status === 'fault') return [reachable];

  return [
    reachable,
    await find('migrations', 'Run "npm run migrate" as the owner of the tables.', async () => {
      await assertMigrated(database);
      return ok('the tables are up to date');
    }),
    await find('clock', 'Synchronise the clocks of both machines (NTP).', async () => {
      const { now } = await answer();
      return isClockRight(now)
        ? ok("this machine's clock and PostgreSQL's agree")
        : fault(
            `this machine's clock and PostgreSQL's differ by ${Math.round(Math.abs(Date.now() - now.getTime()) / 1000)} s`,
            'Synchronise the clocks of both machines (NTP): gateways answer 503 until then.',
          );
    }),
  ];
}
