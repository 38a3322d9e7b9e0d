import { pino, type DestinationStream, type Logger } from 'pino';
import { explainConnection } from './explain.js';
import { requiredSetting, SettingsError } from './settings.js';

export type { Logger } from 'pino';

/** Fields that never reach a log, wherever they stand in the first three levels. */
const secretFields = [
  'code',
  'recoveryCode',
  'recoveryCodes',
  'secret',
  'uri',
  'qrCode',
  'phone',
  'email',
  'to',
  'address',
  'apiKey',
  'authorization',
  'proof',
  'body',
  'payload',
  'password',
];

/** Structured logs on stdout: one JSON object a line, secrets cut out. */
export function createLogger(app: string, destination?: DestinationStream): Logger {
  return createLoggers(destination)(app);
}

/**
 * For a process of several apps. Not children of one another: pino writes the fields of both, and a reader of JSON takes
 * either of two fields of one name.
 */
export function createLoggers(destination?: DestinationStream): (app: string) => Logger {
  const paths = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const options = {
    level: requiredSetting('LOG_LEVEL'),
    base: null,
    redact: { paths, censor: '[redacted]' },
    // An error's own fields may hold what was sent (a query's parameters, a mail's envelope): keep kind, words, place.
    serializers: { err: describeError },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
  const root = destination ? pino(options, destination) : pino(options);
  return (app) => root.child({ app });
}

/** An error without the fields that libraries hang on it. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    // Not under the name `code`, which is cut out: this is the name of a fault, as in ECONNREFUSED.
    fault: (error as { code?: unknown }).code,
    // Of a store that is away or has no room, and of a setting, the words say all.
    ...(!(error instanceof SettingsError) && explainConnection(error) === undefined && { stack: error.stack }),
  };
}
