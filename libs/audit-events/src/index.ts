export { eventNamesOf } from './event-names-of.js';
export type { EntryRow, LogRow } from './log-row.js';
export { encodingOf, sealedLine } from './sealed-line.js';
export { readEvent, viewEvent, type ViewedEvent } from './view-event.js';
export { exportFormats, formats, type EventFormat, type ExportFormat } from './formats/formats.js';
export { meaningOf, nameOf } from './formats/meaning-of-events.js';
export { toCef } from './formats/cef.js';
export { toOcsf } from './formats/ocsf.js';
