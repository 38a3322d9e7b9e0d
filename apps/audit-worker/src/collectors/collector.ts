import type { LogRow } from '#audit-events';

/** An event as it is sent. */
export interface PushedEvent {
  readonly row: LogRow;
  /** In the format of the collector, without a line break. */
  readonly text: string;
}

/** Takes events, in order. */
export interface Collector {
  /**
   * Returns when the collector has them.
   * @throws {CollectorFault} where it may not have all
   * @throws what `signal` says
   */
  send(events: readonly PushedEvent[], signal: AbortSignal): Promise<void>;
}
