import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { drainMs, loadKeys, optionalSetting, requiredSetting, settings, type SettingName } from '#runtime';
import { memoryFlags } from '../support/memory-flags.js';
import { compose, descriptions, environmentOf, fill, read, roles, root, service } from '../support/compose-file.js';

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
    const needed = wanted.filter(
      (key) => !('mayBeLeftOut' in settings[key]) && !settings[key].schema.safeParse(undefined).success,
    );
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
