import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryFlags } from '../support/memory-flags.js';

const root = join(import.meta.dirname, '../..');

/** The separate processes by their names. */
export type AppName =
  'gateway' | 'relay' | 'sms-worker' | 'email-worker' | 'audit-worker' | 'lockout-worker' | 'webhook-worker';

export interface Ending {
  /** Exit code, or the signal that ended it. */
  readonly status: number | NodeJS.Signals | null;
  /** From the signal to the end. */
  readonly ms: number;
}

/** One log line of a process. */
export interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly requestId?: string;
  readonly [field: string]: unknown;
}

/** A process of ours as operators run it: built files, an environment of its own, structured logs. */
export class AppProcess {
  private child: ChildProcess | undefined;
  private ended: Promise<number | NodeJS.Signals | null> = Promise.resolve(null);
  private readonly lines: LogLine[] = [];
  private words = '';
  private wanted = false;
  /** Where its API or its health is. */
  url = '';

  constructor(
    readonly app: AppName,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Of the process that runs now. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get logs(): readonly LogLine[] {
    return this.lines;
  }

  /**
   * Starts it, and again where it ends instead of becoming ready, as a supervisor would: on a busy machine a store may
   * answer too late.
   * @throws after three tries, with what it said
   */
  async start(): Promise<void> {
    this.wanted = true;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.startOnce();
      } catch (error) {
        if (tries === 3 || !this.wanted) throw error;
      }
    }
  }

  private async startOnce(): Promise<void> {
    const program = join(root, 'dist/apps', this.app, 'src/main.js');
    const child = spawn(process.execPath, [...memoryFlags(`start:${this.app}`), program], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.words = '';
    this.ended = new Promise((done) => {
      child.once('close', (code, signal) => {
        this.child = undefined;
        done(code ?? signal);
      });
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.words += text));
    await new Promise<void>((ready, fail) => {
      let rest = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const whole = `${rest}${text}`.split('\n');
        rest = whole.pop() ?? '';
        for (const line of whole.filter((each) => each !== '')) {
          const entry = JSON.parse(line) as LogLine;
          this.lines.push(entry);
          if (entry.msg !== 'ready') continue;
          this.url = String(entry['url']);
          ready();
        }
      });
      void this.ended.then((status) => fail(new Error(`${this.app} ended with ${status}: ${this.words}`)));
    });
  }

  /** Halts it for so long in whatever it does: its connections stay, and nothing answers. */
  async standStill(ms: number): Promise<void> {
    this.child?.kill('SIGSTOP');
    await sleep(ms);
    this.child?.kill('SIGCONT');
  }

  /** Sends a signal and waits for the end. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ending> {
    this.wanted = false;
    const began = performance.now();
    this.child?.kill(signal);
    const status = await this.ended;
    return { status, ms: Math.round(performance.now() - began) };
  }
}
