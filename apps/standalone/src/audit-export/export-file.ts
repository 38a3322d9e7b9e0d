import { open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { formats, sealedLine, type EntryRow, type ExportFormat, type LogRow } from '#audit-events';
import type { Database, Sealer } from '#persistence';
import { codeOf, SettingsError } from '#runtime';
import type { EventFilters } from './export-log.sql.js';
import type { ExportProgress } from './export-progress.js';
import { readEntries } from './read-entries.js';

const compress = promisify(gzip);

/** How often the place is noted to go on from, in ms. */
const noteEveryMs = 1000;

export interface FileExport {
  readonly tenantId: string;
  readonly format: ExportFormat;
  readonly filters: EventFilters;
  /** The last entry that the file is to have. */
  readonly end: number;
  /** The file; with `.gz` at its end it is compressed. */
  readonly out: string;
  /** Opens what is personal; left out where that is not meant. */
  readonly sealer: Sealer | undefined;
}

/** Up to where a file that is not finished is whole. */
export interface ExportPlace {
  /** What is exported: only the same can be gone on with. */
  readonly of: string;
  readonly end: number;
  readonly sequence: number;
  readonly bytes: number;
  readonly events: number;
}

const partOf = (out: string) => `${out}.part`;
const placeOf = (out: string) => `${out}.part.json`;

/**
 * Whether a file can be written, and where it goes on.
 * @throws {SettingsError} where something is there that nobody said what to do with
 */
export async function preparePlace(
  out: string,
  of: string,
  { resume, force }: { readonly resume: boolean; readonly force: boolean },
): Promise<ExportPlace | undefined> {
  if (!force && (await exists(out))) throw new SettingsError(`${out} is there already. --force writes it anew.`);
  if (!(await exists(partOf(out)))) return undefined;
  if (resume) return readPlace(out, of);
  if (!force)
    throw new SettingsError(
      `${partOf(out)} is what an export left that did not end. --resume goes on with it, --force begins anew.`,
    );
  return undefined;
}

async function readPlace(out: string, of: string): Promise<ExportPlace | undefined> {
  const text = await readFile(placeOf(out), 'utf8').catch(() => undefined);
  // It ended before anything was noted.
  if (text === undefined) return undefined;
  const place = JSON.parse(text) as ExportPlace;
  if (place.of !== of)
    throw new SettingsError(
      `${partOf(out)} is of another export. Name the same tenant, format and filters, or use --force.`,
    );
  return place;
}

/**
 * Writes a log into a file, aside until it is whole.
 * @param place where an export before this one ended
 * @returns events in the file, and whether it is whole
 */
export async function exportFile(
  database: Database,
  wanted: FileExport,
  {
    of,
    place,
    progress,
    signal,
  }: { of: string; place: ExportPlace | undefined; progress: ExportProgress; signal: AbortSignal },
): Promise<{ readonly events: number; readonly bytes: number; readonly finished: boolean }> {
  const { out, tenantId, end, filters } = wanted;
  const format = formats[wanted.format];
  const pack = (bytes: Buffer) => (out.endsWith('.gz') ? compress(bytes) : Promise.resolve(bytes));
  const begun = place ?? { of, end, sequence: 0, bytes: 0, events: 0 };
  const file = await open(partOf(out), place ? 'r+' : 'w', 0o600);
  const textOf = (rows: readonly EntryRow[]) =>
    wanted.format === 'ndjson' ? linesOf(rows) : format.page(rows.filter(isThere), wanted.sealer);
  let now = begun;
  let notedAt = performance.now();
  const write = async (content: Buffer) => {
    if (content.length === 0) return;
    const bytes = await pack(content);
    await writeAll(file, bytes, now.bytes);
    now = { ...now, bytes: now.bytes + bytes.length };
  };
  try {
    // What came after the last place that was noted may be half a line.
    await file.truncate(begun.bytes);
    if (!place) await write(Buffer.from(format.head?.() ?? ''));
    for await (const { rows, upTo } of readEntries(database, {
      tenantId,
      after: begun.sequence,
      end,
      filters,
      signal,
    })) {
      await write(inPieces(rows, textOf));
      now = { ...now, sequence: upTo, events: now.events + rows.length };
      progress.tell(upTo - begun.sequence);
      if (performance.now() - notedAt > noteEveryMs) {
        notedAt = performance.now();
        await note(file, out, now);
      }
    }
    await note(file, out, now);
  } catch (error) {
    // Where the disk is full, the half of a page that is taken back makes the room for the note.
    await file.truncate(now.bytes).catch(() => undefined);
    await note(file, out, now).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  const finished = now.sequence >= end;
  if (finished) {
    await rename(partOf(out), out);
    await rm(placeOf(out), { force: true });
  }
  return { events: now.events, bytes: now.bytes, finished };
}

const isThere = (row: EntryRow): row is LogRow => row.id !== null;

/** Rows that are made text at once: of all of a page, CSV takes twice the time. */
const pieceSize = 200;

function inPieces(rows: readonly EntryRow[], textOf: (rows: readonly EntryRow[]) => string): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < rows.length; at += pieceSize) pieces.push(Buffer.from(textOf(rows.slice(at, at + pieceSize))));
  return Buffer.concat(pieces);
}

/** What was hashed; a pruned entry has its hash still. */
function linesOf(rows: readonly EntryRow[]): string {
  return rows.map((row) => `${sealedLine(row)}\n`).join('');
}

/** Only what is on the disk is a place to go on from. */
async function note(file: FileHandle, out: string, place: ExportPlace): Promise<void> {
  await file.datasync();
  const aside = `${placeOf(out)}.new`;
  const written = await open(aside, 'w', 0o600);
  await written.writeFile(JSON.stringify(place)).finally(() => written.close());
  await rename(aside, placeOf(out));
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
