import { describe, expect, test } from '@jest/globals';
import { declaredStatements, grantRights, roles } from '#persistence';
import { declaration, readSources } from '../../support/sources.js';
import { admin, names, store } from '../../support/role-logins.js';

const workers = names.filter((name) => name !== 'sallyport_gateway');
const history = ['event', 'audit_entry', 'audit_checkpoint', 'audit_cosignature', 'audit_witnessed'];

/** Runs SQL as a role, and takes it back. @returns the SQLSTATE of the refusal, or null */
async function stateAs(role: string, sql: string): Promise<string | null> {
  await admin.query('begin');
  try {
    await admin.query(`set local role ${role}`);
    await admin.query(sql);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? 'none';
  } finally {
    await admin.query('rollback');
  }
}

const refused = '42501';

describe('what a role may', () => {
  /** Which processes run a statement: by the file that declares it. */
  function rolesOf(path: string): readonly string[] {
    const app = /^apps\/([a-z-]+)\//.exec(path)?.[1];
    if (app === 'standalone') return [];
    if (app !== undefined) return [`sallyport_${app.replaceAll('-', '_')}`];
    if (path.startsWith('libs/delivery/')) return ['sallyport_sms_worker', 'sallyport_email_worker'];
    return path.endsWith('/api-keys.sql.ts') ? ['sallyport_gateway'] : names;
  }

  /** Statements that processes share, but not all of them. */
  const runBy: Readonly<Record<string, readonly string[]>> = {
    'read-known-keys': names.filter((name) => name !== 'sallyport_relay'),
    'note-known-keys': ['sallyport_gateway', 'sallyport_audit_worker'],
    'read-sealing-key-in-use': ['sallyport_gateway'],
    'read-audit-hashes': ['sallyport_gateway', 'sallyport_audit_worker'],
    'age-of-unpublished-job': ['sallyport_gateway', 'sallyport_relay'],
    'read-queue-store': names.filter((name) => name !== 'sallyport_audit_worker'),
  };
  /** From the shell, by the owner. */
  const ofTheOwner = ['create-tenant', 'replace-known-keys', 'forget-known-keys'];

  test('is enough for every statement of its process', async () => {
    // A name may end in a part that is filled in.
    const declarations = readSources().flatMap(({ path, text }) =>
      [...text.matchAll(declaration)].map(([, name, start]) => ({
        path,
        matches: (other: string) => (name === undefined ? other.startsWith(start ?? ' ') : other === name),
      })),
    );
    const checked = new Set<string>();
    const lacking: string[] = [];
    for (const { name, text } of declaredStatements.values()) {
      const owners =
        runBy[name] ?? declarations.filter(({ matches }) => matches(name)).flatMap(({ path }) => rolesOf(path));
      if (ofTheOwner.includes(name)) continue;
      for (const role of owners) {
        checked.add(role);
        // Rights are looked at before anything is done, so a plan without values tells.
        const state = await stateAs(role, `explain (generic_plan) ${text}`);
        if (state !== null) lacking.push(`${role} ${name}: ${state}`);
      }
      if (owners.length === 0 && !/^test[.-]/.test(name)) lacking.push(`${name}: of no process`);
    }
    expect(lacking).toEqual([]);
    expect([...checked].toSorted()).toEqual(names.toSorted());
  });

  test('is what the catalogue lists, and nothing else', async () => {
    const found = await admin.query<{ line: string }>(
      `with role as (select oid, rolname from pg_roles where rolname = any ($1)),
       granted as (
         select x.grantee, c.relnamespace::regnamespace || '.' || c.relname || ' ' || lower(x.privilege_type) as line
         from pg_class c, aclexplode(c.relacl) x
         union all
         select x.grantee, c.relnamespace::regnamespace || '.' || c.relname || '.' || a.attname || ' ' || lower(x.privilege_type)
         from pg_attribute a join pg_class c on c.oid = a.attrelid, aclexplode(a.attacl) x
         union all
         select x.grantee, 'schema ' || n.nspname || ' ' || lower(x.privilege_type) from pg_namespace n, aclexplode(n.nspacl) x
         union all
         select x.grantee, 'function ' || f.proname from pg_proc f, aclexplode(f.proacl) x
         union all
         select x.grantee, 'database ' || d.datname from pg_database d, aclexplode(d.datacl) x
         union all
         select x.grantee, 'default' from pg_default_acl d, aclexplode(d.defaclacl) x
       )
       select r.rolname || ' ' || g.line as line from granted g join role r on r.oid = g.grantee
       union all
       select r.rolname || ' owns ' || c.relname from pg_class c join role r on r.oid = c.relowner
       union all
       select r.rolname || ' is in ' || m.roleid::regrole from pg_auth_members m join role r on r.oid = m.member
       union all
       select rolname || ' has an attribute' from pg_roles
       where rolname = any ($1)
         and (rolsuper or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication or rolbypassrls)`,
      [names],
    );
    const queueObjects = await admin.query<{ name: string; kind: string }>(
      `select relname as name, relkind as kind from pg_class
       where relnamespace = 'sallyport_queue'::regnamespace and relkind in ('r', 'p', 'v', 'S')`,
    );
    expect(queueObjects.rows.length).toBeGreaterThan(3);
    const wanted = names.flatMap((role) => {
      const tables = roles[role]?.tables ?? {};
      const ofTables = Object.entries(tables).flatMap(([table, rights]) =>
        Object.entries(rights).flatMap(([right, columns]) =>
          columns === true || columns === '*'
            ? [`${role} public.${table} ${right}`]
            : (columns as string).split(', ').map((column) => `${role} public.${table}.${column} ${right}`),
        ),
      );
      const ofQueues = queueObjects.rows.flatMap(({ name, kind }) =>
        (kind === 'S' ? ['usage'] : ['select', 'insert', 'update', 'delete']).map(
          (right) => `${role} sallyport_queue.${name} ${right}`,
        ),
      );
      const ofFunctions = (roles[role]?.functions ?? []).map((name) => `${role} function ${name}`);
      return [
        `${role} schema public usage`,
        ...ofTables,
        ...ofFunctions,
        `${role} schema sallyport_queue usage`,
        ...ofQueues,
      ];
    });
    const plain = (line: string) => line.replaceAll('"', '');
    expect(found.rows.map(({ line }) => plain(line)).toSorted()).toEqual(wanted.map(plain).toSorted());
  });

  test('never comes to a change of history', async () => {
    const first = {
      event: 'data',
      audit_entry: 'leaf_hash',
      audit_checkpoint: 'note',
      audit_cosignature: 'signature_lines',
      audit_witnessed: 'size',
    } as Record<string, string>;
    const open: string[] = [];
    for (const role of names) {
      for (const table of history) {
        const changes = [
          `update ${table} set ${first[table]} = ${first[table]}`,
          `delete from ${table}`,
          `truncate ${table}`,
          `alter table ${table} disable trigger all`,
          `drop trigger append_only on ${table}`,
        ];
        for (const sql of changes) {
          const state = await stateAs(role, sql);
          if (state !== refused) open.push(`${role}: ${sql}: ${state}`);
        }
      }
      const columns = `insert into event (id, tenant_id, type, data`;
      for (const sql of [
        `${columns}, time) values ('evt_past', 'tnt_1', 'user.erased', '{}', now() - interval '1 year')`,
        `${columns}, tx) values ('evt_past', 'tnt_1', 'user.erased', '{}', '0')`,
        `set session_replication_role = replica`,
      ]) {
        const state = await stateAs(role, sql);
        if (state !== refused) open.push(`${role}: ${sql}: ${state}`);
      }
    }
    expect(open).toEqual([]);
  });

  test("never comes to a worker's look at seeds, recovery codes, event keys, key hashes or stored answers", async () => {
    const secrets = [
      'select secret_sealed from device',
      'select * from device',
      'select event_key_sealed from app_user',
      'select * from app_user',
      'select mac from recovery_code',
      'select 1 from recovery_code',
      'select hash from api_key',
      'select answer_sealed from idempotent_answer',
      'select * from idempotent_answer',
      'update device set secret_sealed = null',
      'update api_key set hash = null',
    ];
    for (const role of workers) {
      for (const sql of secrets) {
        expect({ role, sql, state: await stateAs(role, sql) }).toEqual({ role, sql, state: refused });
      }
    }
    for (const sql of secrets.slice(0, 9)) expect(await stateAs('sallyport_gateway', sql)).toBeNull();
    expect(await stateAs('sallyport_gateway', 'update device set secret_sealed = null')).toBe(refused);
  });

  test('never comes to a table, a schema or a role of its own', async () => {
    for (const role of names) {
      for (const sql of [
        'create table own (id int)',
        'create table sallyport_queue.own (id int)',
        'create schema own',
        'create role own',
        'alter table device add column own int',
      ]) {
        expect({ role, sql, state: await stateAs(role, sql) }).toEqual({ role, sql, state: refused });
      }
    }
  });

  test('what was granted by hand is taken away by the next migration', async () => {
    const sql = 'update event set data = data';
    await admin.query('grant update, truncate on event to sallyport_gateway');
    await admin.query('grant select (secret_sealed) on device to sallyport_sms_worker');
    await admin.query('grant truncate on sallyport_queue.job to sallyport_audit_worker');
    expect(await stateAs('sallyport_sms_worker', 'select secret_sealed from device')).toBeNull();
    expect(await grantRights(store.url, store.url)).toEqual([]);
    expect(await stateAs('sallyport_gateway', sql)).toBe(refused);
    expect(await stateAs('sallyport_gateway', 'truncate event')).toBe(refused);
    expect(await stateAs('sallyport_sms_worker', 'select secret_sealed from device')).toBe(refused);
    expect(await stateAs('sallyport_audit_worker', 'truncate sallyport_queue.job')).toBe(refused);
  });
});

