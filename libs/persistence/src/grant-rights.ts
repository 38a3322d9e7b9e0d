import type { Client } from 'pg';
import { alone, connect } from './migrate.js';
import { eventsOfAddresses, type RoleRights } from './role-rights.js';
import { roles } from './roles.js';
import { processBounds, sessionSettings } from './session-bounds.js';

const names = Object.keys(roles);

/** Functions that only who is named may call. */
const functions = Object.values(roles).flatMap(({ functions: callable = [] }) => callable);

/** Where BullMQ's tables are. */
const queueSchema = 'sallyport_queue';

/** Times that a grant is tried which met another change of the same row of the catalogue. */
const tries = 5;

/**
 * Creates the roles that are missing (without login) and gives each the rights of the catalogue, taking those that it
 * no longer lists. Roles are the cluster's, rights the database's. Safe when several start at once.
 *
 * @param queueUrl where the queues are; anything but PostgreSQL has no roles of ours
 * @returns what could not be done for want of rights, one line each, with what mends it
 */
export async function grantRights(url: string, queueUrl: string): Promise<string[]> {
  const notes = await grantAt(url, tableStatements);
  if (/^postgres(ql)?:/.test(queueUrl)) notes.push(...(await grantAt(queueUrl, queueStatements)));
  return [...new Set(notes)];
}

type StatementsFor = (client: Client, present: readonly string[]) => Promise<string[]>;

function grantAt(url: string, statements: StatementsFor): Promise<string[]> {
  return alone(url, async () => {
    const client = await connect(url);
    try {
      return await grant(client, statements);
    } finally {
      await client.end();
    }
  });
}

async function grant(client: Client, statements: StatementsFor): Promise<string[]> {
  const missing = await createRoles(client);
  const present = names.filter((name) => !missing.includes(name));
  const notes =
    missing.length === 0
      ? []
      : [
          `This user may not create the roles that are missing. Someone with CREATEROLE can: ${missing.map((name) => `create role ${name} nologin;`).join(' ')} Then run "npm run migrate" again.`,
        ];
  if (present.length === 0) return notes;
  for (let left = tries - 1; ; left -= 1) {
    try {
      // Sent as one text, they are one transaction: nobody is without rights in between.
      await client.query((await statements(client, present)).join(';\n'));
      await boundSessions(client, present);
      return notes;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code === '42501') {
        return [...notes, `Rights were not granted: ${message}. Run "npm run migrate" as the owner of the tables.`];
      }
      if (left === 0 || !isCollision(code, message)) throw error;
    }
  }
}

/** Two who change the same row of a system catalogue at once: PostgreSQL refuses one of them instead of making it wait. */
function isCollision(code: string | undefined, message: string): boolean {
  return code === '40P01' || (code === 'XX000' && message.includes('tuple concurrently'));
}

/** @returns the roles that are missing and may not be created */
async function createRoles(client: Client): Promise<string[]> {
  const found = await client.query<{ name: string }>('select rolname as name from pg_roles where rolname = any ($1)', [
    names,
  ]);
  const missing: string[] = [];
  for (const name of names.filter((each) => !found.rows.some((row) => row.name === each))) {
    try {
      await client.query(`create role ${name} nologin`);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === '42501') missing.push(name);
      // Another database of this cluster is being migrated, and came first: duplicate_object, unique_violation.
      else if (code !== '42710' && code !== '23505') throw error;
    }
  }
  return missing;
}

async function tableStatements(client: Client, present: readonly string[]): Promise<string[]> {
  const everyone = present.join(', ');
  const own = await client.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') and pg_has_role(relowner, 'USAGE')`,
  );
  return [
    `revoke all on schema public from ${everyone}`,
    `grant usage on schema public to ${everyone}`,
    // This takes the rights on columns too.
    ...own.rows.map(({ name }) => `revoke all on table ${name} from ${everyone}`),
    ...functions.map((name) => `revoke all on function ${name} from public, ${everyone}`),
    ...present.flatMap((role) => grants(role, roles[role] as RoleRights)),
    ...(await policyStatements(client, present)),
  ];
}

function grants(role: string, { tables, functions: callable = [] }: RoleRights): string[] {
  const onTables = Object.entries(tables).map(([table, rights]) => {
    const list = Object.entries(rights).map(([right, columns]) =>
      columns === true || columns === '*' ? right : `${right} (${columns})`,
    );
    return `grant ${list.join(', ')} on table ${table} to ${role}`;
  });
  return [...onTables, ...callable.map((name) => `grant execute on function ${name} to ${role}`)];
}

interface Policy {
  readonly table: string;
  readonly name: string;
  /** All that follows its table. */
  readonly text: string;
}

/**
 * What a role may write into the tables that all of them write into, by row. Reading, changing and deleting are left to
 * the rights on tables and columns. The owner of the tables is not bound.
 */
