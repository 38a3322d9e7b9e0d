import { chown, readFile, stat } from 'node:fs/promises';
import { codeOf, optionalSetting, replaceWhole, requiredSetting, SettingsError } from '#runtime';
import { keyFileOf } from '../home/data-dir.js';

/** Key files that are changed together. */
export interface KeyFiles {
  readonly paths: readonly string[];
  readonly texts: readonly string[];
}

/**
 * Reads the key files that were named, else the one of SALLYPORT_KEYS or of the data directory.
 * @throws {SettingsError} where one cannot be read
 */
export async function readKeyFiles(named: readonly string[]): Promise<KeyFiles> {
  const paths = named.length > 0 ? named : [defaultFile()];
  const texts = await Promise.all(
    paths.map((path) =>
      readFile(path, 'utf8').catch((error: unknown) => {
        throw new SettingsError(
          `the key file ${path} cannot be read (${codeOf(error)}). Check its path and permissions.`,
        );
      }),
    ),
  );
  return { paths, texts };
}

function defaultFile(): string {
  const source = optionalSetting('SALLYPORT_KEYS') ?? keyFileOf(requiredSetting('SALLYPORT_DATA_DIR'));
  if (!source.trimStart().startsWith('{')) return source;
  throw new SettingsError(
    'SALLYPORT_KEYS is not a path but the keys themselves, which cannot be changed in place. Write them to a file and name it.',
  );
}

/** Writes those that differ, one after the other, each whole and for the owner that it had. */
export async function writeKeyFiles({ paths, texts }: KeyFiles, fresh: readonly string[]): Promise<void> {
  for (const [index, path] of paths.entries()) {
    const text = fresh[index];
    if (text === undefined || text === texts[index]) continue;
    const { uid, gid } = await stat(path);
    await replaceWhole(path, text);
    if (process.getuid?.() === 0) await chown(path, uid, gid);
  }
}
