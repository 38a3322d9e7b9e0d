import { Injectable } from '@nestjs/common';
import { newId, Problem } from '#contracts';
import { Database, event, eventsParameter, type NewEvent } from '#persistence';
import { maskAddress } from '../codes/addresses.js';
import { eventsOf, type Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor } from '../http/schemas.js';
import { noSuch } from '../refusals/refusals.js';
import { WebhookContacts } from './webhook-contacts.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhookUrls } from './webhook-urls.js';
import {
  deleteWebhook,
  insertWebhook,
  lockTenant,
  lockWebhook,
  recordTest,
  rotateSecret,
  selectWebhook,
  selectWebhooks,
  updateWebhook,
  type WebhookRow,
} from './webhooks.sql.js';
import type { ChangeBody, CreateBody, CreatedAnswer, ListWebhooksQuery, WebhookAnswer } from './webhooks.schema.js';

/** Each is asked about for every event of its tenant. */
export const mostWebhooks = 50;

const hourMs = 3_600_000;

/** Endpoints of a tenant that are told of its events. */
@Injectable()
export class Webhooks {
  constructor(
    private readonly database: Database,
    private readonly secrets: WebhookSecrets,
    private readonly contacts: WebhookContacts,
    private readonly urls: WebhookUrls,
  ) {}

  /** @throws {Problem} `invalid_request`, `webhook_limit_reached` */
  async create(caller: Caller, body: CreateBody): Promise<CreatedAnswer> {
    const { tenantId } = caller;
    const webhookId = newId('webhook');
    const { description = null, types = null, accountId = null, contactEmail = null, contactLocale = null } = body;
    const contactSealed = this.contacts.seal(webhookId, contactEmail);
    const wanted = { url: this.urls.read(body.url), description, types, accountId, contactSealed, contactLocale };
    const { secret, sealed } = this.secrets.make(webhookId);
    const data = {
      webhookId,
      host: hostOf(wanted),
      ...(types && { types }),
      ...(accountId !== null && { ofAccount: accountId }),
    };
    const created = await this.database.transaction(async () => {
      await this.database.one(lockTenant, { tenantId });
      return this.database.one(insertWebhook, {
        ...wanted,
        webhookId,
        tenantId,
        secretSealed: sealed,
        limit: mostWebhooks,
        events: written(caller, event('webhook.created', data)),
      });
    });
    if (!created) {
      throw new Problem('webhook_limit_reached', { detail: `A tenant has at most ${mostWebhooks} webhooks.` });
    }
    return { ...this.shown(caller, created), secret };
  }

  /** In the order of their ids. */
  async list(caller: Caller, page: ListWebhooksQuery): Promise<{ data: WebhookAnswer[]; nextCursor: string | null }> {
    const after = decodeCursor(page.cursor) ?? '';
    const { tenantId } = caller;
    const rows = await this.database.query(selectWebhooks, { tenantId, after, limit: page.limit + 1 });
    const data = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? data.at(-1) : undefined;
    return { data: data.map((row) => this.shown(caller, row)), nextCursor: last ? encodeCursor(last.id) : null };
  }

  /** @throws {Problem} `not_found` */
  async get(caller: Caller, webhookId: string): Promise<WebhookAnswer> {
    return this.shown(caller, found(await this.database.one(selectWebhook, { webhookId, tenantId: caller.tenantId })));
  }

