import type { Sealer } from '#persistence';
import type { LogRow } from '../log-row.js';
import { sealedLine } from '../sealed-line.js';
import { readEvent, viewEvent } from '../view-event.js';
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
  /** @param sealer opens what is personal; left out for readers who may not see that */
  readonly page: (rows: readonly LogRow[], sealer?: Sealer) => string;
}

const lines = (line: (row: LogRow, sealer?: Sealer) => string): EventFormat['page'] => {
  return (rows, sealer) => rows.map((row) => `${line(row, sealer)}\n`).join('');
};

export const formats: Readonly<Record<ExportFormat, EventFormat>> = {
  ndjson: { type: 'application/x-ndjson', suffix: 'ndjson', page: lines((row) => sealedLine(row)) },
  cloudevents: {
    type: 'application/x-ndjson',
    suffix: 'cloudevents.ndjson',
    page: lines((row, sealer) => JSON.stringify(viewEvent(row, sealer))),
  },
  csv: {
    type: 'text/csv; charset=utf-8',
    suffix: 'csv',
    head: csvHeader,
    page: (rows, sealer) => toCsv(rows.map((row) => readEvent(row, sealer))),
  },
  cef: {
    type: 'text/plain; charset=utf-8',
    suffix: 'cef',
    page: lines((row, sealer) => toCef(readEvent(row, sealer))),
  },
  ocsf: {
    type: 'application/x-ndjson',
    suffix: 'ocsf.ndjson',
    page: lines((row, sealer) => JSON.stringify(toOcsf(row.tenantId, readEvent(row, sealer)))),
  },
};
