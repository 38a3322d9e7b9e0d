import { traceSettingNames, type ProcessDescription } from '#runtime';

export const description = {
  name: 'relay',
  about: 'publishes jobs from the outbox to the queues, and publishes lost jobs again.',
  settings: ['DATABASE_URL', 'QUEUE_URL', 'HOST', 'HEALTH_PORT', 'LOG_LEVEL', ...traceSettingNames],
  keys: [],
} as const satisfies ProcessDescription;
