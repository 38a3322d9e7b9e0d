import { spawn } from 'node:child_process';
import type { Identity } from './identity.ts';

/** The server's surroundings: none of our settings, which hold keys. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** @returns undefined if it went well, else the last line it said */
export async function run(
  command: string,
  identity: Identity | undefined,
  args: string[],
  input?: string,
): Promise<string | undefined> {
  const child = spawn(command, args, {
    ...identity,
    cwd: '/',
    env: serverEnvironment(),
    // Of its own group, as the server is: Ctrl-C is for the process that called.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | null>((done) => {
    child.once('close', done);
    child.once('error', (error) => {
      words += error.message;
      done(1);
    });
  });
  if (status === 0) return undefined;
  return words.trim().split('\n').at(-1) || `${command} ended with ${status}`;
}
