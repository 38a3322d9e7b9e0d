export const description = {
  name: 'audit-worker',
  about: 'seals events into the hash chain of their tenant and signs checkpoints.',
  settings: ['DATABASE_URL', 'SALLYPORT_KEYS', 'LOG_LEVEL'],
  keys: ['checkpoint'],
} as const;
