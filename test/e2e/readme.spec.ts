import { execFile, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { startSystem, temporaryDataDir, type Answer, type System } from '../support/system.js';

const root = join(import.meta.dirname, '../..');

/** Commands of the tour, and the pieces of text that it promises to follow them. */
interface Step {
  readonly commands: string;
  readonly promised: readonly string[];
}

function tour(page: string): Step[] {
  const steps: { commands: string; promised: string[] }[] = [];
  for (const [, kind, body = ''] of page.matchAll(/```(sh|text)\n([\s\S]*?)```/g)) {
    if (kind === 'sh') steps.push({ commands: body, promised: [] });
    else steps.at(-1)?.promised.push(...body.trim().split('\n'));
  }
  return steps;
}

/** Where the machine has no oathtool, the line runs with a stand-in, so that the rest of the tour is still tested. */
async function withOathtool(folder: string): Promise<string> {
  if (spawnSync('oathtool', ['--version']).status === 0) return '';
  process.stderr.write('readme.spec: no oathtool on the PATH; a stand-in on otplib computes the codes.\n');
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const script = `#!${process.execPath}
const { generateSync } = require(${JSON.stringify(join(root, 'node_modules/otplib/dist/index.cjs'))});
const later = process.argv.includes('--now') ? 30 : 0;
console.log(generateSync({ secret: process.argv.at(-1), epoch: Math.floor(Date.now() / 1000) + later }));
`;
  await writeFile(join(bin, 'oathtool'), script);
  await chmod(join(bin, 'oathtool'), 0o755);
  return `${bin}:`;
}

let data: Awaited<ReturnType<typeof temporaryDataDir>>;
let system: System;
beforeAll(async () => {
  data = await temporaryDataDir();
  system = await startSystem(data.path);
});
afterAll(async () => {
  await system.stop();
  await data.remove();
});

test.each(['the first time', 'once more'])('the tour does what it says, line by line, %s', async () => {
  const steps = tour(await readFile(join(root, 'docs/tour.md'), 'utf8'));
  expect(steps.length).toBeGreaterThan(9);
  const mark = '==== step';
  const script = steps.map(({ commands }, index) => `echo '${mark} ${index}'\n${commands}`).join('\n');
  const env = {
    ...process.env,
    PATH: `${await withOathtool(data.path)}${process.env['PATH']}`,
    SALLYPORT_DATA_DIR: data.path,
  };
  const session = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env, timeout: 60_000 });
  // Some tools read their input to its end where it is no terminal.
  session.child.stdin?.end();
  const { stdout } = await session;
  const outputs = stdout.split(new RegExp(`^${mark} \\d+$`, 'm')).slice(1);
  for (const [index, { commands, promised }] of steps.entries()) {
    for (const text of promised)
      expect({ commands, output: outputs[index] }).toEqual({ commands, output: expect.stringContaining(text) });
  }
  const qrCode = outputs.find((output) => output.includes('▄'));
  expect(qrCode).toBeDefined();
});

describe('the login of the README', () => {
  const run = promisify(execFile);
  let folder: string;
  let env: Record<string, string>;
  let api: (method: string, path: string, body: object) => Promise<Answer['body']>;
  beforeAll(async () => {
    const quickstart = JSON.parse(await readFile(join(data.path, 'quickstart.json'), 'utf8'));
    const { gatewayUrl, apiKey } = quickstart as { gatewayUrl: string; apiKey: string };
    env = { PATH: process.env['PATH'] ?? '', SALLYPORT_URL: gatewayUrl, SALLYPORT_API_KEY: apiKey };
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    api = async (method, path, body) =>
      (await fetch(gatewayUrl + path, { method, headers, body: JSON.stringify(body) })).json();
    folder = join(data.path, 'login');
    const client = join(folder, 'node_modules/@sallyport/client');
    await mkdir(client, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(client, 'package.json'), '{ "type": "module", "exports": "./index.js" }');
    const built = pathToFileURL(join(root, 'dist/libs/client/src/index.js')).href;
    await writeFile(join(client, 'index.js'), `export * from '${built}';`);
    await copyFile(join(root, 'examples/php/sallyport.php'), join(folder, 'sallyport.php'));
  });

  async function snippet(kind: string): Promise<string> {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    return new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';
  }

  /** A user with an authenticator app. @returns codes for two checks: a wrong one, and the app's next one */
  async function enrolled(userId: string): Promise<{ wrong: string; right: string }> {
    const path = `/v1/accounts/readme/users/${userId}`;
    await api('PUT', '/v1/accounts/readme', {});
    await api('PUT', path, {});
    const { id, totp } = await api('POST', `${path}/devices`, { method: 'totp', name: 'Phone' });
    await api('POST', `/v1/devices/${id}/verify`, { code: generateSync({ secret: totp.secret }) });
    const right = generateSync({ secret: totp.secret, epoch: Math.floor(Date.now() / 1000) + 30 });
    return { right, wrong: String((Number(right) + 1) % 1_000_000).padStart(6, '0') };
  }

  test('in TypeScript refuses a wrong code and accepts the right one', async () => {
    const { wrong, right } = await enrolled('typescript');
    await writeFile(join(folder, 'login.ts'), await snippet('ts'));
    await writeFile(
      join(folder, 'panel.ts'),
      `import { finishLogin, startLogin } from './login.ts';
       const { decision, challenge } = await startLogin('readme', 'typescript');
       const refused = await finishLogin('readme', 'typescript', challenge.id, '${wrong}').catch((error) => error.code);
       await finishLogin('readme', 'typescript', challenge.id, '${right}');
       console.log(decision, refused);`,
    );
    const { stdout } = await run(join(root, 'node_modules/node/bin/node'), ['panel.ts'], { cwd: folder, env });
    expect(stdout).toBe('challenge code_invalid\n');
  });

  const noPhp = spawnSync('php', ['-v']).status !== 0;
  if (noPhp) process.stderr.write("readme.spec: no php on the PATH: its login is skipped. Install Debian's php-cli.\n");
  (noPhp ? test.skip : test)('in PHP refuses a wrong code and accepts the right one', async () => {
    const { wrong, right } = await enrolled('php');
    await writeFile(
      join(folder, 'panel.php'),
      `<?php ${await snippet('php')}
       $user = ['accountId' => 'readme', 'userId' => 'php'];
       ['decision' => $decision, 'challenge' => $challenge] = start_login($user);
       try { finish_login($user, $challenge['id'], '${wrong}'); } catch (Refusal $refusal) { echo "$decision $refusal->reason "; }
       finish_login($user, $challenge['id'], '${right}');
       echo 'signed in';`,
    );
    const { stdout } = await run('php', ['panel.php'], { cwd: folder, env });
    expect(stdout).toBe('challenge code_invalid signed in');
  });
});
