export const description = {
  name: 'lockout-worker',
  about: 'tells owners of locks, looks for patterns of wrong codes, ends locks.',
  settings: ['DATABASE_URL', 'QUEUE_URL', 'SALLYPORT_KEYS', 'LOG_LEVEL'],
  keys: ['sealing'],
} as const;
