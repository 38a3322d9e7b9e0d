import type { Logger } from './logger.js';

/** A process's log, or an app's in it, as a class that a container can hand out. */
export class Log {
  constructor(readonly pino: Logger) {}
}
