import type { PolicyOverride } from '#contracts';
import { sql, statement } from '#persistence';

/** A webhook that was disabled, and whoever is to be told. */
interface DisabledWebhook {
  readonly webhookId: string;
  readonly tenantId: string;
  readonly contactSealed: Buffer;
  readonly contactLocale: string | null;
  readonly tenantPolicy: PolicyOverride;
  readonly data: { readonly host: string; readonly reason: string };
}

// Not where it was enabled again meanwhile, or somebody disabled it on purpose.
export const readDisabledWebhook = statement<DisabledWebhook, { eventId: string }>(
  'read-disabled-webhook',
  ($) => sql`select w.id as "webhookId", w.tenant_id as "tenantId", w.contact_sealed as "contactSealed",
     w.contact_locale as "contactLocale", t.policy as "tenantPolicy", e.data
   from event e
   join webhook w on w.id = e.data ->> 'webhookId' and w.tenant_id = e.tenant_id
   join tenant t on t.id = w.tenant_id
   where e.id = ${$.eventId} and e.type = 'webhook.disabled' and e.data ->> 'reason' <> 'manual'
     and w.status = 'disabled' and w.contact_sealed is not null`,
);
