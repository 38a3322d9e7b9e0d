import { SettingsError, type ListenSettings } from './settings.js';

/** Why a start failed, as one line that says what and how to mend it; with its stack where it is a fault of ours. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SettingsError || 'saysAll' in error) return error.message;
  const { code, port, settings } = error as NodeJS.ErrnoException & {
    port?: number;
    /** Where it is not the gateway that listens. */
    settings?: ListenSettings;
  };
  const portSetting = settings?.port ?? 'PORT';
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use. Set ${portSetting} to a free one, or to 0 for any.`;
    case 'EADDRNOTAVAIL':
      return `${settings?.host ?? 'HOST'} is no address of this machine. Set it to one, as in 127.0.0.1.`;
    case 'EACCES':
      return `port ${port ?? ''} needs rights that this user lacks. Set ${portSetting} to one above 1023.`;
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'ETIMEDOUT':
    case 'EAI_AGAIN':
      return `a server can not be reached (${code}). Check DATABASE_URL and QUEUE_URL.`;
    case '28P01':
    case '28000':
      return 'PostgreSQL refuses the login. Check user and password in DATABASE_URL.';
    case '3D000':
      return 'PostgreSQL has no database of that name. Create it, or check DATABASE_URL.';
    case '26000':
    case '42P05':
      return 'statements that were prepared get lost or meet others of the same name: a pooler in between mixes sessions. Use PgBouncer 1.21 or later with max_prepared_statements = 200, its session mode, or no pooler (docs/upgrading.md).';
    default:
      return error.stack ?? error.message;
  }
}
