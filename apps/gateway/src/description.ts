import { traceSettingNames, type ProcessDescription } from '#runtime';

export const description = {
  name: 'gateway',
  about: 'the HTTP API: answers panels and writes state and events in one transaction.',
  settings: [
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    'PORT',
    'HOST',
    'METRICS_PORT',
    'METRICS_HOST',
    'SHUTDOWN_DELAY_SECONDS',
    'VONAGE_SIGNATURE_SECRET',
    'VONAGE_SIGNATURE_METHOD',
    'SMS_HTTP_SECRET',
    'TWILIO_AUTH_TOKEN',
    'PUBLIC_URL',
    'WEBHOOK_ALLOW_PRIVATE',
    'LOG_LEVEL',
    ...traceSettingNames,
  ],
  keys: ['sealing', 'webhook', 'pepper', 'proof'],
} as const satisfies ProcessDescription;
