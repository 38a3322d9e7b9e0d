import { traceSettingNames, type ProcessDescription } from '#runtime';

export const description = {
  name: 'webhook-worker',
  about: 'sends events to webhooks.',
  settings: [
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    'WEBHOOK_ALLOW_PRIVATE',
    'HOST',
    'HEALTH_PORT',
    'LOG_LEVEL',
    ...traceSettingNames,
  ],
  keys: ['webhook'],
} as const satisfies ProcessDescription;
