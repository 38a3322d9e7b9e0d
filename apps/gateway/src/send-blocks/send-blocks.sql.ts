import type { SendingRule } from '#contracts';
import { appendEvents, sql, statement } from '#persistence';

export const idPrefix = 'sbl_';

/** Windows that last: those of an hour, and of the rules that go by the day. */
const lasting = (tenantId: string) => sql`
  q.tenant_id = ${tenantId} and q.blocked_at is not null
  and q.starts_at = case when q.rule in ('number_kind', 'spend') then date_trunc('day', now(), 'UTC')
    else date_trunc('hour', now()) end`;

interface BlockRow {
  readonly id: string;
  readonly rule: SendingRule;
  readonly about: string | null;
  readonly startedAt: Date;
  readonly endsAt: Date;
  readonly refused: number;
  readonly liftedAt: Date | null;
}

export const selectBlocks = statement<BlockRow, { tenantId: string }>(
  'send-block.list',
  ($) => sql`select '${idPrefix}' || encode(q.key, 'hex') as id, q.rule, q.label as about, q.blocked_at as "startedAt",
     q.starts_at + case when q.rule in ('number_kind', 'spend') then interval '1 day' else interval '1 hour' end
       as "endsAt",
     q.refused, q.lifted_at as "liftedAt"
   from send_window q where ${lasting($.tenantId)} order by q.blocked_at desc limit 500`,
);

export const liftBlock = statement<{ rule: string }, { tenantId: string; key: string; events: string }>(
  'send-block.lift',
  ($) => sql`with lifted as (
     update send_window q set lifted_at = now()
     where ${lasting($.tenantId)} and q.key = decode(${$.key}, 'hex') and q.lifted_at is null
     returning q.rule
   ),
   guard as (
     select array[]::text[] as outcomes, jsonb_build_object('send_block.lifted', jsonb_build_object('rule', rule)) as patch
     from lifted
   ), ${appendEvents($.events, 'guard')}
   select rule from lifted`,
);
