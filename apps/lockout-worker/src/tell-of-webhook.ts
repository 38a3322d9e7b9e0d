import { resolvePolicy, type JobPayload } from '#contracts';
import { sealNotice } from '#delivery';
import { takeJob } from './take-job.js';
import { readDisabledWebhook } from './tell-of-webhook.sql.js';
import { shareOf, type NoticeParts } from './write-notice.js';
import { insertNotices } from './write-notice.sql.js';

/** Mails whoever looks after a webhook once that it was disabled. They are no user: no account's policy says anything of it. */
export async function tellOfWebhook(parts: NoticeParts, payload: JobPayload<'tell-of-webhook'>): Promise<void> {
  const { database, sealer } = parts;
  await database.transaction(async () => {
    if (!(await takeJob(database, payload.eventId))) return;
    const webhook = await database.one(readDisabledWebhook, { eventId: payload.eventId });
    if (!webhook) return;
    const { webhookId, tenantId, contactSealed, contactLocale, tenantPolicy, data } = webhook;
    const to = sealer.openText('webhook-contact', webhookId, contactSealed);
    // An address can be named for any number of webhooks: it gets no more mails than that of a user.
    const share = await shareOf(parts, tenantId, to);
    if (share === null || share.at !== null) return;
    const { effective } = resolvePolicy(tenantPolicy);
    const sealed = sealNotice(sealer, effective, {
      tenantId,
      userRef: null,
      locale: contactLocale ?? 'en',
      deviceId: null,
      requestId: payload.requestId ?? null,
      at: null,
      to,
      notice: 'webhook_disabled',
      facts: { webhookId, host: data.host, reason: data.reason },
    });
    await database.query(insertNotices, { notices: JSON.stringify([sealed]) });
  });
}
