import type { Logger } from 'pino';
import { isGiven, optionalSetting } from '../read-settings.js';
import type { RunningApp } from '../run-process.js';

/** Whether an operator wants traces. */
export function tracesAreOn(): boolean {
  const exporter = optionalSetting('OTEL_TRACES_EXPORTER');
  return exporter === 'otlp' || (exporter === undefined && isGiven('OTEL_EXPORTER_OTLP_ENDPOINT'));
}

/**
 * Has the process tell its traces where an operator wants them. Nothing waits for the collector and nothing fails with it: what it
 * does not take is dropped, and what is sent at the end has less than a second.
 * @param service what the process is called in traces, unless OTEL_SERVICE_NAME says it
 * @throws {SettingsError}
 */
export async function openTraces(service: string, logger: Logger): Promise<RunningApp> {
  if (!tracesAreOn()) return { stop: async () => undefined };
  // A tenth of a second and 10 MB, which only those pay who want traces.
  const { openTelemetry } = await import('./telemetry.js');
  return openTelemetry(service, logger);
}
