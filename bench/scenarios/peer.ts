import { fork, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { ScenarioName } from '../catalogue.ts';
import type { Call, Rig, Scenario } from '../rig.ts';

/** What the peer says: its port first, then logins that wait for their second step. */
interface PeerLogin {
  readonly cookie: string;
  /** Of the authenticator app, in base 32. */
  readonly secret: string;
}

const folder = join(import.meta.dirname, '../peers/better-auth');
const memory = ['--max-semi-space-size=16'];
/** More than it checks in a second here. */
const loginsPerSecond = 500;
const warmUpLogins = 200;

/** Installs what the peer needs, which is no dependency of ours. @throws where that fails */
export function assertPeer(say: (line: string) => void): void {
  if (existsSync(join(folder, 'node_modules/better-auth'))) return;
  say('better-auth is not there yet: npm ci in bench/peers/better-auth …');
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(
      `npm ci in bench/peers/better-auth failed: ${stderr.trim()}\nRun it yourself, or leave the peer out: --only core.`,
    );
  }
}

/** The same database server, the same load: a code of an app checked for a login that waits for it. */
export function peerScenario(rig: Rig): [ScenarioName, Scenario] {
  let peer: Awaited<ReturnType<typeof startPeer>> | undefined;
  let logins: readonly PeerLogin[] = [];
  const call = (of: readonly PeerLogin[]): Call => ({
    requests: of.map(({ cookie, secret }) => ({
      method: 'POST',
      path: '/api/auth/two-factor/verify-totp',
      body: JSON.stringify({ code: generateSync({ secret }) }),
      headers: { cookie, origin: 'http://127.0.0.1' },
    })),
    repeat: false,
    expect: { status: 200, text: '"token"' },
  });
  return [
    'better-auth',
    {
      prepare: async () => {
        peer ??= await startPeer(rig);
        logins = await peer.logins(warmUpLogins + loginsPerSecond * rig.options.seconds);
        await rig.sql.query('checkpoint');
      },
      measure: async () => {
        if (!peer) throw new Error('It was not prepared.');
        const { port, pid } = peer;
        await rig.load(call(logins.slice(0, warmUpLogins)), { ports: [port] });
        const rest = call(logins.slice(warmUpLogins));
        return rig.measured([{ pid }], async () => {
          const { requests, seconds, p50Ms, p99Ms } = await rig.load(rest, { ports: [port] });
          return { units: requests, perSecond: requests / seconds, p50Ms, p99Ms };
        });
      },
    },
  ];
}

async function startPeer(rig: Rig) {
  const { databaseUrl } = await rig.system.newDatabase('better_auth');
  const child = await rig.system.take(
    async () =>
      fork(join(folder, 'server.js'), {
        cwd: folder,
        execArgv: memory,
        env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    async (running) => running.kill(),
  );
  const said = async <Answer>() => {
    const answered = once(child, 'message') as Promise<[Answer]>;
    const ended = once(child, 'exit').then(([status]) => {
      throw new Error(`better-auth ended with ${String(status)}.`);
    });
    return (await Promise.race([answered, ended]))[0];
  };
  const { port } = await said<{ readonly port: number }>();
  return {
    port,
    pid: child.pid ?? 0,
    logins: async (count: number) => {
      child.send(count);
      return said<readonly PeerLogin[]>();
    },
  };
}
