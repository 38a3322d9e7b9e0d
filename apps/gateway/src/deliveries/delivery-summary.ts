import { Injectable } from '@nestjs/common';
import { idTime, invalidRequest } from '#contracts';
import { Database } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { instant, inUtc, time } from '../http/schemas.js';
import { lookedAtMost, summarizeDeliveries, type SummaryRow } from './delivery-summary.sql.js';

const groups = ['channel', 'route', 'country', 'prefix'] as const;
type Group = (typeof groups)[number];

const dayMs = 86_400_000;
const longestDays = 31;
/** Ids have the time of the process that made them: it may differ from the database's by 15 s, and a transaction takes its time. */
const marginMs = 60_000;

const spread = z
  .object({ p50: z.int(), p95: z.int() })
  .nullable()
  .meta({ description: 'In ms: half took no longer than `p50`, 95 % no longer than `p95`. null where there is none' });
const count = z.int().min(0);

export const summaryAnswer = z
  .object({
    from: time.meta({ description: 'Beginning of the time that was counted' }),
    to: time,
    complete: z.boolean().meta({
      description: `false where more than ${lookedAtMost.toLocaleString('en')} messages were sent in this time: the latest are counted, and \`from\` says since when`,
    }),
    data: z.array(
      z.object({
        channel: z.enum(['sms', 'email']).nullable().meta({ description: 'null where not grouped by it' }),
        route: z.string().nullable().meta({ description: 'The provider. null where not grouped by it' }),
        country: z.string().nullable().meta({
          description: 'ISO 3166-1 alpha-2. null where not grouped by it, for e-mail, and for numbers of no country',
        }),
        prefix: z.string().nullable().meta({
          description: 'The first digits of the numbers. null where not grouped by it, and for e-mail',
        }),
        attempts: count,
        sent: count.meta({ description: 'Of the attempts, those that the provider accepted' }),
        delivered: count.meta({ description: 'Of the attempts, those with a receipt that says so' }),
        undelivered: count.meta({
          description: 'Of the attempts, those with a receipt that says that nothing arrived',
        }),
        codes: count.meta({ description: 'Of the attempts, those that carried a code, not a notice' }),
        converted: count.meta({
          description:
            'Of the codes, those that were entered. A code that was sent more than once counts for the last attempt before it was entered',
        }),
        rate: z.number().nullable().meta({ description: '`converted` by `codes`. null where there are none' }),
        cost: z
          .array(z.object({ currency: z.string().nullable(), amount: z.string() }))
          .meta({ description: 'As providers told, by currency. `currency` is null where the provider told none' }),
        toProviderMs: spread,
        toReceiptMs: spread,
        toEntryMs: spread,
      }),
    ),
  })
  .meta({ id: 'DeliverySummary' });

export const summaryQuery = z.strictObject({
  from: instant.optional().meta({ description: 'Default: a day before `to`' }),
  to: instant.optional().meta({ description: 'Default: now' }),
  groupBy: z
    .string()
    .max(100)
    .refine((text) => isGrouping(text.split(',')), `must be some of ${groups.join(', ')}, with commas between`)
    .default('channel,route,country')
    .meta({ description: `Some of ${groups.map((name) => `\`${name}\``).join(', ')}, with commas between` }),
});

function isGrouping(names: readonly string[]): names is Group[] {
  return new Set(names).size === names.length && names.every((name) => (groups as readonly string[]).includes(name));
}

/** What became of a tenant's messages, by the way they went. */
@Injectable()
export class DeliverySummary {
  constructor(private readonly database: Database) {}

  /** @throws {Problem} `invalid_request` where the time is empty, or longer than 31 days */
  async summarize({ tenantId, application }: Caller, query: z.infer<typeof summaryQuery>) {
    const to = query.to === undefined ? new Date().toISOString() : inUtc(query.to);
    const from =
      query.from === undefined ? new Date(Math.max(0, Date.parse(to) - dayMs)).toISOString() : inUtc(query.from);
    const [start, end] = [Date.parse(from), Date.parse(to)];
    if (start >= end) throw invalidRequest('/query/from', 'must be before `to`');
    if (end - start > longestDays * dayMs)
      throw invalidRequest('/query/from', `must be at most ${longestDays} days before \`to\``);
    const by = query.groupBy.split(',');
    const rows = await this.database.query(summarizeDeliveries, {
      tenantId,
      application,
      from,
      to,
      firstId: idTime('delivery', Math.max(0, start - marginMs)),
      lastId: idTime('delivery', end + marginMs),
      byChannel: by.includes('channel'),
      byRoute: by.includes('route'),
      byCountry: by.includes('country'),
      byPrefix: by.includes('prefix'),
    });
    const countedFrom = rows[0]?.countedFrom ?? null;
    return {
      from: new Date(countedFrom ?? from).toISOString(),
      to: new Date(to).toISOString(),
      complete: countedFrom === null,
      data: rows.map(view),
    };
  }
}

function view({ costs, toProvider, toReceipt, toEntry, countedFrom: _, ...row }: SummaryRow) {
  return {
    ...row,
    rate: row.codes === 0 ? null : Math.round((row.converted / row.codes) * 10_000) / 10_000,
    cost: costs.map(({ currency, amount }) => ({ currency, amount })),
    toProviderMs: spreadOf(toProvider),
    toReceiptMs: spreadOf(toReceipt),
    toEntryMs: spreadOf(toEntry),
  };
}

function spreadOf(values: SummaryRow['toEntry']) {
  const [p50, p95] = values ?? [];
  return typeof p50 === 'number' && typeof p95 === 'number' ? { p50: Math.round(p50), p95: Math.round(p95) } : null;
}
