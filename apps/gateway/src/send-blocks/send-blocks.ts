import { Injectable } from '@nestjs/common';
import { Problem, sendingRules } from '#contracts';
import { Database, event, eventsParameter } from '#persistence';
import { z } from 'zod';
import { idPrefix, liftBlock, selectBlocks } from './send-blocks.sql.js';
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

/** What the SMS pumping guard blocks now, so that an administrator can check it. */
@Injectable()
export class SendBlocks {
  constructor(private readonly database: Database) {}

  /** The latest first. */
  async list(caller: Caller): Promise<SendBlockAnswer[]> {
    const rows = await this.database.query(selectBlocks, { tenantId: caller.tenantId });
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
    if (!known || !(await this.database.one(liftBlock, { tenantId, key, events }))) {
      throw new Problem('not_found', { detail: 'There is no such block, or it has already been lifted.' });
    }
  }
}
