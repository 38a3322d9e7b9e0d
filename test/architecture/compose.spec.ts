import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { imageOf } from '../support/containers.js';
import {
  compose,
  descriptions,
  environmentOf,
  fill,
  outside,
  read,
  roles,
  root,
  service,
  services,
  variable,
} from '../support/compose-file.js';

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

const ofRoutes = /^(SMS_(ROUTES|HTTP)|VONAGE|TWILIO)_?/;

describe('docker-compose.yml', () => {
  it('asks in words for each variable that `keys create` makes or leaves to be filled in; others have a default', () => {
    const asked = [...read('docker-compose.yml').matchAll(variable)].map(([, name = '', mark, words]) => {
      return { name, mark, inWords: words !== '' };
    });
    expect(asked.length).toBeGreaterThan(20);
    for (const { name, mark, inWords } of asked) {
      // Of the routes for SMS one is enough, whichever it is.
      if (name in outside && !ofRoutes.test(name))
        expect({ name, mark, inWords }).toEqual({ name, mark: ':?', inWords: true });
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
