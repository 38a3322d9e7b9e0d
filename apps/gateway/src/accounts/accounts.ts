import { Injectable } from '@nestjs/common';
import { newId } from '#contracts';
import { Database, event, eventsParameter } from '#persistence';
import { z } from 'zod';
import { eventsOf, type Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, line, locale, time } from '../http/schemas.js';
import { noSuch } from '../refusals/refusals.js';
import { listAccounts, upsertAccount, type AccountRow } from './accounts.sql.js';

export const putAccountBody = z.strictObject({
  name: line(200).nullable().optional(),
  locale: locale.nullable().optional(),
});
export type PutAccount = z.infer<typeof putAccountBody>;

export const accountAnswer = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    locale: z.string().nullable(),
    createdAt: time,
  })
  .meta({ id: 'Account' });
export type AccountAnswer = z.infer<typeof accountAnswer>;

/** Customer accounts, by the panel's own ids. What an upsert leaves out stays as it is; null clears it. */
@Injectable()
export class Accounts {
  constructor(private readonly database: Database) {}

  async put(caller: Caller, accountId: string, body: PutAccount): Promise<AccountAnswer> {
    const context = { ...eventsOf(caller), accountId };
    const row = await this.database.one(upsertAccount, {
      id: newId('account'),
      tenantId: caller.tenantId,
      accountId,
      name: body.name ?? null,
      locale: body.locale ?? null,
      changesName: body.name !== undefined,
      changesLocale: body.locale !== undefined,
      events: eventsParameter(context, [
        event('account.created', {}, { when: 'created' }),
        event('account.changed', {}, { when: 'changed' }),
      ]),
    });
    if (!row) throw new Error('An upsert returned no row.');
    return accountOf(row);
  }

  /** @throws {Problem} `not_found` */
  async get(caller: Caller, accountId: string): Promise<AccountAnswer> {
    const { em, tables } = await this.database.orm();
    const row = await em().findOne(tables.Account, { tenant: caller.tenantId, externalId: accountId });
    if (!row) throw noSuch('account');
    return accountOf(row);
  }

  async list(caller: Caller, query: { cursor?: string | undefined; limit: number }) {
    const rows = await this.database.query(listAccounts, {
      tenantId: caller.tenantId,
      after: decodeCursor(query.cursor) ?? '',
      limit: query.limit + 1,
    });
    const page = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? page.at(-1) : undefined;
    return { data: page.map(accountOf), nextCursor: last ? encodeCursor(last.id) : null };
  }
}

function accountOf(row: AccountRow): AccountAnswer {
  return {
    id: row.externalId,
    name: row.name,
    locale: row.locale,
    createdAt: new Date(row.createdAt).toISOString(),
  };
}
