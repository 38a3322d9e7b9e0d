import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isNativeError } from 'node:util/types';
import { signingKey, type SigningKey, type TreeHead } from '#audit-log';
import { codeOf, createWhole, makeFolder, SettingsError } from '#runtime';

/** A log as it was when it was cosigned last. */
export type KeptHead = Pick<TreeHead, 'size' | 'root'>;

const version = 1;

const tables = `
  CREATE TABLE identity (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    name TEXT NOT NULL,
    private_key TEXT NOT NULL
  ) STRICT;
  CREATE TABLE log (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${version};
`;

/**
 * The key of a witness, and what it has cosigned, in one file: who loses the memory has lost the key, too, so no witness signs
 * what it can't remember. One process has it at a time.
 */
export class WitnessStore {
  private constructor(
    private readonly database: DatabaseSync,
    readonly key: SigningKey,
  ) {}

  /**
   * Opens what is there, or makes a new key.
   * @param name of the witness, which is part of its key
   * @throws {SettingsError} where the folder can't be used, belongs to a witness of another name, or is in use
   */
  static async open(folder: string, name: string): Promise<WitnessStore> {
    const file = join(folder, 'witness.sqlite');
    try {
      await makeFolder(folder);
      // SQLite would make it readable for all.
      await createWhole(file, '');
    } catch (error) {
      if (error instanceof SettingsError) throw error;
      throw new SettingsError(
        `WITNESS_DATA_DIR names ${folder}, which cannot be created or used (${codeOf(error)}). Check its path and permissions.`,
      );
    }
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(file);
      return new WitnessStore(database, openIdentity(database, file, name));
    } catch (error) {
      if (database?.isOpen) database.close();
      throw explained(error, file);
    }
  }

  /** Undefined for a log that was never cosigned. */
  find(origin: string): KeptHead | undefined {
    return this.database.prepare('SELECT size, root FROM log WHERE origin = ?').get(origin) as KeptHead | undefined;
  }

  /** Logs that were cosigned. */
  count(): number {
    return Number(this.database.prepare('SELECT count(*) AS logs FROM log').get()?.['logs']);
  }

  /**
   * Keeps what a log is now, if it still is what it was. On disk when it returns.
   * @param from undefined where it was never cosigned
   * @returns false where it is something else meanwhile, and stays that
   */
  advance(origin: string, from: KeptHead | undefined, to: KeptHead): boolean {
    if (!from) {
      const insert = this.database.prepare(
        'INSERT INTO log (origin, size, root) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      );
      return insert.run(origin, to.size, to.root).changes === 1;
    }
    const update = this.database.prepare(
      'UPDATE log SET size = ?, root = ? WHERE origin = ? AND size = ? AND root = ?',
    );
    return update.run(to.size, to.root, origin, from.size, from.root).changes === 1;
  }

  close(): void {
    this.database.close();
  }
}

/** Takes the file for this process alone, until it ends however it ends, and reads or makes the key. */
function openIdentity(database: DatabaseSync, file: string, name: string): SigningKey {
  // Each commit is on disk when it returns (https://www.sqlite.org/pragma.html#pragma_synchronous), also on a Mac.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON; BEGIN EXCLUSIVE');
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found > version) throw new SettingsError(`${file} was made by a newer release. Use that one.`);
  if (found === 0) {
    database.exec(tables);
    const privateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    database.prepare('INSERT INTO identity (only, name, private_key) VALUES (1, ?, ?)').run(name, privateKey);
  }
  database.exec('COMMIT');
  if (database.prepare('PRAGMA quick_check').get()?.['quick_check'] !== 'ok') throw damaged(file);
  const identity = database.prepare('SELECT name, private_key FROM identity').get();
  if (!identity) throw damaged(file);
  if (identity['name'] !== name)
    throw new SettingsError(
      `WITNESS_NAME is not ${String(identity['name'])}, whose key is in ${file}. Use that name; or for a new witness another WITNESS_DATA_DIR.`,
    );
  return signingKey(name, 'cosignature/v1', createPrivateKey(String(identity['private_key'])));
}

/** https://www.sqlite.org/rescode.html: SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_NOTADB. */
const [busy, corrupt, notDatabase] = [5, 11, 26];

function explained(error: unknown, file: string): unknown {
  if (!isStoreError(error)) return error;
  const code = error.errcode & 0xff;
  if (code === busy)
    return new SettingsError(
      `${file} is used by another witness. One runs at a time; a second one needs its own folder.`,
    );
  if (code === corrupt || code === notDatabase) return damaged(file);
  return new SettingsError(
    `${file} cannot be used (${error.errstr}). Check its permissions and the space on its disk.`,
  );
}

/** A fault of SQLite, or of the disk below it. */
export function isStoreError(error: unknown): error is Error & { readonly errcode: number; readonly errstr: string } {
  return isNativeError(error) && 'errcode' in error && 'errstr' in error;
}

function damaged(file: string): SettingsError {
  return new SettingsError(
    `${file} is damaged, so the witness cannot tell what it signed. Begin anew, with a new key: use an empty WITNESS_DATA_DIR.`,
  );
}
