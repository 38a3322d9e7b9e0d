export const description = {
  name: 'sms-worker',
  about: 'hands codes to the SMS provider.',
  settings: [
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    'VONAGE_API_KEY',
    'VONAGE_API_SECRET',
    'VONAGE_FROM',
    'VONAGE_API_HOST',
    'LOG_LEVEL',
  ],
  keys: ['sealing'],
} as const;
