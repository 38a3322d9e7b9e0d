import type { ProcessDescription } from '#runtime';

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
    'WEBHOOK_ALLOW_PRIVATE',
    'LOG_LEVEL',
  ],
  keys: ['sealing', 'webhook', 'pepper', 'proof'],
} as const satisfies ProcessDescription;