function policiesOf(present: readonly string[]): Policy[] {
  const open = (table: string, ...commands: string[]) =>
    commands.map((command) => ({
      table,
      name: `rights_alone_${command}`,
      // Constant, so that it is no barrier to any index.
      text: `for ${command} using (true)`,
    }));
  const own = (table: string, role: string, check: string) => ({
    table,
    name: `own_of_${role}`,
    text: `for insert to ${role} with check (${check})`,
  });
  return [
    ...open('event', 'select'),
    ...open('outbox', 'select', 'update', 'delete'),
    ...present.flatMap((role) => {
      const { events, eventsOfUsers, jobs } = roles[role] as RoleRights;
      const any = among('type', events);
      // Not even named where it is not needed: PostgreSQL would ask for rights on its tables.
      const types = eventsOfUsers.length === 0 ? any : `${any} or (${among('type', eventsOfUsers)} and ${ofItsUser})`;
      return [own('event', role, `(${types}) and ${isSound}`), own('outbox', role, among('job', jobs))];
    }),
  ];
}

const among = (column: string, names: readonly string[]) =>
  `${column} = any (array[${names.map((name) => `'${name}'`).join(', ')}]::text[])`;

const ofItsUser = `personal_sealed is null and (concat(user_ref, user_id, account_id) = '' and ${among('type', eventsOfAddresses)} or exists (
  select from app_user u join account a on a.id = u.account_id
  where u.id = event.user_ref and u.tenant_id = event.tenant_id
    and u.external_id = event.user_id and a.external_id = event.account_id))`;

/**
 * An event that the sealer can take with thousands of others. A policy, and no constraint of the table: PostgreSQL makes
 * a constraint's plan anew for each statement, which was a third of what it takes to write an event (45 of 150 µs).
 */
const isSound = `jsonb_typeof(data) = 'object' and octet_length(data::text) <= 262144
  and coalesce(octet_length(personal_sealed), 0) <= 65536
  and octet_length(concat(id, tenant_id, type, account_id, user_id, user_ref, request_id)) <= 8192 and isfinite(time)`;

/**
 * Empty where the policies are there already: creating one takes a lock that waits for every transaction on the table, and
 * lets nobody pass in the meantime. The text that a policy was made from is in its comment, since PostgreSQL returns it
 * rewritten.
 */
async function policyStatements(client: Client, present: readonly string[]): Promise<string[]> {
  const wanted = policiesOf(present);
  const tables = [...new Set(wanted.map(({ table }) => table))];
  const found = await client.query<Policy>(
    `select c.relname as "table", p.polname as name, obj_description(p.oid, 'pg_policy') as text
     from pg_policy p join pg_class c on c.oid = p.polrelid
     where c.relnamespace = 'public'::regnamespace and c.relname = any ($1) and c.relrowsecurity`,
    [tables],
  );
  const line = ({ table, name, text }: Policy) => `${table} ${name} ${text}`;
  const known = new Set(found.rows.map(line));
  if (known.size === wanted.length && wanted.every((policy) => known.has(line(policy)))) return [];
  const old = await client.query<{ table: string; name: string }>(
    `select tablename as "table", policyname as name from pg_policies where schemaname = 'public' and tablename = any ($1)`,
    [tables],
  );
  return [
    ...old.rows.map(({ table, name }) => `drop policy ${client.escapeIdentifier(name)} on ${table}`),
    ...tables.map((table) => `alter table ${table} enable row level security`),
    ...wanted.flatMap(({ table, name, text }) => [
      `create policy ${name} on ${table} ${text}`,
      `comment on policy ${name} on ${table} is ${client.escapeLiteral(text)}`,
    ]),
  ];
}

/** Share of the server's connections that one kind of process may have, so that none of them takes all. */
const connectionShares: Readonly<Record<string, number>> = { sallyport_gateway: 0.6 };
const usualShare = 0.4;

/**
 * What bounds the sessions of each role in this database, whoever opens them; the processes set the same for themselves, since
 * a login that is only a member of a role inherits no settings. A limit of connections that somebody has set stays. Without the
 * right to change roles nothing is changed: an owner of the tables alone has none.
 */
async function boundSessions(client: Client, present: readonly string[]): Promise<void> {
  const settings = Object.entries(sessionSettings(processBounds));
  try {
    const unlimited = await client.query<{ name: string; connections: number }>(
      `select rolname as name, current_setting('max_connections')::int as connections
       from pg_roles where rolname = any ($1) and rolconnlimit = -1`,
      [present],
    );
    const database = client.escapeIdentifier(client.database ?? '');
    await client.query(
      [
        ...present.flatMap((role) =>
          settings.map(([name, value]) => `alter role ${role} in database ${database} set ${name} = ${value}`),
        ),
        ...unlimited.rows.map(
          ({ name, connections }) =>
            `alter role ${name} connection limit ${Math.floor(connections * (connectionShares[name] ?? usualShare))}`,
        ),
      ].join(';\n'),
    );
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
  }
}

/** The tables are BullMQ's own, and change with it: whoever works with queues, as all do, gets the rows of all of them. */
async function queueStatements(_: Client, present: readonly string[]): Promise<string[]> {
  const users = present.join(', ');
  const all = (kind: string) => `all ${kind} in schema ${queueSchema}`;
  return [
    `revoke all on schema ${queueSchema} from ${users}`,
    `revoke all on ${all('tables')} from ${users}`,
    `revoke all on ${all('sequences')} from ${users}`,
    `grant usage on schema ${queueSchema} to ${users}`,
    `grant select, insert, update, delete on ${all('tables')} to ${users}`,
    `grant usage on ${all('sequences')} to ${users}`,
  ];
}
