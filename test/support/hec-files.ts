import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hecToken } from './hec-server.js';
import { OwnCa } from './own-ca.js';

/** What an entry of AUDIT_COLLECTORS for a collector of the tests names: its CA, certificate and token. */
export function hecFiles() {
  const ca = new OwnCa();
  const own = ca.issue('collector', 'DNS:localhost,IP:127.0.0.1');
  const tokenFile = join(ca.folder, 'token');
  writeFileSync(tokenFile, `${hecToken}\n`);
  const entryAt = (url: string) => ({ name: 'hec', kind: 'hec', url, caFile: ca.file, tokenFile, from: 'beginning' });
  /** @returns the file that AUDIT_COLLECTORS names */
  const listOf = (...entries: readonly object[]): string => {
    const file = join(ca.folder, 'collectors.json');
    writeFileSync(file, JSON.stringify(entries));
    return file;
  };
  return { ca, own, entryAt, listOf };
}
