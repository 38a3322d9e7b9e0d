import type { ViewedEvent } from '../view-event.js';
import { toCef } from './cef.js';
import { csvHeader, toCsv } from './csv.js';
import { toOcsf } from './ocsf.js';

export const exportFormats = ['ndjson', 'cloudevents', 'csv', 'cef', 'ocsf'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** How events are written into a file. */
export interface EventFormat {
  /** Media type. */
  readonly type: string;
  /** Of the file's name. */
  readonly suffix: string;
  /** What stands above all events. */
  readonly head?: () => string;
  readonly page: (events: readonly ViewedEvent[], tenantId: string) => string;
}

const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');

export const formats: Readonly<Record<ExportFormat, EventFormat>> = {
  ndjson: {
    type: 'application/x-ndjson',
    suffix: 'ndjson',
    page: (events) => lines(events.map(({ sealed }) => sealed)),
  },
  cloudevents: {
    type: 'application/x-ndjson',
    suffix: 'cloudevents.ndjson',
    page: (events) => lines(events.map((event) => JSON.stringify(event))),
  },
  csv: { type: 'text/csv; charset=utf-8', suffix: 'csv', head: csvHeader, page: toCsv },
  cef: { type: 'text/plain; charset=utf-8', suffix: 'cef', page: (events) => lines(events.map(toCef)) },
  ocsf: {
    type: 'application/x-ndjson',
    suffix: 'ocsf.ndjson',
    page: (events, tenantId) => lines(events.map((event) => JSON.stringify(toOcsf(tenantId, event)))),
  },
};
