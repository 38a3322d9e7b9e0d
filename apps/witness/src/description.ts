import type { ProcessDescription } from '#runtime';

export const description = {
  name: 'witness',
  about: 'cosigns checkpoints of audit logs that only grow, and refuses all others. Needs nothing else of Sallyport.',
  settings: [
    'WITNESS_NAME',
    'WITNESS_LOGS',
    'WITNESS_DATA_DIR',
    'WITNESS_PORT',
    'HOST',
    'METRICS_HOST',
    'METRICS_PORT',
    'LOG_LEVEL',
  ],
  keys: [],
} as const satisfies ProcessDescription;
