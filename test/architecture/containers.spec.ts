import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { drainMs, loadKeys, optionalSetting, requiredSetting, settings, type Keys, type SettingName } from '#runtime';
import { createKeyFiles } from '../../apps/standalone/src/create-key-files.js';
import { memoryFlags } from '../support/memory-flags.js';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

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

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const { services } = compose;

/** What an installation consists of. A witness is somebody else's. */
const apps = readdirSync(join(root, 'apps')).filter((app) => !['standalone', 'panel', 'witness'].includes(app));
const descriptions = await Promise.all(
  apps.map(async (app) => {
    const file = (await import(`../../apps/${app}/src/description.js`)) as { description: Description };
    return file.description;
  }),
);

/** Where `npm run admin -- keys create` put its files, and what docker compose would read from .env, filled in. */
let folder: string;
let outside: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-containers-'));
  const { environment } = await createKeyFiles({ dir: join(folder, 'keys'), environment: join(folder, '.env') });
  const account = {
    VONAGE_API_KEY: 'key',
    VONAGE_API_SECRET: 'secret',
    VONAGE_FROM: 'Panel',
    SMTP_URL: 'smtp://u:p@mail.example:587',
    MAIL_FROM: 'Panel <2fa@panel.example>',
    AUDIT_ORIGIN: '2fa.panel.example/audit',
  };
  outside = { ...(parseEnv(readFileSync(environment, 'utf8')) as Record<string, string>), ...account };
});
afterAll(() => rm(folder, { recursive: true }));

function service(name: string): Service {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
}

const variable = /\$\{(\w+)(?:(:[-?])([^}]*))?\}/g;

/** A text as docker compose would fill it in. */
function fill(text: string): string {
  return text.replace(variable, (_, name: string, mark: string | undefined, words: string | undefined) => {
    const value = outside[name];
    if (value) return value;
    if (mark !== ':-') throw new Error(`${name} is not set: ${words}`);
    return words ?? '';
  });
}

/** The environment of a container. */
function environmentOf(name: string): Record<string, string> {
  const entries = Object.entries(service(name).environment ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, fill(String(value ?? `\${${key}}`))]));
}

/** Text of the file that a container has at a path: its secrets are all that it is given. */
function mounted(name: string, path: string | undefined): string {
  const secret = service(name).secrets?.find((secret) => path === `/run/secrets/${secret}`);
  if (secret === undefined) throw new Error(`${name} has no file ${path}.`);
  return readFileSync(fill(compose.secrets[secret]?.file ?? ''), 'utf8');
}

/** Every source that the build makes a file from: `dist/x.js` from `x.ts`. */
function sourceOf(built: string | undefined): string {
  const { compilerOptions } = JSON.parse(read('tsconfig.json')) as { compilerOptions: Record<string, string> };
  expect(compilerOptions).toMatchObject({ rootDir: '.', outDir: 'dist' });
  const path = /^dist\/(.*)\.js$/.exec(built ?? '')?.[1];
  return `${path}.ts`;
}

/** Roles that the first start of the database makes, with the variable that holds the password. */
function roles(): { name: string; variable: string }[] {
  const text = read('docker/postgres/roles.sql');
  const variables = new Map(
    [...text.matchAll(/^\\getenv (\w+) (\w+)$/gm)].map(([, name = '', from = '']) => [name, from]),
  );
  return [...text.matchAll(/^create role (\w+) login password :'(\w+)';$/gm)].map(([, name = '', from = '']) => ({
    name,
    variable: variables.get(from) ?? '',
  }));
}

