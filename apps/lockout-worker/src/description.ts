import type { ProcessDescription } from '#runtime';

export const description = {
  name: 'lockout-worker',
  about: 'tells owners of locks, looks for patterns of wrong codes, ends locks.',
  settings: ['DATABASE_URL', 'QUEUE_URL', 'SALLYPORT_KEYS', 'HOST', 'HEALTH_PORT', 'LOG_LEVEL'],
  keys: ['sealing'],
} as const satisfies ProcessDescription;
