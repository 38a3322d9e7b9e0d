import { appendEvents, noOutcomes, sql, statement } from '#persistence';

const columns = sql`
  w.id, w.url, w.description, w.types, w.account_id as "accountId",
  w.contact_sealed as "contactSealed", w.contact_locale as "contactLocale", w.status, w.disabled_reason as "disabledReason",
  w.disabled_at as "disabledAt", w.failing_since as "failingSince",
  case when w.previous_secret_until > now() then w.previous_secret_until end as "previousSecretUntil",
  w.created_at as "createdAt", w.updated_at as "updatedAt"`;

/** A webhook without its secrets. */
export interface WebhookRow {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly types: string[] | null;
  readonly accountId: string | null;
  readonly contactSealed: Buffer | null;
  readonly contactLocale: string | null;
  readonly status: 'enabled' | 'disabled';
  readonly disabledReason: 'manual' | 'gone' | 'failing' | null;
  readonly disabledAt: Date | null;
  readonly failingSince: Date | null;
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface OfTenant {
  readonly webhookId: string;
  readonly tenantId: string;
}

/** What a panel says of a webhook. */
interface Wanted {
  readonly url: string;
  readonly description: string | null;
  readonly types: readonly string[] | null;
  readonly accountId: string | null;
  readonly contactSealed: Buffer | null;
  readonly contactLocale: string | null;
}

// Whoever adds one waits here for whoever else does, or two could both be the last one of the limit.
export const lockTenant = statement<{ id: string }, { tenantId: string }>(
  'webhook.lock-tenant',
  ($) => sql`select id from tenant where id = ${$.tenantId} for no key update`,
);

export const insertWebhook = statement<
  WebhookRow,
  OfTenant & Wanted & { secretSealed: Buffer; limit: number; events: string }
>(
  'webhook.create',
  ($) => sql`with created as (
     insert into webhook (id, tenant_id, url, description, types, account_id, contact_sealed, contact_locale, secret_sealed)
     select ${$.webhookId}, ${$.tenantId}, ${$.url}, ${$.description}, ${$.types}, ${$.accountId}, ${$.contactSealed},
       ${$.contactLocale}, ${$.secretSealed}
     where (select count(*) from webhook where tenant_id = ${$.tenantId}) < ${$.limit}
     returning *
   ), guard as (select id, ${noOutcomes} from created), ${appendEvents($.events, 'guard')}
   select ${columns} from created w`,
);

export const selectWebhooks = statement<WebhookRow, { tenantId: string; after: string; limit: number }>(
  'webhook.list',
  ($) => sql`select ${columns} from webhook w
   where w.tenant_id = ${$.tenantId} and w.id > ${$.after} order by w.id limit ${$.limit}`,
);

const find = ($: { readonly webhookId: string; readonly tenantId: string }) =>
  sql`select ${columns} from webhook w where w.id = ${$.webhookId} and w.tenant_id = ${$.tenantId}`;

export const selectWebhook = statement<WebhookRow, OfTenant>('webhook.find', find);

export const lockWebhook = statement<WebhookRow, OfTenant>('webhook.lock', ($) => sql`${find($)} for no key update`);

// A delivery that is on its way is canceled by the worker that comes to it.
export const updateWebhook = statement<
  WebhookRow,
  OfTenant & Wanted & { status: string; disabledReason: string | null; events: string }
>(
  'webhook.change',
  ($) => sql`with changed as (
     update webhook set url = ${$.url}, description = ${$.description}, types = ${$.types}, account_id = ${$.accountId},
       contact_sealed = ${$.contactSealed}, contact_locale = ${$.contactLocale},
       status = ${$.status}, disabled_reason = ${$.disabledReason},
       disabled_at = case when ${$.status} = 'enabled' then null else coalesce(disabled_at, now()) end,
       -- Who enables it again gives it all the time that a new one has.
       failing_since = case when ${$.status} = 'enabled' and status <> 'enabled' then null else failing_since end,
       failed_at = case when ${$.status} = 'enabled' and status <> 'enabled' then null else failed_at end,
       failing_for = case when ${$.status} = 'enabled' and status <> 'enabled' then '0' else failing_for end,
       updated_at = now()
     where id = ${$.webhookId} and tenant_id = ${$.tenantId}
     returning *
   ), guard as (select id, ${noOutcomes} from changed), ${appendEvents($.events, 'guard')}
   select ${columns} from changed w`,
);

export const deleteWebhook = statement<{ id: string }, OfTenant & { events: string }>(
  'webhook.delete',
  ($) => sql`with deleted as (
     delete from webhook where id = ${$.webhookId} and tenant_id = ${$.tenantId} returning id
   ), guard as (select id, ${noOutcomes} from deleted), ${appendEvents($.events, 'guard')}
   select id from deleted`,
);

export const rotateSecret = statement<
  WebhookRow,
  OfTenant & { secretSealed: Buffer; previousUntil: Date | null; events: string }
>(
  'webhook.rotate-secret',
  ($) => sql`with rotated as (
     update webhook set secret_sealed = ${$.secretSealed},
       previous_secret_sealed = case when ${$.previousUntil}::timestamptz is not null then secret_sealed end,
       previous_secret_until = ${$.previousUntil},
       updated_at = now()
     where id = ${$.webhookId} and tenant_id = ${$.tenantId}
     returning *
   ), guard as (select id, ${noOutcomes} from rotated), ${appendEvents($.events, 'guard')}
   select ${columns} from rotated w`,
);

export const recordTest = statement<{ eventId: string }, OfTenant & { events: string }>(
  'webhook.test',
  ($) => sql`with found as (
     select id from webhook where id = ${$.webhookId} and tenant_id = ${$.tenantId} and status = 'enabled'
   ), guard as (select id, ${noOutcomes} from found), ${appendEvents($.events, 'guard')}
   select e.id as "eventId" from new_event e`,
);
