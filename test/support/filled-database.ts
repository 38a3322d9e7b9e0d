import pg from 'pg';

/** Rows of a large installation. */
export interface Size {
  readonly accounts: number;
  readonly users: number;
  readonly events: number;
}

/** By this tenant, unless a column says otherwise. */
export const filledTenant = 'tnt_filled';

/** Told how far it is. */
type Say = (line: string) => void;

/** Indexes are built once all rows are there: kept up to date row by row they take four times as long. */
async function withoutIndexes(
  client: pg.Client,
  tables: readonly string[],
  fill: () => Promise<void>,
  say: Say = () => undefined,
): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select c.relname as name, pg_get_indexdef(c.oid) as definition
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
     where t.relnamespace = 'public'::regnamespace and t.relname = any ($1)
       and not exists (select from pg_constraint k where k.conindid = c.oid)`,
    [tables],
  );
  for (const { name } of rows) await client.query(`drop index "${name}"`);
  await fill();
  for (const { name, definition } of rows) {
    say(`index ${name}`);
    await client.query(definition);
  }
}

const series = (count: number, from = 1) => `generate_series(${from}, ${count}) n`;
/** So many rows at once, of tables that have many times as many: between them it is told how far it is. */
const batch = 1_000_000;
const batchesOf = (count: number) =>
  Array.from({ length: Math.ceil(count / batch) }, (_, index) =>
    series(Math.min(count, (index + 1) * batch), index * batch + 1),
  );
const id = (prefix: string, n = 'n') => `'${prefix}_' || lpad((${n})::text, 26, '0')`;
const userAmong = (users: number) => (n: string) => `((${n}) - 1) % ${users} + 1`;
const accountAmong = (accounts: number) => (user: string) => `((${user}) - 1) % ${accounts} + 1`;
const bytes = "decode(md5(n::text), 'hex')";
const before = `now() - interval '90 days' + n * interval '90 days' / `;

/** Events of all users in turn, and the log that they are sealed into. */
function eventTexts({ accounts, users, events }: Size, tenantId = filledTenant): string[] {
  const userOf = userAmong(users);
  const accountOf = accountAmong(accounts);
  return [
    // Sealed but for the last few, which the sealer has yet to read.
    ...batchesOf(events).map(
      (rows) => `insert into event (id, tx, tenant_id, type, time, account_id, user_id, user_ref, request_id, data)
     select ${id('evt')}, '3', '${tenantId}',
       case when n % 100000 = 0 then 'policy.changed' when n % 1000 = 0 then 'challenge.rejected'
         when n % 5 = 0 then 'device.verified' when n % 2 = 0 then 'challenge.created' else 'challenge.approved' end,
       ${before} ${events}, 'account-' || ${accountOf(userOf('n'))}, 'user-' || ${userOf('n')}, ${id('usr', userOf('n'))}, ${id('req', 'n / 2')},
       jsonb_build_object('deviceId', ${id('dev', userOf('n'))}, 'challengeId', ${id('chl', 'n / 5')})
     from ${rows}`,
    ),
    ...batchesOf(events - Math.min(100, events / 2)).map(
      (rows) => `insert into audit_entry (tenant_id, sequence, event_id, leaf_hash)
     select '${tenantId}', n, ${id('evt')}, ${bytes} from ${rows}`,
    ),
  ];
}

/** Fills a migrated database with events alone. */
export async function fillEvents(url: string, size: Size): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica; set maintenance_work_mem = '256MB'`);
    await client.query(`insert into tenant (id, name) values ('${filledTenant}', 'Filled'), ('tnt_small', 'Small')`);
    await withoutIndexes(client, ['event', 'audit_entry'], async () => {
      for (const text of eventTexts(size)) await client.query(text);
    });
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/**
 * Fills a migrated database, by SQL alone. What is sealed is some bytes: nobody opens it.
 *
 * Each user has one device and the same number of events; each device one delivery that has ended; a hundredth of the users
 * has something under way. What expires is there, and none of it is due.
 * @param how whose the rows are, made here unless it is there already; and who is told how far it is
 */
