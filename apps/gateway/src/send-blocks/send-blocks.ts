import { Injectable } from '@nestjs/common';
import { Problem, sendingRules, type SendingRule } from '#contracts';
import { appendEvents, Database, event, eventsParameter, statement } from '#persistence';
import { z } from 'zod';
import { eventsOf, type Caller } from '../http/caller.js';
import { time } from '../http/schemas.js';

export const sendBlockAnswer = z
  .object({
    id: z.string().meta({ description: 'Id, `sbl_…`' }),
    rule: z.enum(sendingRules),
    about: z.string().nullable().meta({
      description:
        "What the rule counts: an account or a user, by the panel's own ids; the first digits of phone numbers; or a mail domain. Null for the whole tenant",
    }),
    startedAt: time,
    endsAt: time,
    refused: z.int().meta({ description: 'Number of codes that were not sent' }),
    liftedAt: time.nullable(),
  })
  .meta({ id: 'SendBlock' });
export type SendBlockAnswer = z.infer<typeof sendBlockAnswer>;

const idPrefix = 'sbl_';

/** Windows that last: those of an hour, and of the rules that go by the day. */
const lasting = `
  q.tenant_id = $1 and q.blocked_at is not null
  and q.starts_at = case when q.rule in ('number_kind', 'spend') then date_trunc('day', now(), 'UTC')
    else date_trunc('hour', now()) end`;

const selectBlocks = statement(
  'send-block.list',
  `select '${idPrefix}' || encode(q.key, 'hex') as id, q.rule, q.label as about, q.blocked_at as "startedAt",
     q.starts_at + case when q.rule in ('number_kind', 'spend') then interval '1 day' else interval '1 hour' end
       as "endsAt",
     q.refused, q.lifted_at as "liftedAt"
   from send_window q where ${lasting} order by q.blocked_at desc limit 500`,
);

const liftBlock = statement(
  'send-block.lift',
  `with lifted as (
     update send_window q set lifted_at = now()
     where ${lasting} and q.key = decode($2, 'hex') and q.lifted_at is null
     returning q.rule
   ),
   guard as (
     select array[]::text[] as outcomes, jsonb_build_object('send_block.lifted', jsonb_build_object('rule', rule)) as patch
     from lifted
   ), ${appendEvents('$3', 'guard')}
   select rule from lifted`,
);

/** What the SMS pumping guard blocks now, so that an administrator can check it. */
@Injectable()
export class SendBlocks {
  constructor(private readonly database: Database) {}

  /** The latest first. */
  async list(caller: Caller): Promise<SendBlockAnswer[]> {
    const rows = await this.database.query<{
      id: string;
      rule: SendingRule;
      about: string | null;
      startedAt: Date;
      endsAt: Date;
      refused: number;
      liftedAt: Date | null;
    }>(selectBlocks, [caller.tenantId]);
    return rows.map((row) => ({
      ...row,
      startedAt: row.startedAt.toISOString(),
      endsAt: row.endsAt.toISOString(),
      liftedAt: row.liftedAt?.toISOString() ?? null,
    }));
  }

  /** Lets codes pass until the block would have ended by itself. */
  async lift(caller: Caller, blockId: string): Promise<void> {
    const key = blockId.startsWith(idPrefix) ? blockId.slice(idPrefix.length) : '';
    const { tenantId } = caller;
    const events = eventsParameter(eventsOf(caller), [event('send_block.lifted', { blockId })]);
    const known = /^[0-9a-f]{64}$/.test(key);
    if (!known || !(await this.database.one(liftBlock, [tenantId, key, events]))) {
      throw new Problem('not_found', { detail: 'There is no such block, or it has already been lifted.' });
    }
  }
}