describe.each(descriptions)('the container of $name', ({ name, settings: wanted, keys }) => {
  it('runs the program that the build makes', () => {
    const flags = memoryFlags(`start:${name}`);
    expect(flags).not.toHaveLength(0);
    expect(service(name).command).toEqual([...flags, `dist/apps/${name}/src/main.js`]);
    expect(existsSync(join(root, sourceOf(service(name).command?.at(-1))))).toBe(true);
    expect(service(name).build).toBe('.');
  });

  it('has the settings that it reads, right and complete, and no others', () => {
    const given = environmentOf(name);
    expect(wanted).toEqual(expect.arrayContaining(Object.keys(given)));
    for (const key of Object.keys(given) as SettingName[]) optionalSetting(key, given);
    const needed = wanted.filter((key) => !settings[key].schema.safeParse(undefined).success);
    expect(Object.keys(given)).toEqual(expect.arrayContaining(needed));
  });

  it('has the keys that it needs and no others', () => {
    const path = environmentOf(name)['SALLYPORT_KEYS'];
    expect(service(name).secrets ?? []).toHaveLength(keys.length > 0 ? 1 : 0);
    if (keys.length === 0) return;
    const text = mounted(name, path);
    expect(Object.keys(loadKeys(keys, { SALLYPORT_KEYS: text }))).toEqual([...keys]);
    expect(Object.keys(JSON.parse(text) as object).toSorted()).toEqual(keys.toSorted());
  });

  it('logs in to the database with a role of its own, which the first start of the database makes', () => {
    const { username, password, hostname } = new URL(environmentOf(name)['DATABASE_URL'] ?? '');
    expect(username).toBe(`sallyport_${name.replaceAll('-', '_')}`);
    const role = roles().find((made) => made.name === username);
    expect(environmentOf(hostname)[role?.variable ?? '']).toBe(password);
  });

  it('starts when the database is migrated', () => {
    expect(service(name).depends_on).toMatchObject({ migrate: { condition: 'service_completed_successfully' } });
    expect(service(name).restart).toBe('unless-stopped');
  });

  it('may finish what it has begun', () => {
    const [, seconds] = /^(\d+)s$/.exec(service(name).stop_grace_period ?? '') ?? [];
    expect(Number(seconds) * 1000).toBeGreaterThan(drainMs);
  });

  it('is looked at where it tells its health', () => {
    const environment = environmentOf(name);
    const port = name === 'gateway' ? environment['PORT'] : environment['HEALTH_PORT'];
    const [how, program, , script] = service(name).healthcheck?.test ?? [];
    expect([how, program]).toEqual(['CMD', 'node']);
    expect(script).toContain(`'http://127.0.0.1:${port}/healthz'`);
  });

  it('does not run as root', () => {
    expect(fill(service(name).user ?? '')).toMatch(/^[1-9]\d*:\d+$/);
  });

  it(name === 'gateway' ? 'is reached from this machine' : 'may run any number of times', () => {
    // A name or a port outside can be had once.
    expect(service(name)).not.toHaveProperty('container_name');
    const port = environmentOf(name)['PORT'];
    expect(service(name).ports ?? []).toEqual(name === 'gateway' ? [`127.0.0.1:3000:${port}`] : []);
  });

  it('tells its metrics within the network, and by no port of the API', () => {
    const environment = environmentOf(name);
    const port = environment['PORT'];
    const [host, metrics] =
      name === 'gateway'
        ? [environment['METRICS_HOST'], environment['METRICS_PORT']]
        : [environment['HOST'], environment['HEALTH_PORT']];
    expect([host, metrics]).toEqual(['0.0.0.0', expect.stringMatching(/^[1-9]\d+$/)]);
    expect(metrics).not.toBe(port);
    expect((service(name).ports ?? []).filter((ports) => ports.endsWith(`:${metrics}`))).toEqual([]);
  });
});

describe('the container that migrates', () => {
  it('runs once, as the owner of the tables, when database and queue are there', () => {
    const { command, restart, healthcheck, depends_on } = service('migrate');
    expect(existsSync(join(root, sourceOf(command?.[0])))).toBe(true);
    expect([restart, healthcheck]).toEqual(['no', { disable: true }]);
    const healthy = { condition: 'service_healthy' };
    expect(depends_on).toEqual({ postgres: healthy, redis: healthy });

    const environment = environmentOf('migrate');
    expect(Object.keys(environment).toSorted()).toEqual(['DATABASE_URL', 'QUEUE_URL']);
    const { username, password, hostname } = new URL(requiredSetting('DATABASE_URL', environment));
    expect(environmentOf(hostname)).toMatchObject({ POSTGRES_USER: username, POSTGRES_PASSWORD: password });
  });
});
