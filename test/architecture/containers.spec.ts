import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { drainMs, loadKeys, optionalSetting, requiredSetting, settings, type Keys, type SettingName } from '#runtime';
import { createKeyFiles } from '../../apps/standalone/src/create-key-files.js';
import { imageOf } from '../support/containers.js';
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

describe('docker-compose.yml', () => {
  it('asks in words for each variable that `keys create` makes or leaves to be filled in; others have a default', () => {
    const asked = [...read('docker-compose.yml').matchAll(variable)].map(([, name = '', mark, words]) => {
      return { name, mark, inWords: words !== '' };
    });
    expect(asked.length).toBeGreaterThan(20);
    for (const { name, mark, inWords } of asked) {
      if (name in outside) expect({ name, mark, inWords }).toEqual({ name, mark: ':?', inWords: true });
      else expect({ name, mark }).toEqual({ name, mark: ':-' });
    }
    expect(asked.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(outside)));
  });

  it('hands a password on to PostgreSQL for each role that it makes, and no two are the same', () => {
    expect(roles().map(({ name }) => name)).toHaveLength(descriptions.length);
    const passwords = roles().map(({ variable }) => environmentOf('postgres')[variable]);
    expect(new Set(passwords).size).toBe(descriptions.length);
    expect(service('postgres').volumes).toContain('./docker/postgres:/docker-entrypoint-initdb.d:ro');
  });

  it('has a queue that keeps its jobs', () => {
    const command = service('redis').command ?? [];
    const option = (name: string) => fill(command[command.indexOf(name) + 1] ?? '');
    expect(option('--appendonly')).toBe('yes');
    expect(option('--maxmemory-policy')).toBe('noeviction');
    const queues = Object.keys(services).flatMap((name) => environmentOf(name)['QUEUE_URL'] ?? []);
    expect(new Set(queues)).toEqual(new Set([`redis://:${option('--requirepass')}@redis:6379`]));
  });

  it('keeps database and queue in volumes, where their images write', () => {
    // From 18 on, the image of PostgreSQL has its files in a folder of that folder.
    expect(service('postgres').volumes).toContain('postgres:/var/lib/postgresql');
    expect(service('redis').volumes).toContain('redis:/data');
    expect(Object.keys(compose.volumes)).toEqual(['postgres', 'redis']);
  });

  it('has the audit worker keep its checkpoints outside of containers and database, where it may write', () => {
    const [mount, ...others] = service('audit-worker').volumes ?? [];
    expect(others).toEqual([]);
    const { type, source, target } = mount as { type: string; source: string; target: string };
    expect([type, target]).toEqual(['bind', environmentOf('audit-worker')['AUDIT_STATE_DIR']]);
    const [uid, gid] = fill(service('audit-worker').user ?? '')
      .split(':')
      .map(Number);
    expect(statSync(fill(source))).toMatchObject({ uid, gid });
    expect(statSync(fill(source)).mode & 0o777).toBe(0o700);
  });

  it('opens ports to this machine only', () => {
    const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('bounds the logs and the memory of each container', () => {
    for (const [name, { logging, mem_limit: memory }] of Object.entries(services)) {
      const { 'max-size': size, 'max-file': files } = logging?.options ?? {};
      expect([name, size, files, memory]).toEqual([
        name,
        expect.stringMatching(/^\d+m$/),
        expect.stringMatching(/^\d+$/),
        expect.stringMatching(/^\d+[mg]$/),
      ]);
    }
    // Redis comes to its own limit first, and can copy itself.
    const command = service('redis').command ?? [];
    const limit = Number.parseInt(command[command.indexOf('--maxmemory') + 1] ?? '', 10);
    expect(limit * 2).toBeLessThan(Number.parseInt(service('redis').mem_limit ?? '', 10) * 1024);
  });

  it('sends no mail to a stand-in unless that was asked for', () => {
    const asked = Object.values(service('email-worker').environment ?? {}).join('\n');
    expect(asked).not.toContain('mailpit');
    expect(service('mailpit').profiles).toEqual(['mailpit']);
    const unasked = Object.entries(services).filter(([, each]) => each.depends_on && 'mailpit' in each.depends_on);
    expect(unasked).toEqual([]);
  });

  it('names the exact version of what it takes: what was looked at is what runs', () => {
    const images = Object.values(services).flatMap(({ build, image }) => (build === undefined ? [image] : []));
    expect(images.toSorted()).toEqual([
      expect.stringMatching(/^axllent\/mailpit:v\d+\.\d+\.\d+$/),
      // PostgreSQL's versions have two parts.
      expect.stringMatching(/^postgres:\d+\.\d+-trixie$/),
      expect.stringMatching(/^redis:\d+\.\d+\.\d+-trixie$/),
    ]);
    // Containers of the tests are of the same images.
    expect([imageOf('postgres'), imageOf('redis')].every((image) => images.includes(image))).toBe(true);
  });
});

describe('the image', () => {
  const stages = instructions(read('Dockerfile')).reduce<Instruction[][]>((list, instruction) => {
    if (instruction.name === 'FROM') list.push([]);
    list.at(-1)?.push(instruction);
    return list;
  }, []);
  const last = stages.at(-1) ?? [];
  const only = (name: string) => last.filter((instruction) => instruction.name === name).map(({ text }) => text);

  it('has the Node.js of `npm start`, in the stage that builds and in the one that runs', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const { node = '' } = dependencies;
    expect(node).toMatch(/^\d+\.\d+\.\d+$/);
    const bases = stages.map(([from]) => from?.text.split(' ')[0]);
    expect(new Set(bases)).toEqual(new Set([`node:${node}-trixie-slim`]));
  });

  it('runs as another user than root, in production', () => {
    expect(only('USER')).toEqual([expect.not.stringMatching(/^(root|0)(:|$)/)]);
    expect(only('ENV')).toContain('NODE_ENV=production');
  });

  it('starts Node.js without a shell, for the gateway where nothing else is said', () => {
    const [entry, command] = [only('ENTRYPOINT'), only('CMD')].map(([text = '']) => JSON.parse(text) as string[]);
    expect(entry).toEqual(['node']);
    expect(command).toEqual(service('gateway').command);
  });

  it('holds the build and the production dependencies, and nothing of the tools', () => {
    expect(only('RUN')).toEqual([]);
    const copies = only('COPY');
    expect(copies).toEqual([
      'package.json ./',
      '--from=dependencies /app/node_modules node_modules',
      '--from=build /app/dist dist',
    ]);
    const stage = (name: string) => stages.find(([from]) => from?.text.endsWith(` AS ${name}`)) ?? [];
    const [installs] = stage('dependencies').filter(({ name }) => name === 'RUN');
    expect(installs?.text).toMatch(/^npm ci .*--omit=dev/);
    expect(stage('build').at(-1)).toEqual({ name: 'RUN', text: expect.stringContaining('nest.js build') });
  });

  it('is made from files that are there and let into the build, and no secret is', () => {
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    const letIn = rest.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = stages
      .flat()
      .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
      .flatMap(({ text }) => text.split(' ').slice(0, -1));
    expect([...new Set(copied)].toSorted()).toEqual(letIn.toSorted());
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, one of several lines joined. */
function instructions(text: string): Instruction[] {
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  return lines.flatMap((line) => {
    const [, name, rest] = /^([A-Z]+) (.*)$/.exec(line.trim()) ?? [];
    return name === undefined || rest === undefined ? [] : [{ name, text: rest }];
  });
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
