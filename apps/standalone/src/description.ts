import { smsSettings } from '../../sms-worker/src/description.js';
import { providerNeeds } from '../../sms-worker/src/sms-routes.js';
import { isGiven, traceSettingNames, type ProcessDescription, type SettingName } from '#runtime';

/** None of its settings is needed; a provider that is configured by half is refused. */
export const description = {
  name: 'sallyport',
  about: 'everything in one process: PostgreSQL, queues, gateway, relay, workers, a panel and an inbox to try it with.',
  settings: [
    'PORT',
    'HOST',
    'SALLYPORT_DATA_DIR',
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    'SMTP_URL',
    'MAIL_FROM',
    ...smsSettings,
    'PANEL_PORT',
    'INBOX_PORT',
    'METRICS_PORT',
    'METRICS_HOST',
    'AUDIT_ORIGIN',
    'AUDIT_STATE_DIR',
    'AUDIT_WITNESSES',
    'AUDIT_WITNESS_QUORUM',
    'AUDIT_COLLECTORS',
    'VONAGE_SIGNATURE_SECRET',
    'VONAGE_SIGNATURE_METHOD',
    'WEBHOOK_ALLOW_PRIVATE',
    'LOG_LEVEL',
    ...traceSettingNames,
  ],
  keys: ['sealing', 'webhook', 'pepper', 'proof', 'checkpoint'],
} as const satisfies ProcessDescription;

/** Who sets one of a provider's settings means all of them. */
export function isNeeded(name: SettingName): boolean {
  if (name === 'MAIL_FROM') return isGiven('SMTP_URL');
  return providerNeeds(name);
}
