import { traceSettingNames, type ProcessDescription } from '#runtime';

export const description = {
  name: 'email-worker',
  about: 'sends codes and notices by e-mail.',
  settings: [
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    'SMTP_URL',
    'MAIL_FROM',
    'ROUTE_LEARNING',
    'HOST',
    'HEALTH_PORT',
    'LOG_LEVEL',
    ...traceSettingNames,
  ],
  keys: ['sealing'],
} as const satisfies ProcessDescription;
