import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MalformedError, parseNote, parseTreeHead, tenantOfOrigin } from '#audit-log';
import {
  assertKeepsFiles,
  codeOf,
  makeFolder,
  optionalSetting,
  replaceWhole,
  requiredSetting,
  SettingsError,
} from '#runtime';
import { z } from 'zod';

/** A tenant's log, as it was when this signer looked at it. */
export interface Place {
  /** Entries; 0 stands for the beginning of the log. */
  readonly size: number;
  /** Of the tree of these. */
  readonly root: Buffer;
  /** Of the checkpoint; undefined where nothing was signed. */
  readonly origin?: string | undefined;
  /**
   * Checkpoints that were signed before count no more, since an operator accepted a log that they contradict: ISO 8601, by
   * the database's clock. Null where nobody did.
   */
  readonly acceptedAt: string | null;
}

export interface Accepted extends Place {
  readonly acceptedAt: string;
}

const hashBytes = 32;
const acceptedSchema = z.object({
  size: z.int().min(0),
  root: z.base64().refine((text) => Buffer.from(text, 'base64').length === hashBytes),
  acceptedAt: z.iso.datetime(),
});

/** What a signer has kept is there and can't be read. To begin anew would be to believe whatever the database says. */
export class UnreadableCheckpointError extends Error {
  override name = 'UnreadableCheckpointError';
}

/** Where the audit worker keeps its checkpoints where nothing else is said. */
export function auditStateDir(): string {
  return resolve(optionalSetting('AUDIT_STATE_DIR') ?? join(requiredSetting('SALLYPORT_DATA_DIR'), 'audit'));
}

/**
 * The last checkpoint of each tenant, in a file outside of the database: what whoever owns the database can't change. The file
 * is the signed note itself, so that other programs read it. What an operator accepted stands in a file beside it.
 * Several workers of one database may share the folder: they write while they hold the lock of signing.
 */
export class KeptCheckpoints {
  private constructor(private readonly folder: string) {}

  /** @throws {SettingsError} where nothing can be kept there */
  static async open(folder: string): Promise<KeptCheckpoints> {
    try {
      await makeFolder(folder);
      await assertKeepsFiles(folder);
    } catch (error) {
      const reason = error instanceof SettingsError ? error.message : codeOf(error);
      throw new SettingsError(`checkpoints cannot be kept in ${folder} (${reason}). Check AUDIT_STATE_DIR.`);
    }
    return new KeptCheckpoints(folder);
  }

  /** Tenants of which there is something. */
  async tenants(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return [...new Set(names.flatMap((name) => /^([\w-]+)\.(checkpoint|accepted)$/.exec(name)?.[1] ?? []))];
  }

  /**
   * @returns undefined where nothing was kept
   * @throws {UnreadableCheckpointError}
   */
  async read(tenantId: string): Promise<Place | undefined> {
    const note = await this.readText(tenantId, 'checkpoint');
    const text = await this.readText(tenantId, 'accepted');
    const accepted = text === undefined ? undefined : parseAccepted(text);
    if (note === undefined) return accepted;
    return { ...parseCheckpoint(note, tenantId), acceptedAt: accepted?.acceptedAt ?? null };
  }

  /** On disk when it returns. */
  async write(tenantId: string, note: string): Promise<void> {
    await replaceWhole(this.file(tenantId, 'checkpoint'), note);
  }

  /** In place of the checkpoint, until the next one is written. */
  async accept(tenantId: string, { size, root, acceptedAt }: Accepted): Promise<void> {
    await rm(this.file(tenantId, 'checkpoint'), { force: true });
    const accepted = { size, root: root.toString('base64'), acceptedAt };
    await replaceWhole(this.file(tenantId, 'accepted'), `${JSON.stringify(accepted)}\n`);
  }

  private async readText(tenantId: string, kind: FileKind): Promise<string | undefined> {
    try {
      return await readFile(this.file(tenantId, kind), 'utf8');
    } catch (error) {
      if (error instanceof UnreadableCheckpointError) throw error;
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new UnreadableCheckpointError(`The file of the kept checkpoint cannot be read (${codeOf(error)}).`);
    }
  }

  private file(tenantId: string, kind: FileKind): string {
    // The database may say anything, and this becomes a path.
    if (!/^[\w-]{1,100}$/.test(tenantId))
      throw new UnreadableCheckpointError('The tenant has an id that is none of ours.');
    return join(this.folder, `${tenantId}.${kind}`);
  }
}

type FileKind = 'checkpoint' | 'accepted';

/** Whose signatures they are is not looked at: the file itself is trusted, also after a change of keys. */
function parseCheckpoint(note: string, tenantId: string): Omit<Place, 'acceptedAt'> {
  try {
    const { origin, size, root } = parseTreeHead(parseNote(note).text);
    if (tenantOfOrigin(origin) === tenantId) return { origin, size, root: Buffer.from(root) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
  }
  throw new UnreadableCheckpointError('The file of the kept checkpoint holds something else.');
}

function parseAccepted(text: string): Accepted {
  const accepted = acceptedSchema.safeParse(parseJson(text));
  if (!accepted.success) throw new UnreadableCheckpointError('The file of the accepted log holds something else.');
  const { size, root, acceptedAt } = accepted.data;
  return { size, root: Buffer.from(root, 'base64'), acceptedAt };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
