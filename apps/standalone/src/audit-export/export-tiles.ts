import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  bundledEntry,
  hashLeaf,
  noWitness,
  openCheckpoint,
  parseNote,
  parseTreeHead,
  parseVkey,
  partialTiles,
  tilePath,
  TileTree,
  tileWidth,
  type TileAddress,
  type TreeHead,
} from '#audit-log';
import { encodingOf, type EntryRow } from '#audit-events';
import type { Database } from '#persistence';
import { codeOf, SettingsError } from '#runtime';
import { selectCheckpoint } from './export-log.sql.js';
import type { ExportProgress } from './export-progress.js';
import { readEntries } from './read-entries.js';

/** A log that is to stand in a folder, as its checkpoint says. */
export interface TilesExport {
  readonly tenantId: string;
  /** Any static server may serve it. */
  readonly folder: string;
  readonly note: string;
  readonly head: TreeHead;
  /** What the folder has already; undefined where it has nothing. */
  readonly former: TreeHead | undefined;
}

/**
 * What is to be done.
 * @throws {SettingsError} where nothing of this log is signed, or the folder is of something else
 */
export async function prepareTiles(database: Database, tenantId: string, folder: string): Promise<TilesExport> {
  const newest = await database.one(selectCheckpoint, { tenantId });
  if (!newest)
    throw new SettingsError(
      `no checkpoint of the log of ${tenantId} is signed yet. The audit worker signs one within seconds of the first event.`,
    );
  const { head } = openCheckpoint(newest.note, { logs: newest.vkeys.map(parseVkey), quorum: noWitness });
  const former = await readFormer(folder);
  if (former && former.origin !== head.origin) throw new SettingsError(`${folder} has another log: ${former.origin}.`);
  if (former && former.size > head.size)
    throw new SettingsError(
      `${folder} has ${former.size} entries, but the newest checkpoint of the log ${head.size} only.`,
    );
  return { tenantId, folder, note: newest.note, head, former };
}

async function readFormer(folder: string): Promise<TreeHead | undefined> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  if (names.some((name) => !['checkpoint', 'checkpoint.new', 'tile'].includes(name)))
    throw new SettingsError(`${folder} has files that are not of a log. Name a folder of its own.`);
  if (!names.includes('checkpoint')) return undefined;
  return parseTreeHead(parseNote(await readFile(join(folder, 'checkpoint'))).text);
}

interface Watch {
  readonly progress: ExportProgress;
  readonly signal: AbortSignal;
}

/**
 * Writes the tiles of a log (C2SP tlog-tiles): full ones once and for ever, those at the right edge anew, the checkpoint last
 * and only if it is that of these tiles. A run that ends in between leaves the folder as its old checkpoint says.
 * @returns whether it is whole, and how many files are new
 */
export async function exportTiles(
  database: Database,
  wanted: TilesExport,
  watch: Watch,
): Promise<{ readonly files: number; readonly withheld: number; readonly finished: boolean }> {
  const { folder, head, former } = wanted;
  const writer = new TileWriter(folder, await treeOf(folder, former));
  const { progress, signal } = watch;
  const begun = writer.size;
  const reading = { tenantId: wanted.tenantId, after: begun, end: head.size, filters: {}, signal };
  if (former?.size === begun) assertSame(writer.root(), former, folder);
  for await (const { rows, upTo } of readEntries(database, reading)) {
    for (const row of rows) {
      await writer.add(row);
      // What was published must be continued.
      if (former?.size === writer.size) assertSame(writer.root(), former, folder);
    }
    progress.tell(upTo - begun);
  }
  if (writer.size < head.size) {
    if (signal.aborted) return { files: writer.files, withheld: writer.withheld, finished: false };
    throw new SettingsError(`the log has ${writer.size} entries, but its checkpoint ${head.size}: some are missing.`);
  }
  if (!writer.root().equals(head.root))
    throw new SettingsError(`the log is not what its checkpoint of ${head.size} entries saw. "audit logs" says more.`);
  await writer.finish();
  await writeAside(join(folder, 'checkpoint'), wanted.note);
  if (former) await removeFormer(folder, former.size, head.size);
  return { files: writer.files, withheld: writer.withheld, finished: true };
}

