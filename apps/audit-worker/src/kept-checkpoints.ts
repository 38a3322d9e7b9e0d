import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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

/** An entry of a tenant's log, as it was when this signer looked at it. */
export interface Place {
  /** 0 stands for the beginning of the log. */
  readonly sequence: number;
  readonly hash: Buffer;
  /**
   * Checkpoints that were signed before count no more, since an operator accepted a log that they contradict: ISO 8601, as
   * in a checkpoint. Null where nobody did.
   */
  readonly acceptedAt: string | null;
}

const hashBytes = 32;
const fileSchema = z.object({
  tenantId: z.string(),
  sequence: z.int().min(0),
  hash: z.base64().refine((text) => Buffer.from(text, 'base64').length === hashBytes),
  acceptedAt: z.iso.datetime().nullable(),
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
 * The last checkpoint of each tenant, in a file outside of the database: what whoever owns the database can't change.
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

  /** Tenants of which there is one. */
  async tenants(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.flatMap((name) => /^([\w-]+)\.json$/.exec(name)?.[1] ?? []);
  }

  /**
   * @returns undefined where none was kept
   * @throws {UnreadableCheckpointError}
   */
  async read(tenantId: string): Promise<Place | undefined> {
    let text: string;
    try {
      text = await readFile(this.file(tenantId), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw new UnreadableCheckpointError(`The file of the kept checkpoint cannot be read (${codeOf(error)}).`);
    }
    const kept = fileSchema.safeParse(parseJson(text));
    if (!kept.success || kept.data.tenantId !== tenantId) {
      throw new UnreadableCheckpointError('The file of the kept checkpoint holds something else.');
    }
    const { sequence, hash, acceptedAt } = kept.data;
    return { sequence, hash: Buffer.from(hash, 'base64'), acceptedAt };
  }

  /** On disk when it returns. */
  async write(tenantId: string, { sequence, hash, acceptedAt }: Place): Promise<void> {
    const kept = { tenantId, sequence, hash: hash.toString('base64'), acceptedAt, keptAt: new Date().toISOString() };
    await replaceWhole(this.file(tenantId), `${JSON.stringify(kept)}\n`);
  }

  private file(tenantId: string): string {
    // The database may say anything, and this becomes a path.
    if (!/^[\w-]{1,100}$/.test(tenantId))
      throw new UnreadableCheckpointError('The tenant has an id that is none of ours.');
    return join(this.folder, `${tenantId}.json`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
