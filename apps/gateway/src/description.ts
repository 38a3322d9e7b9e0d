export const description = {
  name: 'gateway',
  about: 'the only HTTP API: answers panels, writes state and events in one transaction.',
  settings: ['DATABASE_URL', 'QUEUE_URL', 'SALLYPORT_KEYS', 'PORT', 'HOST', 'LOG_LEVEL'],
  keys: ['sealing', 'pepper', 'proof'],
} as const;
