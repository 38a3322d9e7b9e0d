import { MalformedError, parseVkey, tenantOfOrigin, verifierKey, type VerifierKey } from '#audit-log';
import { SettingsError } from '#runtime';

/** C2SP tlog-cosignature has one byte for the length of an origin. */
const mostOriginBytes = 255;

/**
 * The logs that a witness watches, by their public keys. The name of a key is the origin of its log. One key may stand for the
 * logs of all tenants of an installation, since one key signs them all, each under its own origin.
 */
export class WatchedLogs {
  private constructor(
    private readonly logs: ReadonlyMap<string, readonly VerifierKey[]>,
    /** By what stands before the tenant. */
    private readonly installations: ReadonlyMap<string, readonly VerifierKey[]>,
  ) {}

  /**
   * @param text a vkey on each line; `* ` before it stands for the logs of all tenants of that installation. Empty lines and
   *   those that begin with `#` are left out
   * @throws {SettingsError} naming the line
   */
  static parse(text: string): WatchedLogs {
    const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
    const keys = lines.filter(({ line }) => line !== '' && !line.startsWith('#')).map(parseLine);
    if (keys.length === 0) throw new SettingsError('WITNESS_LOGS names a file without a key. Add a line for each log.');
    const one = keys.filter(({ installation }) => installation === undefined);
    const all = keys.filter(({ installation }) => installation !== undefined);
    return new WatchedLogs(
      keysBy(one, ({ key }) => key.name),
      keysBy(all, ({ installation = '' }) => installation),
    );
  }

  /** Keys that may sign for a log, each named by its origin. None where it is not watched. */
  keysOf(origin: string): readonly VerifierKey[] {
    if (Buffer.byteLength(origin) > mostOriginBytes) return [];
    const shared = this.installations.get(installationOf(origin) ?? '') ?? [];
    return [
      ...(this.logs.get(origin) ?? []),
      ...shared.map(({ type, publicKey }) => verifierKey(origin, type, publicKey)),
    ];
  }
}

interface WatchedKey {
  readonly key: VerifierKey;
  /** Undefined for the key of one log. */
  readonly installation: string | undefined;
}

function parseLine({ line, number }: { line: string; number: number }): WatchedKey {
  const [, star, vkey = ''] = /^(\* +)?(.*)$/.exec(line) ?? [];
  try {
    const key = parseVkey(vkey);
    const installation = star === undefined ? undefined : installationOf(key.name);
    if (star !== undefined && installation === undefined)
      throw new MalformedError('key', 'After a * its name ends with a slash and a tenant.');
    return { key, installation };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new SettingsError(`WITNESS_LOGS: line ${number} of its file is no public key. ${error.message}`);
  }
}

/** An origin without its tenant, with the slash. */
function installationOf(origin: string): string | undefined {
  const tenant = tenantOfOrigin(origin);
  return tenant === undefined ? undefined : origin.slice(0, -tenant.length);
}

function keysBy(keys: readonly WatchedKey[], name: (key: WatchedKey) => string): Map<string, VerifierKey[]> {
  return new Map([...Map.groupBy(keys, name)].map(([group, members]) => [group, members.map(({ key }) => key)]));
}
