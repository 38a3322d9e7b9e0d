import { traceSettingNames, type ProcessDescription } from '#runtime';

export const description = {
  name: 'lockout-worker',
  about: 'notifies users of lockouts, looks for patterns of wrong codes and ends lockouts.',
  settings: ['DATABASE_URL', 'QUEUE_URL', 'SALLYPORT_KEYS', 'HOST', 'HEALTH_PORT', 'LOG_LEVEL', ...traceSettingNames],
  keys: ['sealing'],
} as const satisfies ProcessDescription;
