import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A setting that is missing or wrong: its message is one line that says what and how to mend it. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

const port = z.coerce.number().int().min(0).max(65_535);
const url = (...protocols: string[]) =>
  z.string().refine(
    (text) => {
      const address = URL.canParse(text) ? new URL(text) : undefined;
      return address !== undefined && protocols.includes(address.protocol.replace(':', ''));
    },
    `must be a ${protocols.map((protocol) => `${protocol}://`).join(' or ')} address`,
  );

/** Redis addresses may name several hosts, which no parser of URLs takes: who opens the queue reads the rest. */
const queueUrl = z
  .string()
  .refine(
    (text) => /^rediss?:\/\/./.test(text) || url('postgres', 'postgresql').safeParse(text).success,
    'must be a postgres://, redis:// or rediss:// address',
  );

/** Every environment variable that Sallyport reads. No other file looks at `process.env`. */
export const settings = {
  PORT: { schema: port.default(3000), help: 'where the gateway listens' },
  PANEL_PORT: { schema: port, help: 'where the reference panel listens; 3001, or any free port where that is taken' },
  PANEL_URL: { schema: url('http', 'https'), help: 'where people reach the panel, if not at its port on localhost' },
  PANEL_API_KEY: { schema: z.string().min(1), help: 'API key with the scopes accounts, devices and challenges' },
  PANEL_ADMIN_API_KEY: { schema: z.string().min(1), help: 'API key with audit and admin besides' },
  PANEL_PEOPLE: {
    schema: z.string().min(1).default('panel-people.json'),
    help: 'file with the people of the panel; made with some to try things with where it is missing',
  },
  SALLYPORT_URL: { schema: url('http', 'https'), help: 'where the gateway is' },
  HOST: { schema: z.string().min(1).default('127.0.0.1'), help: 'address to listen on' },
  HEALTH_PORT: {
    schema: port.default(0),
    help: 'where /healthz, /readyz and /metrics of a worker are; 0 takes any free port',
  },
  METRICS_HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    help: 'address on which /metrics of the gateway listens; never a public one',
  },
  METRICS_PORT: { schema: port.default(0), help: 'where /metrics of the gateway is; 0 takes any free port' },
  INBOX_PORT: {
    schema: port,
    help: 'where the inbox of npm start listens; 3002, or any free port where that is taken',
  },
  SALLYPORT_DATA_DIR: {
    schema: z.string().min(1).default('.sallyport'),
    help: 'embedded database, generated keys, quickstart file',
  },
  AUDIT_STATE_DIR: {
    schema: z.string().min(1),
    help: 'where the last checkpoint of each tenant is kept, apart from the database; "audit" in SALLYPORT_DATA_DIR where left out',
  },
  DATABASE_URL: {
    schema: url('postgres', 'postgresql'),
    help: 'PostgreSQL, as postgres://user:password@host/database',
  },
  QUEUE_URL: { schema: queueUrl, help: 'queue; the database where left out' },
  SALLYPORT_KEYS: { schema: z.string().min(1), help: 'keys: a file, or the JSON itself' },
  SMTP_URL: { schema: url('smtp', 'smtps'), help: 'mail server, as smtp://user:password@host:587' },
  MAIL_FROM: { schema: z.string().min(3), help: 'sender of mail, as "Panel <2fa@panel.example>"' },
  VONAGE_API_KEY: { schema: z.string().min(1), help: 'Vonage account' },
  VONAGE_API_SECRET: { schema: z.string().min(1), help: 'Vonage secret' },
  VONAGE_SIGNATURE_SECRET: { schema: z.string().min(1), help: 'Vonage signature secret, for receipts' },
  VONAGE_FROM: { schema: z.string().min(1).max(15), help: 'sender of SMS: a number, or up to 11 letters' },
  VONAGE_API_HOST: { schema: url('http', 'https'), help: 'where the Vonage API is, if not at Vonage' },
  LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    help: 'least level of the logs',
  },
} as const satisfies Record<string, { schema: z.ZodType; help: string }>;

export type SettingName = keyof typeof settings;
/** The settings that say where a server listens. */
export interface ListenSettings {
  /** Left out where that can't be chosen. */
  readonly host?: SettingName;
  readonly port: SettingName;
}
type Value<N extends SettingName> = z.infer<(typeof settings)[N]['schema']>;
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads one setting.
 * @returns undefined where it is unset and has no default
 * @throws {SettingsError}
 */
export function optionalSetting<N extends SettingName>(name: N, env: Environment = process.env): Value<N> | undefined {
  const text = env[name]?.trim();
  const result = settings[name].schema.safeParse(text === '' ? undefined : text);
  if (result.success) return result.data as Value<N>;
  if (text === undefined || text === '') return undefined;
  throw new SettingsError(`${name} ${result.error.issues[0]?.message ?? 'is wrong'} (${settings[name].help}).`);
}

/** @throws {SettingsError} where it is wrong, or missing without a default */
export function requiredSetting<N extends SettingName>(name: N, env: Environment = process.env): Value<N> {
  const value = optionalSetting(name, env);
  if (value === undefined) throw new SettingsError(`${name} is missing (${settings[name].help}).`);
  return value;
}

/** @throws {SettingsError} where the file can't be read */
export function readSettingFile(name: SettingName, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new SettingsError(`${name} names the file ${path}, which can not be read (${reason}). Check path and mode.`);
  }
}
