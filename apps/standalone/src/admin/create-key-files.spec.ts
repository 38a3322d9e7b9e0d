import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addWebhookKey, createKeyFiles } from './create-key-files.js';

describe('the key files of the separate processes', () => {
  let folder: string;
  let options: { dir: string; environment: string };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-keys-'));
    options = { dir: join(folder, 'keys'), environment: join(folder, '.env') };
  });
  afterEach(() => rm(folder, { recursive: true }));

  const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;

  it('hold what each process needs and nothing else; what two share is the same', async () => {
    const { keys } = await createKeyFiles(options);
    const made = new Map(await Promise.all(keys.map(async (file) => [file, await read(file)] as const)));
    const kinds = [...made].map(([file, json]) => [file.slice(options.dir.length + 1), Object.keys(json)]);
    expect(Object.fromEntries(kinds)).toEqual({
      'gateway.json': ['sealing', 'webhook', 'pepper', 'proof'],
      'sms-worker.json': ['sealing'],
      'email-worker.json': ['sealing'],
      'lockout-worker.json': ['sealing'],
      'audit-worker.json': ['checkpoint'],
      'webhook-worker.json': ['webhook'],
    });
    const sealing = [...made.values()].flatMap((json) => ('sealing' in json ? [JSON.stringify(json['sealing'])] : []));
    expect(new Set(sealing).size).toBe(1);
  });

  it('are for their owner only, as is the file of passwords, and no password serves twice', async () => {
    const { keys, environment } = await createKeyFiles(options);
    const modes = await Promise.all([...keys, environment].map(async (file) => (await stat(file)).mode & 0o777));
    expect(new Set(modes)).toEqual(new Set([0o600]));
    const passwords = [...(await readFile(environment, 'utf8')).matchAll(/_PASSWORD=(.*)$/gm)].map(([, word]) => word);
    expect(passwords).toHaveLength(9);
    expect(new Set(passwords).size).toBe(9);
    for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{48}$/);
  });

  it('never take the place of a file that is there', async () => {
    const { keys, environment } = await createKeyFiles(options);
    await rm(keys.at(-1) ?? '');
    await writeFile(environment, 'mine');
    const before = await readFile(keys[0] ?? '', 'utf8');
    await expect(createKeyFiles(options)).rejects.toThrow(`${keys[0]} already exists and was not changed`);
    expect(await readFile(keys[0] ?? '', 'utf8')).toBe(before);

    // Nothing is made either: half of a set would not fit the other half.
    const elsewhere = { ...options, dir: join(folder, 'others') };
    await expect(createKeyFiles(elsewhere)).rejects.toThrow(`${environment} already exists`);
    expect(await readFile(environment, 'utf8')).toBe('mine');
    expect(await readdir(folder)).not.toContain('others');
  });

  it('get one key of webhooks where they were made before there were any, and keep all else', async () => {
    await createKeyFiles(options);
    const [gateway, worker] = [join(options.dir, 'gateway.json'), join(folder, 'new-worker.json')];
    const { webhook: _, ...before } = await read(gateway);
    await writeFile(gateway, JSON.stringify(before));
    await addWebhookKey([gateway, worker]);
    const { webhook, ...rest } = await read(gateway);
    expect(rest).toEqual(before);
    expect(await read(worker)).toEqual({ webhook });
    await addWebhookKey([worker, gateway]);
    expect((await read(gateway))['webhook']).toEqual(webhook);
    expect((await stat(worker)).mode & 0o777).toBe(0o600);
    await writeFile(worker, '{}');
    await addWebhookKey([worker]);
    await expect(addWebhookKey([gateway, worker])).rejects.toThrow('different webhook keys');
  });
});
