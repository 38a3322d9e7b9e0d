import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A CA of the tests' own, made by `openssl`; its files go with the process. */
export class OwnCa {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-ca-'));
  readonly file = join(this.folder, 'ca.pem');
  private readonly key = join(this.folder, 'ca.key');

  constructor(name = 'CA of a test') {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
    this.openssl('req', '-x509', ...newKey(this.key), '-out', this.file, '-days', '2', '-subj', `/CN=${name}`);
  }

  /** @param names as in `DNS:localhost,IP:127.0.0.1` */
  issue(file: string, names: string): CertificateFiles {
    const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((end) =>
      join(this.folder, `${file}.${end}`),
    ) as [string, string, string, string];
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    this.openssl('req', ...newKey(key), '-out', request, '-subj', `/CN=${file}`);
    const from = ['-in', request, '-CA', this.file, '-CAkey', this.key, '-CAcreateserial'];
    this.openssl('x509', '-req', ...from, '-out', cert, '-days', '2', '-extfile', extensions);
    return { cert, key };
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

export function contentOf({ cert, key }: CertificateFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
}