export async function fillDatabase(
  url: string,
  { accounts, users, events }: Size,
  { tenantId = filledTenant, say = () => undefined }: { readonly tenantId?: string; readonly say?: Say } = {},
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const accountOf = accountAmong(accounts);
  const few = Math.ceil(users / 100);
  try {
    // Foreign keys hold by the way the rows are made, and triggers have nothing to refuse.
    await client.query(`set session_replication_role = replica; set maintenance_work_mem = '256MB'`);
    await client.query(
      `insert into tenant (id, name) values ('${tenantId}', 'Filled'), ('tnt_small', 'Small') on conflict do nothing`,
    );
    const tables = ['account', 'app_user', 'device', 'delivery', 'event', 'audit_entry', 'challenge', 'recovery_code'];
    const fill = async () => {
      for (const text of [
        `insert into account (id, tenant_id, external_id, name)
         select ${id('acc')}, '${tenantId}', 'account-' || n, 'Account ' || n from ${series(accounts)}`,
        `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed,
           two_factor_since, enrolled_at)
         select ${id('usr')}, '${tenantId}', ${id('acc', accountOf('n'))}, 'user-' || n, case when n % 500 = 1 then 'service' else 'person' end, ${bytes}, ${bytes},
           case when n % 10 > 1 then now() end, case when n % 10 > 1 then now() end from ${series(users)}`,
        `insert into device (id, tenant_id, user_id, method, name, status, is_default, address_sealed, address_mac,
           quota_key, verified_at, enrolment_expires_at)
         select ${id('dev')}, '${tenantId}', ${id('usr')}, case when n % 2 = 0 then 'sms' else 'totp' end, 'Phone',
           case when n % 1000 = 0 then 'unverified' else 'verified' end, true, ${bytes}, ${bytes}, ${bytes}, now(), now() from ${series(users)}`,
        `insert into recovery_pool (user_id, set_id, codes_left) select ${id('usr')}, 'set', 2 from ${series(users)}`,
        `insert into recovery_code (user_id, mac, set_id)
         select ${id('usr')}, decode(md5(n::text || k), 'hex'), 'set' from ${series(users)}, generate_series(1, 2) k`,
        `insert into challenge (id, tenant_id, user_id, purpose, status, max_checks, place, created_at, expires_at)
         select ${id('chl')}, '${tenantId}', ${id('usr')}, 'login',
           case when n % 100 = 0 then 'pending' else 'approved' end, 5, ${bytes}, ${before} ${users},
           case when n % 100 = 0 then now() + interval '10 minutes' else ${before} ${users} end from ${series(users)}`,
        `insert into code (subject_id, device_id, id, expires_at)
         select ${id('chl', 'n * 2')}, ${id('dev', 'n * 2')}, ${id('cod')}, now() + interval '5 minutes' from ${series(few)}`,
        `insert into delivery (id, tenant_id, user_id, device_id, challenge_id, channel, kind, status, created_at, expires_at)
         select ${id('dlv')}, '${tenantId}', ${id('usr')}, ${id('dev')}, ${id('chl')}, 'sms', 'code',
           case when n % 1000 = 0 then 'failed' when n % 1000 = 1 then 'queued' when n % 3 = 0 then 'sent' else 'delivered' end,
           ${before} ${users}, ${before} ${users} from ${series(users)}`,
        `insert into delivery_attempt (delivery_id, number, provider, outcome)
         select ${id('dlv')}, 1, 'vonage', 'sent' from ${series(users)}`,
        `insert into lockout (id, tenant_id, user_id, subject, wrong_codes, locked_until, ended_at, end_reason)
         select ${id('lck')}, '${tenantId}', ${id('usr', 'n * 100')}, 'device', 5, now(), case when n % 10 > 0 then now() end, 'elapsed' from ${series(few)}`,
        `insert into trusted_browser (id, tenant_id, user_id, device_id, token_hash, created_at, expires_at)
         select ${id('tbr')}, '${tenantId}', ${id('usr', 'n * 100')}, ${id('dev', 'n * 100')}, ${bytes}, now(), now() + interval '30 days'
         from ${series(few)}`,
        `insert into webauthn_credential (device_id, tenant_id, credential_id, public_key, sign_count, transports,
           backup_eligible, backed_up, aaguid)
         select ${id('dev', 'n * 100')}, '${tenantId}', 'credential-' || n, ${bytes}, 0, '{}', false, false, 'aaguid' from ${series(few)}`,
        `insert into imported_seed (mac) select ${bytes} from ${series(users)}`,
        `insert into account_pattern_notice (user_id, noticed_at) select ${id('usr', 'n * 100')}, now() from ${series(few)}`,
        `insert into idempotent_answer (key, body_hash, answer_sealed, expires_at)
         select ${bytes}, ${bytes}, ${bytes}, now() + interval '1 day' from ${series(users)}`,
        `insert into used_proof (id, expires_at) select ${id('prf')}, now() + interval '5 minutes' from ${series(few)}`,
        `insert into send_window (key, starts_at, sent) select ${bytes}, date_trunc('day', now()), 1 from ${series(users)}`,
        `insert into send_pace (key, ready_at, hour_starts_at, hour_sent) select ${bytes}, now(), now(), 1 from ${series(users)}`,
        `insert into address_guess (key, wrong_codes) select ${bytes}, 1 from ${series(few)}`,
        `insert into sms_spend (tenant_id, day, part, messages, cost)
         select '${tenantId}', current_date - n, 0, 1, 0.05 from generate_series(1, 60) n`,
        ...eventTexts({ accounts, users, events }, tenantId),
        `insert into audit_checkpoint (tenant_id, size, signed_at, root, note)
         select '${tenantId}', n * 100, now(), ${bytes}, 'note' from ${series(Math.floor(events / 1000))}`,
        `insert into outbox (id, job, line, payload, published_at)
         select 'evt_' || lpad(n::text, 26, '0'), 'deliver-sms', '', jsonb_build_object('deliveryId', ${id('dlv')}), now()
         from ${series(few)}`,
      ]) {
        const rows = Number(/generate_series\(\d+, (\d+)\)/.exec(text)?.[1]);
        say(`table ${/insert into (\w+)/.exec(text)?.[1]}, up to ${rows.toLocaleString('en')} rows`);
        await client.query(text);
      }
      await client.query(
        `update audit_cursor set tx = '3', cluster = (select system_identifier::text from pg_control_system())`,
      );
    };
    await withoutIndexes(client, tables, fill, say);
    say('statistics');
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}