  /** @throws {Problem} `not_found`, `invalid_request` */
  async change(caller: Caller, webhookId: string, body: ChangeBody): Promise<WebhookAnswer> {
    const key = { webhookId, tenantId: caller.tenantId };
    const url = body.url === undefined ? {} : { url: this.urls.read(body.url) };
    return this.database.transaction(async () => {
      const row = found(await this.database.one(lockWebhook, key));
      const before = { ...row, contactEmail: this.contacts.open(webhookId, row.contactSealed) };
      const wanted = changed(before, { ...body, ...url });
      const names = changeable.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(wanted[name]));
      if (names.length === 0) return this.shown(caller, row);
      const { status } = wanted;
      const data = { webhookId, host: hostOf(wanted) };
      const events = [event('webhook.changed', { ...data, changed: names })];
      const disabledNow = names.includes('status') && status === 'disabled';
      if (disabledNow) events.push(event('webhook.disabled', { ...data, reason: 'manual' }));
      const after = await this.database.one(updateWebhook, {
        ...key,
        ...wanted,
        contactSealed: this.contacts.seal(webhookId, wanted.contactEmail),
        disabledReason: status === 'enabled' ? null : disabledNow ? 'manual' : before.disabledReason,
        events: written(caller, ...events),
      });
      return this.shown(caller, found(after));
    });
  }

  /** @throws {Problem} `not_found` */
  async delete(caller: Caller, webhookId: string): Promise<void> {
    const key = { webhookId, tenantId: caller.tenantId };
    await this.database.transaction(async () => {
      const host = hostOf(found(await this.database.one(lockWebhook, key)));
      const events = written(caller, event('webhook.deleted', { webhookId, host }));
      await this.database.one(deleteWebhook, { ...key, events });
    });
  }

  /**
   * Gives it a new secret; the old one signs beside it for some hours.
   * @throws {Problem} `not_found`
   */
  async rotate(caller: Caller, webhookId: string, overlapHours: number): Promise<CreatedAnswer> {
    const key = { webhookId, tenantId: caller.tenantId };
    return this.database.transaction(async () => {
      const host = hostOf(found(await this.database.one(lockWebhook, key)));
      const { secret, sealed } = this.secrets.make(webhookId);
      const previousUntil = overlapHours === 0 ? null : new Date(Date.now() + overlapHours * hourMs);
      const data = { webhookId, host, previousUntil: previousUntil?.toISOString() ?? null };
      const events = written(caller, event('webhook.secret_rotated', data));
      const row = await this.database.one(rotateSecret, { ...key, secretSealed: sealed, previousUntil, events });
      return { ...this.shown(caller, found(row)), secret };
    });
  }

  /**
   * Writes a test event, which is delivered to this endpoint once it is sealed.
   * @throws {Problem} `not_found`, `webhook_disabled`
   */
  async test(caller: Caller, webhookId: string): Promise<{ eventId: string }> {
    const key = { webhookId, tenantId: caller.tenantId };
    return this.database.transaction(async () => {
      const webhook = found(await this.database.one(lockWebhook, key));
      if (webhook.status === 'disabled') throw new Problem('webhook_disabled');
      const events = written(caller, event('webhook.tested', { webhookId, host: hostOf(webhook) }));
      const told = await this.database.one(recordTest, { ...key, events });
      return { eventId: told?.eventId ?? '' };
    });
  }

  /** The rest of an address may be a secret of the receiver: it is shown to those who may change it, and so is the contact. */
  private shown(caller: Caller, { contactSealed, ...row }: WebhookRow): WebhookAnswer {
    const isAdmin = caller.scopes.includes('admin');
    const contact = this.contacts.open(row.id, contactSealed);
    return {
      ...row,
      url: isAdmin ? row.url : new URL(row.url).origin,
      contactEmail: isAdmin || contact === null ? contact : maskAddress(contact),
      disabledAt: row.disabledAt?.toISOString() ?? null,
      failingSince: row.failingSince?.toISOString() ?? null,
      previousSecretUntil: row.previousSecretUntil?.toISOString() ?? null,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  }
}

const changeable = ['url', 'description', 'types', 'accountId', 'contactEmail', 'contactLocale', 'status'] as const;
type Changeable = Pick<WebhookRow & { readonly contactEmail: string | null }, (typeof changeable)[number]>;

/** What a webhook becomes: what a body leaves out stays. */
function changed(before: Changeable, body: ChangeBody): Changeable {
  const { url = before.url, description = before.description, types = before.types } = body;
  const { accountId = before.accountId, status = before.status } = body;
  const { contactEmail = before.contactEmail, contactLocale = before.contactLocale } = body;
  return { url, description, types, accountId, contactEmail, contactLocale, status };
}

const hostOf = ({ url }: { readonly url: string }) => new URL(url).host;

function written(caller: Caller, ...events: readonly NewEvent[]): string {
  return eventsParameter(eventsOf(caller), events);
}

/** @throws {Problem} `not_found` */
function found<Row extends object>(row: Row | undefined): Row {
  if (!row) throw noSuch('webhook');
  return row;
}