test('the sessions of each role are bounded, and no kind of process gets all connections', async () => {
  const found = await admin.query<{ role: string; settings: string[]; connections: number; most: number }>(
    `select r.rolname as role, s.setconfig as settings, r.rolconnlimit as connections,
       current_setting('max_connections')::int as most
     from pg_roles r left join pg_db_role_setting s on s.setrole = r.oid
       and s.setdatabase = (select oid from pg_database where datname = $2)
     where r.rolname = any ($1) order by r.rolname`,
    [names, process.env['SALLYPORT_TEST_TEMPLATE'] ?? 'sallyport_template'],
  );
  expect(found.rows.map(({ role }) => role)).toEqual(names.toSorted());
  for (const { settings, connections, most } of found.rows) {
    expect(settings).toEqual(
      expect.arrayContaining([
        'lock_timeout=2000',
        'idle_in_transaction_session_timeout=5000',
        'statement_timeout=30000',
        'tcp_keepalives_idle=10',
      ]),
    );
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThan(most);
  }
  // What an operator has chosen stays.
  await admin.query('alter role sallyport_relay connection limit 7');
  await grantRights(store.url, store.url);
  const relay = await admin.query(`select rolconnlimit from pg_roles where rolname = 'sallyport_relay'`);
  await admin.query('alter role sallyport_relay connection limit -1');
  await grantRights(store.url, store.url);
  expect(relay.rows).toEqual([{ rolconnlimit: 7 }]);
});

test.each(history)('the owner too is refused a change of %s, in words', async (table) => {
  const columns = await admin.query<{ name: string }>(
    `select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1 limit 1`,
    [table],
  );
  const column = columns.rows[0]?.name ?? '';
  // What is pruned may go, so that it takes one that is not.
  await admin.query(
    `insert into event (id, tenant_id, type, data) values ('evt_' || $1, 'tnt_1', 'user.created', '{}')`,
    [table],
  );
  for (const [operation, sql] of [
    ['UPDATE', `update ${table} set ${column} = ${column}`],
    ['DELETE', `delete from ${table}`],
    ['TRUNCATE', `truncate ${table}`],
  ] as const) {
    await expect(admin.query(sql)).rejects.toThrow(`The table "${table}" is append-only: ${operation} is refused.`);
  }
});