function assertSame(root: Buffer, former: TreeHead, folder: string): void {
  if (!root.equals(former.root))
    throw new SettingsError(
      `the log does not continue the ${former.size} entries that ${folder} has: either was changed. Export into another folder and compare.`,
    );
}

async function treeOf(folder: string, former: TreeHead | undefined): Promise<TileTree> {
  if (!former) return TileTree.empty();
  const edges = partialTiles(former.size).map((tile) =>
    readFile(join(folder, tilePath(tile))).catch((error: unknown) => {
      throw new SettingsError(`${folder} lacks ${tilePath(tile)} (${codeOf(error)}). Export into an empty folder.`);
    }),
  );
  return TileTree.of(former.size, await Promise.all(edges));
}

/** Puts entries into tiles, each file aside and then in its place. */
class TileWriter {
  files = 0;
  /** Bundles that are not written, since events of theirs were pruned. */
  withheld = 0;
  private bundle: Buffer[] = [];
  private isWhole = true;

  constructor(
    private readonly folder: string,
    private readonly tree: TileTree,
  ) {}

  get size(): number {
    return this.tree.size;
  }

  root(): Buffer {
    return this.tree.root();
  }

  async add(row: EntryRow): Promise<void> {
    if (row.sequence !== this.size + 1) throw new SettingsError(`the log has no entry ${this.size + 1}.`);
    this.bundle.push(this.entryOf(row));
    for (const [tile, bytes] of this.tree.append(row.leafHash)) await this.write(tile, bytes);
    if (this.size % tileWidth === 0) await this.endBundle(tileWidth);
  }

  async finish(): Promise<void> {
    for (const [tile, bytes] of this.tree.partial()) await this.write(tile, bytes);
    const width = this.size % tileWidth;
    if (width > 0) await this.endBundle(width);
  }

  private entryOf(row: EntryRow): Buffer {
    if (row.id === null) {
      this.isWhole = false;
      return Buffer.alloc(0);
    }
    const encoding = encodingOf(row);
    if (encoding === undefined || !hashLeaf(encoding).equals(row.leafHash))
      throw new SettingsError(`entry ${row.sequence} of the log was changed after it had been sealed.`);
    try {
      return bundledEntry(encoding);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new SettingsError(`entry ${row.sequence} does not fit into tiles: ${error.message} Use the format ndjson.`);
    }
  }

  private async endBundle(width: number): Promise<void> {
    const index = Math.ceil(this.size / tileWidth) - 1;
    if (this.isWhole) await this.write({ level: 'entries', index, width }, Buffer.concat(this.bundle));
    else this.withheld += 1;
    this.bundle = [];
    this.isWhole = true;
  }

  private async write(tile: TileAddress, bytes: Buffer): Promise<void> {
    await writeAside(join(this.folder, tilePath(tile)), bytes);
    this.files += 1;
  }
}

async function writeAside(path: string, content: Buffer | string): Promise<void> {
  const aside = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(aside, 'w', 0o644);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
}

/** Partial tiles, once the full one is there: until then, whoever has an older checkpoint asks for them. */
async function removeFormer(folder: string, formerSize: number, size: number): Promise<void> {
  for (const { level, index, width } of partialTiles(formerSize)) {
    const isFull = Math.floor(size / tileWidth ** (level + 1)) > index;
    if (!isFull) continue;
    for (const kind of level === 0 ? [level, 'entries' as const] : [level]) {
      const partial = dirname(join(folder, tilePath({ level: kind, index, width })));
      await rm(partial, { recursive: true, force: true });
    }
  }
}
