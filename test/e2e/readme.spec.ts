import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSystem, temporaryDataDir, type System } from '../support/system.js';

const root = join(import.meta.dirname, '../..');

/** Commands of the tour, and the pieces of text that the README promises to follow them. */
interface Step {
  readonly commands: string;
  readonly promised: readonly string[];
}

function tour(readme: string): Step[] {
  const section = readme.split('\n## Ten minutes\n')[1]?.split('\n## ')[0] ?? '';
  const steps: { commands: string; promised: string[] }[] = [];
  for (const [, kind, body = ''] of section.matchAll(/```(sh|text)\n([\s\S]*?)```/g)) {
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

test.each(['the first time', 'once more'])('the tour of the README does what it says, line by line, %s', async () => {
  const steps = tour(await readFile(join(root, 'README.md'), 'utf8'));
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
