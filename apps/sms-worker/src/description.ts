import { traceSettingNames, type ProcessDescription } from '#runtime';

/** By which providers SMS go, and how: `npm start` reads them too. */
export const smsSettings = [
  'SMS_ROUTES',
  'VONAGE_API_KEY',
  'VONAGE_API_SECRET',
  'VONAGE_FROM',
  'VONAGE_API_HOST',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_FROM',
  'TWILIO_API_HOST',
  'SMS_HTTP_URL',
  'SMS_HTTP_SECRET',
  'SMS_CONCURRENCY',
  'RECEIPT_WAIT_SECONDS',
  'PUBLIC_URL',
  'ROUTE_LEARNING',
] as const;

export const description = {
  name: 'sms-worker',
  about: 'sends codes and notices by SMS.',
  settings: [
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    ...smsSettings,
    'HOST',
    'HEALTH_PORT',
    'LOG_LEVEL',
    ...traceSettingNames,
  ],
  keys: ['sealing'],
} as const satisfies ProcessDescription;
