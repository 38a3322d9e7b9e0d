import { newId } from '#contracts';
import { sealAsIs, sql, store } from './signed-log.js';
import { tamper } from './tamper.js';

/** Events of long ago, as they would be in a log by now. */

/** Writes events that are so many days old, and seals them. */
export async function happenedAgo(days: number, count: number, tenantId = 'tnt_1'): Promise<void> {
  await tamper(
    store.url,
    `insert into event (id, tenant_id, type, "time", account_id, user_id, user_ref, data)
     select id, $2, 'challenge.approved', now() - make_interval(days => $3) + n * interval '1 millisecond', 'account-1', 'user-1',
       'usr_1', jsonb_build_object('n', n)
     from unnest($1::text[]) with ordinality as e(id, n)`,
    [Array.from({ length: count }, () => newId('event')), tenantId, days],
  );
  await sealAsIs();
}

export const keepFor = (days: number | null, atLeast = 0, tenantId = 'tnt_1') =>
  sql(
    `update tenant set policy = jsonb_build_object('audit',
       jsonb_build_object('retentionDays', $2::int, 'retentionAtLeastDays', $3::int)) where id = $1`,
    [tenantId, days, atLeast],
  );

/** As an audit worker does once enough witnesses have signed the newest checkpoint. */
export const markWitnessed = (tenantId = 'tnt_1') =>
  sql(
    `insert into audit_witnessed (tenant_id, size, signed_at)
     select tenant_id, size, signed_at from audit_checkpoint where tenant_id = $1 order by size desc, signed_at desc limit 1
     on conflict do nothing`,
    [tenantId],
  );

export async function prunedUpTo(tenantId = 'tnt_1'): Promise<number> {
  const [row] = await sql('select size::int as size from audit_pruned where tenant_id = $1', [tenantId]);
  return Number(row?.['size'] ?? 0);
}

/** Sequences whose event is there. */
export async function eventsLeft(tenantId = 'tnt_1'): Promise<number[]> {
  const rows = await sql(
    `select n.sequence::int as sequence from audit_entry n join event e on e.id = n.event_id
     where n.tenant_id = $1 order by n.sequence`,
    [tenantId],
  );
  return rows.map(({ sequence }) => Number(sequence));
}
