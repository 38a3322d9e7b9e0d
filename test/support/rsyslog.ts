import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../apps/standalone/src/embedded-postgres/free-port.js';
import type { CertificateFiles } from './own-ca.js';

const program = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find(existsSync);

/** Whether there is an rsyslog with TLS to test with; says so where there is none, so that a skipped test has a reason. */
export function rsyslogIsHere(): boolean {
  const hasTls = spawnSync('sh', ['-c', 'ls /usr/lib/*/rsyslog/lmnsd_gtls.so /usr/lib*/rsyslog/lmnsd_gtls.so']).stdout;
  if (program !== undefined && String(hasTls) !== '') return true;
  process.stderr.write(
    `No rsyslogd with TLS: its tests are skipped. Install Debian's "rsyslog" and "rsyslog-gnutls".\n`,
  );
  return false;
}

/** Debian's rsyslog, which takes syslog over TLS and writes messages, as they came, to a file. */
export class Rsyslog {
  private readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-rsyslog-'));
  private readonly file = join(this.folder, 'received.log');
  private running: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly ca: string,
    private readonly own: CertificateFiles,
    private readonly asksForCertificate: boolean,
  ) {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
  }

  static async start(ca: string, own: CertificateFiles, asksForCertificate = false): Promise<Rsyslog> {
    const server = new Rsyslog(await freePort(), ca, own, asksForCertificate);
    await server.start();
    return server;
  }

  /** What has come, a message to a line. */
  get lines(): string[] {
    const whole = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n') : [];
    return whole.slice(0, -1);
  }

  async start(): Promise<void> {
    const config = join(this.folder, 'rsyslog.conf');
    // Written in the thread that reads: what it has read it has written, whenever it is killed.
    writeFileSync(
      config,
      `global(workDirectory="${this.folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${this.ca}"
         defaultNetstreamDriverCertFile="${this.own.cert}" defaultNetstreamDriverKeyFile="${this.own.key}")
       module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1"
         streamDriver.authMode="${this.asksForCertificate ? 'x509/certvalid' : 'anon'}")
       template(name="asItCame" type="string" string="%rawmsg%\\n")
       ruleset(name="log" queue.type="Direct") {
         action(type="omfile" file="${this.file}" template="asItCame")
       }
       input(type="imtcp" address="127.0.0.1" port="${this.port}" ruleset="log")\n`,
    );
    const child = spawn(program ?? '', ['-n', '-f', config, '-i', join(this.folder, 'pid'), '-C'], { stdio: 'ignore' });
    this.running = child;
    for (let waited = 0; !(await this.listens()); waited += 20) {
      if (waited > 20_000 || child.exitCode !== null) throw new Error('rsyslogd did not start.');
      await sleep(20);
    }
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.running;
    this.running = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
    rmSync(join(this.folder, 'pid'), { force: true });
  }

  private listens(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1');
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    }).finally(() => socket.destroy()) as Promise<boolean>;
  }
}
