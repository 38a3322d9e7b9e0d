import { stat } from 'node:fs/promises';
import { strangeKeys, type Database } from '#persistence';
import { loadHeldKeys, type Environment } from '#runtime';
import { fault, find, ok, skipped, warning, type Finding } from './finding.js';

/** @param env with SALLYPORT_KEYS; undefined where this shell has no keys */
export function checkKeys(database: Database, env: Environment | undefined): Promise<Finding> {
  const fix =
    'Restore the key file that belongs to this database, or correct DATABASE_URL. If the keys were changed on purpose: npm run admin -- keys accept';
  return find('keys', fix, async () => {
    if (!env) return skipped('SALLYPORT_KEYS is not set here. Set it to the key file of a process to compare it.');
    const held = loadHeldKeys(env);
    const strange = await strangeKeys(database, held);
    if (strange.length > 0) return fault(strange.join('; '), fix);
    const kinds = Object.keys(held).join(', ');
    const source = env['SALLYPORT_KEYS'] ?? '';
    const isFile = !source.trimStart().startsWith('{');
    if (isFile && ((await stat(source)).mode & 0o077) !== 0) {
      return warning(`they fit the database (${kinds}), but others can read ${source}`, `chmod 600 ${source}`);
    }
    return ok(`they fit the database: ${kinds}`);
  });
}
