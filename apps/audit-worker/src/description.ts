import { traceSettingNames, type ProcessDescription } from '#runtime';

export const description = {
  name: 'audit-worker',
  about: "seals events into the tenant's audit log and signs checkpoints.",
  settings: [
    'DATABASE_URL',
    'QUEUE_URL',
    'SALLYPORT_KEYS',
    'AUDIT_ORIGIN',
    'AUDIT_STATE_DIR',
    'AUDIT_WITNESSES',
    'AUDIT_WITNESS_QUORUM',
    'AUDIT_COLLECTORS',
    'SALLYPORT_DATA_DIR',
    'HOST',
    'HEALTH_PORT',
    'LOG_LEVEL',
    ...traceSettingNames,
  ],
  keys: ['checkpoint'],
} as const satisfies ProcessDescription;
