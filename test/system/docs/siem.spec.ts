import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseCollectors } from '../../../apps/audit-worker/src/collectors/read-collectors.js';
import { freePort } from '../../../apps/standalone/src/embedded-postgres/free-port.js';

const folder = join(import.meta.dirname, '../../../docs/compliance');
const examples = join(folder, 'examples');
const page = readFileSync(join(folder, 'siem.md'), 'utf8');

const hasPhp = spawnSync('php', ['--version']).status === 0;
if (!hasPhp) process.stderr.write('No PHP (apt-get install php-cli): its receiver is skipped.\n');
const rsyslogd = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find(existsSync);
if (!rsyslogd)
  process.stderr.write('No rsyslogd (apt-get install rsyslog rsyslog-gnutls): its configuration is skipped.\n');

test('docs/compliance/siem.md shows the files of its examples', async () => {
  for (const name of await readdir(examples)) {
    const text = await readFile(join(examples, name), 'utf8');
    expect(page).toMatch(new RegExp(`\`examples/${name}\`:\n\n\`\`\`[a-z]*\n`));
    expect([name, page.includes(`\n${text}\`\`\`\n`)]).toEqual([name, true]);
    if (name.endsWith('.json')) expect(() => void JSON.parse(text)).not.toThrow();
  }
});

test('the audit worker reads the collectors of the example', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-siem-'));
  for (const name of ['siem-ca.pem', 'splunk-token']) await writeFile(join(home, name), `${name}\n`);
  const text = await readFile(join(examples, 'collectors.json'), 'utf8');
  expect(parseCollectors(text.replaceAll('/etc/sallyport', home))).toMatchObject([
    { name: 'siem', kind: 'syslog', format: 'ocsf', maxBytes: 8192, from: 'now' },
    { name: 'splunk', kind: 'hec', format: 'ocsf', maxBytes: 65_536, acknowledge: true, token: 'splunk-token' },
  ]);
  await rm(home, { recursive: true });
});

(rsyslogd ? test : test.skip)('rsyslog reads its configuration', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-siem-'));
  const config = join(home, 'rsyslog.conf');
  const made = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=siem', '-keyout', join(home, 'key.pem')];
  spawnSync('openssl', [...made, '-out', join(home, 'cert.pem')]);
  spawnSync('cp', [join(home, 'cert.pem'), join(home, 'ca.pem')]);
  const text = await readFile(join(examples, 'rsyslog.conf'), 'utf8');
  await writeFile(config, text.replaceAll('/etc/sallyport-tls', home));
  const { status, stderr } = spawnSync(rsyslogd ?? '', ['-N1', '-f', config], { encoding: 'utf8' });
  await rm(home, { recursive: true });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('error') });
});

test('a receiver takes thirty lines', () => {
  for (const { name } of receivers)
    expect([name, readFileSync(join(examples, name), 'utf8').trimEnd().split('\n').length <= 30]).toEqual([name, true]);
});

const receivers = [
  { name: 'receiver.mjs', isHere: true, command: () => [process.execPath, 'receiver.mjs'] },
  {
    name: 'receiver.php',
    isHere: hasPhp,
    command: (port: number) => ['php', '-S', `127.0.0.1:${port}`, 'receiver.php'],
  },
];

for (const { name, isHere, command } of receivers) {
  (isHere ? describe : describe.skip)(name, () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    let port: number;
    let inbox: string;
    let child: ChildProcess;

    beforeAll(async () => {
      port = await freePort();
      inbox = await mkdtemp(join(tmpdir(), 'sallyport-receiver-'));
      const [program = '', ...args] = command(port);
      const env = { PATH: process.env['PATH'], WEBHOOK_SECRET: secret, INBOX: inbox, PORT: String(port) };
      child = spawn(program, args, { cwd: examples, env, stdio: 'ignore' });
      for (let waited = 0; !(await listens(port)); waited += 20) {
        if (waited > 20_000) throw new Error(`${name} did not start.`);
        await sleep(20);
      }
    });
    afterAll(async () => {
      child.kill();
      await rm(inbox, { recursive: true });
    });

    const now = () => String(Math.floor(Date.now() / 1000));
    const signed = (id: string, time: string, body: string, by = secret) =>
      `v1,${createHmac('sha256', Buffer.from(by.slice('whsec_'.length), 'base64'))
        .update(`${id}.${time}.${body}`)
        .digest('base64')}`;
    const post = async (id: string, time: string, signature: string, body: string) => {
      const headers = { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature };
      return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status;
    };
    const kept = async () => (await readdir(inbox)).toSorted();
    const body = '{"id":"evt_1","type":"com.sallyport.login.denied","data":{"reason":"ü"}}';

    test('keeps an event once, however often it comes, as it came', async () => {
      const time = now();
      expect(await post('evt_1', time, signed('evt_1', time, body), body)).toBe(204);
      expect(await post('evt_1', time, signed('evt_1', time, body), body)).toBe(204);
      expect(await kept()).toEqual(['evt_1.json']);
      expect(await readFile(join(inbox, 'evt_1.json'), 'utf8')).toBe(body);
    });

    test('takes the second of two signatures, while the secret is being changed', async () => {
      const time = now();
      const other = signed('evt_2', time, body, `whsec_${randomBytes(32).toString('base64')}`);
      expect(await post('evt_2', time, `${other} ${signed('evt_2', time, body)}`, body)).toBe(204);
      expect(await post('evt_3', time, other, body)).toBe(401);
    });

    test('refuses what was changed, is old, is of the future, or would leave its folder', async () => {
      const before = await kept();
      const time = now();
      const right = signed('evt_4', time, body);
      expect(await post('evt_4', time, right, body.replace('denied', 'allowed'))).toBe(401);
      expect(await post('evt_5', time, right, body)).toBe(401);
      expect(await post('evt_4', time, right.replace('v1,', 'v2,'), body)).toBe(401);
      expect(await post('evt_4', time, '', body)).toBe(401);
      for (const off of [-400, 400]) {
        const then = String(Number(time) + off);
        expect(await post('evt_4', then, signed('evt_4', then, body), body)).toBe(401);
      }
      for (const id of ['../evt_4', 'a/b', '', 'x'.repeat(101)])
        expect(await post(id, time, signed(id, time, body), body)).toBe(401);
      expect(await kept()).toEqual(before);
    });

    test('goes on after a caller that breaks off', async () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
      await sleep(100);
      socket.destroy();
      const time = now();
      expect(await post('evt_6', time, signed('evt_6', time, body), body)).toBe(204);
    });
  });
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}
