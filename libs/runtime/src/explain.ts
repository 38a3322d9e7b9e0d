import { isNativeError } from 'node:util/types';
import { SettingsError } from './read-settings.js';
import type { ListenSettings, SettingName } from './settings.js';

/** What is known of an error besides its words. */
interface Known {
  readonly code: string;
  readonly message: string;
  readonly port: number | undefined;
  /** The settings of the address on which it could not be listened. */
  readonly listen: ListenSettings | undefined;
  /** Which setting names the server, where that is known. */
  readonly server: string;
}

type Words = (error: Known) => string;

/** Codes of a certificate that is not believed: OpenSSL's, and the last is Node's own, for the name in it. */
export const untrustedCertificate =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/;

const unreachable: Words = ({ code, server }) =>
  `the server of ${server} cannot be reached (${code || 'no answer'}). Start it, or correct the address.`;

/** Faults of listening, by their code. */
const listening: Readonly<Record<string, Words>> = {
  EADDRINUSE: ({ port, listen }) =>
    `port ${port} is in use. Set ${listen?.port ?? 'PORT'} to a free port, or to 0 for any free port.`,
  EADDRNOTAVAIL: ({ listen }) =>
    `${listen?.host ?? 'HOST'} is not an address of this machine. Use one that is, for example 127.0.0.1.`,
  EACCES: ({ port, listen }) =>
    `port ${port ?? ''} needs permissions that this user does not have. Set ${listen?.port ?? 'PORT'} to one above 1023.`,
  ENOTFOUND: ({ listen }) =>
    `${listen?.host ?? 'HOST'} is a host name that cannot be resolved. Use, for example, 127.0.0.1.`,
  EAI_AGAIN: ({ listen }) =>
    `${listen?.host ?? 'HOST'} is a host name that cannot be resolved. Use, for example, 127.0.0.1.`,
};

/** Faults of PostgreSQL and of the way to it, by their code (PostgreSQL, Appendix A) or their words. */
const connecting: readonly (readonly [RegExp, Words])[] = [
  [/^(ECONN\w+|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|E(HOST|NET)(UNREACH|DOWN)|EPIPE)$/, unreachable],
  [/^(timeout exceeded when trying to connect|Connection terminated|Query read timeout)/, unreachable],
  [
    /^(received invalid response|There was an error establishing an SSL)/,
    ({ server }) => `what listens at the address of ${server} is not PostgreSQL. Check host and port.`,
  ],
  [
    /^The server does not support SSL/,
    ({ server }) =>
      `the PostgreSQL of ${server} does not support TLS. Turn it on there, or remove sslmode from the address.`,
  ],
  [
    untrustedCertificate,
    ({ code, server }) =>
      `${server}: the certificate of PostgreSQL is not trusted (${code}). sslrootcert=FILE in the address names the CA of your own, and the host must be the name in the certificate.`,
  ],
  [
    /^SASL: .*password/,
    ({ server }) => `PostgreSQL requires a password. Add it to ${server}: postgres://user:password@host/database.`,
  ],
  [
    /^no pg_hba\.conf entry .*no encryption/,
    ({ server }) => `PostgreSQL accepts only connections with TLS. Add ?sslmode=verify-full to ${server}.`,
  ],
  [
    /^no pg_hba\.conf entry/,
    ({ server }) =>
      `PostgreSQL does not accept this user from this host. Check ${server}, and pg_hba.conf on the server.`,
  ],
  [/^(28P01|28000)$/, ({ server }) => `PostgreSQL rejected the login. Check user and password in ${server}.`],
  [/^3D000$/, ({ server }) => `PostgreSQL has no database with this name. Create it, or check ${server}.`],
  [
    /^(53300$|sorry, too many|remaining connection slots|too many connections|no more connections allowed)/,
    ({ server }) =>
      `the PostgreSQL of ${server} has no connections left for this user. Raise max_connections or the user's limit, or close other connections.`,
  ],
  [
    /^(26000|42P05)$/,
    () =>
      'statements that were prepared get lost or meet others of the same name: a pooler in between mixes sessions. Use PgBouncer 1.21 or later with max_prepared_statements = 200, its session mode, or no pooler (docs/upgrading.md).',
  ],
  [/^(53100)$/, ({ server }) => `the disk of the PostgreSQL of ${server} is full. Free disk space, then start again.`],
  [/^25006$/, ({ server }) => `the PostgreSQL of ${server} is read-only; it may be a standby. Use the primary.`],
  [/^57P0[123]$/, ({ server }) => `the PostgreSQL of ${server} is starting or stopping. Try again in a moment.`],
  [
    /^42501$/,
    ({ server, message }) =>
      `PostgreSQL does not allow this user to run a statement: ${message}. Check the user in ${server}; "npm run migrate" grants rights.`,
  ],
];

/** Why a start failed, as one line that says what and how to mend it; with its stack where it is a fault of ours. */
export function explain(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  if (error instanceof SettingsError || 'saysAll' in error) return error.message;
  return explainConnection(error) ?? error.stack ?? error.message;
}

/** In one line, where it is a fault of the surroundings; undefined where it may be ours. */
export function explainConnection(error: unknown): string | undefined {
  if (!isNativeError(error)) return undefined;
  const {
    code = '',
    port,
    path,
    settings,
    setting,
  } = error as NodeJS.ErrnoException & {
    port?: number;
    settings?: ListenSettings;
    setting?: SettingName;
  };
  const { message } = error;
  const server = setting ?? 'DATABASE_URL or QUEUE_URL';
  const known: Known = { code, message, port, listen: settings, server };
  const isListening = settings !== undefined || error.message.startsWith('listen ') || code === 'EADDRINUSE';
  if (isListening && listening[code]) return listening[code](known);
  const words = connecting.find(([form]) => form.test(code) || form.test(message))?.[1];
  if (words) return words(known);
  if (path !== undefined && /^E(NOENT|ACCES|ISDIR|NOTDIR|PERM|ROFS|NOSPC)$/.test(code))
    return `${path} cannot be used (${code}). Check its path and permissions, and the setting that names it.`;
  return undefined;
}

/** Has an error say by which setting the server was found that failed. */
export async function reaching<T>(setting: SettingName, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isNativeError(error) && !('setting' in error)) Object.assign(error, { setting });
    throw error;
  }
}
