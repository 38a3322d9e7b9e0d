import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The oldest Node.js that the verifier is for, where the machine has one; else the one that runs the tests. */
export const auditorsNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter((file) => !file.includes('node_modules') && existsSync(file))
  .map((file) => ({ file, version: execFileSync(file, ['--version'], { encoding: 'utf8' }).trim() }))
  .find(({ version }) => version.startsWith('v20.')) ?? { file: process.execPath, version: process.version };

interface Run {
  readonly input?: AsyncIterable<Buffer> | string;
  readonly flags?: readonly string[];
}

/** A project of its own that has the verifier and nothing else. */
export class AuditorsProject {
  private written = 0;

  private constructor(readonly folder: string) {}

  static async open(): Promise<AuditorsProject> {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-audit-verifier-'));
    await writeFile(join(folder, 'package.json'), '{ "name": "auditor", "private": true, "type": "module" }');
    return new AuditorsProject(folder);
  }

  /** Where npm would put the package. */
  get package(): string {
    return join(this.folder, 'node_modules/@sallyport/audit-verifier');
  }

  /** A file of its own. @returns its name in the project */
  async file(content: string | Uint8Array): Promise<string> {
    this.written += 1;
    await writeFile(join(this.folder, `file-${this.written}`), content);
    return `file-${this.written}`;
  }

  /** Runs the command in the project. */
  async verify(args: readonly string[], { input = '', flags = [] }: Run = {}) {
    const main = join(this.package, 'command/main.js');
    const child = spawn(auditorsNode.file, [...flags, main, ...args], { cwd: this.folder, stdio: 'pipe', env: {} });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
    // The command may end before it has read everything.
    child.stdin.on('error', () => undefined);
    const ended = new Promise<number | null>((done) => void child.once('close', done));
    if (typeof input === 'string') child.stdin.end(input);
    else {
      for await (const chunk of input) {
        if (child.exitCode !== null || child.stdin.destroyed) break;
        if (!child.stdin.write(chunk)) await new Promise((done) => void setTimeout(done, 1));
      }
      child.stdin.end();
    }
    return { status: await ended, ...said };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
