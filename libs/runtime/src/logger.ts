import { pino, type DestinationStream, type Logger } from 'pino';
import { explainConnection } from './explain.js';
import { requiredSetting, SettingsError } from './read-settings.js';
import { tracesAreOn } from './traces/open-traces.js';
import { tracing } from './traces/tracing.js';
import { withoutSecrets } from './without-secrets.js';

export type { Logger } from 'pino';

/** Structured logs on stdout: one JSON object a line, secrets cut out. */
export function createLogger(app: string, destination?: DestinationStream): Logger {
  return createLoggers(destination)(app);
}

/**
 * For a process of several apps. Not children of one another: pino writes the fields of both, and a reader of JSON takes
 * either of two fields of one name.
 */
export function createLoggers(destination?: DestinationStream): (app: string) => Logger {
  const cut = <Fields extends object>(fields: Fields) => withoutSecrets(fields, describeError);
  const options = {
    level: requiredSetting('LOG_LEVEL'),
    base: null,
    formatters: { log: cut },
    // An error's own fields may hold what was sent (a query's parameters, a mail's envelope): keep kind, words, place.
    serializers: { err: describeError },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    ...(tracesAreOn() && { mixin: () => tracing()?.logged ?? {} }),
  };
  const root = pino(options, destination ?? atOnce(pino.destination({ dest: 1, sync: false })));
  // A child asks no formatter about what it brings along, and hands this down to its own.
  const child = root.child;
  root.child = function (this: Logger, bindings: object, more?: object) {
    return child.call(this, cut(bindings), more);
  } as typeof root.child;
  return (app) => root.child({ app });
}

/**
 * Writes the lines of one turn of the event loop by one call of the system: of a worker that has many jobs in hand, each took
 * as long as a line takes to make. What a process has to say when it exits is written before.
 */
export function atOnce(destination: DestinationStream & { flushSync?(): void }): DestinationStream {
  let lines = '';
  const flush = () => {
    if (lines === '') return;
    const written = lines;
    lines = '';
    destination.write(written);
  };
  process.on('exit', () => {
    flush();
    // pino's own listener, which is told first, has nothing of these yet.
    destination.flushSync?.();
  });
  return {
    write: (line) => {
      if (lines === '') setImmediate(flush);
      lines += line;
    },
  };
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
