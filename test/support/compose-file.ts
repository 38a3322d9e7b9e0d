import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll } from '@jest/globals';
import { parse } from 'yaml';
import type { Keys, SettingName } from '#runtime';
import { createKeyFiles } from '../../apps/standalone/src/admin/create-key-files.js';

/** docker-compose.yml as docker compose reads it, with keys and settings filled in, for the file that imports this. */

export const root = join(import.meta.dirname, '../..');
export const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Description {
  readonly name: string;
  readonly settings: readonly SettingName[];
  readonly keys: readonly (keyof Keys)[];
}

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  /** Null: handed on from outside under the same name. */
  readonly environment?: Readonly<Record<string, string | number | null>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { readonly type: string; readonly source: string; readonly target: string })[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly mem_limit?: string;
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}

export const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
export const { services } = compose;

/** What an installation consists of. A witness is somebody else's. */
export const apps = readdirSync(join(root, 'apps')).filter((app) => !['standalone', 'panel', 'witness'].includes(app));
export const descriptions = await Promise.all(
  apps.map(async (app) => {
    const file = (await import(`../../apps/${app}/src/description.js`)) as { description: Description };
    return file.description;
  }),
);

/** Where `npm run admin -- keys create` put its files, and what docker compose would read from .env, filled in. */
let folder: string;
export let outside: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-containers-'));
  const { environment } = await createKeyFiles({ dir: join(folder, 'keys'), environment: join(folder, '.env') });
  const account = {
    TWILIO_ACCOUNT_SID: `AC${'0a'.repeat(16)}`,
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM: 'Panel',
    SMTP_URL: 'smtp://u:p@mail.example:587',
    MAIL_FROM: 'Panel <2fa@panel.example>',
    AUDIT_ORIGIN: '2fa.panel.example/audit',
  };
  outside = { ...(parseEnv(readFileSync(environment, 'utf8')) as Record<string, string>), ...account };
});
afterAll(() => rm(folder, { recursive: true }));

export function service(name: string): Service {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
}

export const variable = /\$\{(\w+)(?:(:[-?])([^}]*))?\}/g;

/** A text as docker compose would fill it in. */
export function fill(text: string): string {
  return text.replace(variable, (_, name: string, mark: string | undefined, words: string | undefined) => {
    const value = outside[name];
    if (value) return value;
    if (mark !== ':-') throw new Error(`${name} is not set: ${words}`);
    return words ?? '';
  });
}

/** The environment of a container. */
export function environmentOf(name: string): Record<string, string> {
  const entries = Object.entries(service(name).environment ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, fill(String(value ?? `\${${key}}`))]));
}

/** Roles that the first start of the database makes, with the variable that holds the password. */
export function roles(): { name: string; variable: string }[] {
  const text = read('docker/postgres/roles.sql');
  const variables = new Map(
    [...text.matchAll(/^\\getenv (\w+) (\w+)$/gm)].map(([, name = '', from = '']) => [name, from]),
  );
  return [...text.matchAll(/^create role (\w+) login password :'(\w+)';$/gm)].map(([, name = '', from = '']) => ({
    name,
    variable: variables.get(from) ?? '',
  }));
}
