import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadinessAnswer } from '#process';

const root = join(import.meta.dirname, '../..');

export interface Quickstart {
  readonly gatewayUrl: string;
  readonly tenantId: string;
  readonly apiKey: string;
  readonly adminApiKey: string;
  readonly inboxUrl: string;
  readonly docsUrl: string;
  readonly panelUrl: string;
  readonly metricsUrl: string;
}

export interface InboxMessage {
  readonly id: string;
  readonly channel: string;
  readonly to: string;
  readonly subject: string | null;
  readonly body: string;
  readonly receivedAt: string;
}

/** What the reference panel of an installation has: keys of its own tenant, and everyone's password. */
export interface PanelAccess {
  readonly apiKey: string;
  readonly adminApiKey: string;
  readonly password: string;
}

export async function panelAccess(dataDir: string): Promise<PanelAccess> {
  const read = async (file: string) =>
    JSON.parse(await readFile(join(dataDir, file), 'utf8')) as Record<string, string>;
  const { apiKey = '', adminApiKey = '' } = await read('panel.json');
  const { demoPassword: password = '' } = await read('panel-people.json');
  return { apiKey, adminApiKey, password };
}

/** A started program of ours and what it said. */
export interface Program {
  readonly process: ChildProcess;
  /** Everything written to stdout and stderr so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Settles with exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface System extends Program, Quickstart {
  readonly dataDir: string;
  /** Calls the gateway; the API key is the quickstart's unless another is given. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Messages in the inbox, newest first. */
  messages(to?: string): Promise<InboxMessage[]>;
  /** What `/readyz` of the gateway, or at another address, says once it holds: a busy machine may for a moment not be ready. */
  readiness(holds: (answer: ReadinessAnswer) => boolean, url?: string): Promise<ReadinessAnswer>;
  /** SIGTERM, as an operator would. @returns exit code or signal */
  stop(): Promise<number | NodeJS.Signals | null>;
}

export const isReady = ({ status }: ReadinessAnswer): boolean => status === 'ready';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The fields differ by call, and a test that misreads one fails by itself.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** A data directory of its own, reachable for the database's user. */
export async function temporaryDataDir(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-system-'));
  await chmod(folder, 0o711);
  return { path: join(folder, 'data'), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** What was compiled for one process of a run is there for the next. */
function compileCache(): Record<string, string> {
  const folder = process.env['SALLYPORT_TEST_FOLDER'];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: join(folder, 'compiled') };
}

/** Starts a program as npm does: `runProgram('standalone/admin', ['tenant', 'list'], {…})`. */
export function runProgram(program: string, args: string[] = [], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [join(root, 'scripts/start.js'), program, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...compileCache(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<number | NodeJS.Signals | null>((done) => {
    child.once('close', (code, signal) => done(code ?? signal));
  });
  return { process: child, output, ended };
}

/** Starts everything in one process, as `npm start` does, on free ports. */
export async function startSystem(dataDir: string, env: Record<string, string> = {}): Promise<System> {
  const program = runProgram('standalone/main', [], {
    PORT: '0',
    PANEL_PORT: '0',
    INBOX_PORT: '0',
    SALLYPORT_DATA_DIR: dataDir,
    ...env,
  });
  await new Promise<void>((done, fail) => {
    program.process.stderr?.on('data', () => {
      if (program.output.stderr.includes('is ready')) done();
    });
    void program.ended.then((status) => fail(new Error(`It ended with ${status}: ${program.output.stderr}`)));
  });
  const quickstart = JSON.parse(await readFile(join(dataDir, 'quickstart.json'), 'utf8')) as Quickstart;

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${quickstart.gatewayUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${quickstart.apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  const messages = async (to?: string) => {
    const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
    const response = await fetch(`${quickstart.inboxUrl}/messages${query}`);
    return ((await response.json()) as { data: InboxMessage[] }).data;
  };
  const readiness = async (holds: (answer: ReadinessAnswer) => boolean, url = quickstart.gatewayUrl) => {
    for (;;) {
      const answer = (await (await fetch(new URL('/readyz', url))).json()) as ReadinessAnswer;
      if (holds(answer)) return answer;
      await sleep(100);
    }
  };
  const stop = () => {
    program.process.kill('SIGTERM');
    return program.ended;
  };
  return { ...program, ...quickstart, dataDir, call, messages, readiness, stop };
}
