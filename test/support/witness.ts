import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatVkey,
  openCheckpoint,
  parseVkey,
  parseWitnessRequest,
  type Checkpoint,
  type SealedEvent,
  type SigningKey,
} from '#audit-log';
import { SomeLog, someEvent } from './audit-log.js';

/** What a witness answered. */
export interface WitnessAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** Sends to `add-checkpoint`. */
export async function submit(url: string, body: string | Uint8Array): Promise<WitnessAnswer> {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

/** A log of the same owner with another past: signed with the same keys, from `events` on. */
export function rewritten(log: SomeLog, length: number, events: (n: number) => SealedEvent): SomeLog {
  const tenantId = log.origin.split('/').at(-1);
  return Object.assign(new SomeLog(length, tenantId, events), { key: log.key, timedKey: log.timedKey });
}

/** A log that is the same up to, but without, entry `n`. */
export function forkAt(log: SomeLog, length: number, n: number, branch = 'other'): SomeLog {
  return rewritten(log, length, (index) =>
    index < n ? someEvent(index) : { ...someEvent(index), id: `evt_${branch}` },
  );
}

/** The line by which a witness watches the logs of all tenants that a key signs for. */
export const anyTenantLine = (key: SigningKey): string => `* ${formatVkey(key)}`;

/** The checkpoint of a request with what the witness answered: verified by the library, one cosignature asked for. */
export function cosigned(log: SomeLog, request: string, answer: WitnessAnswer, vkey: string): Checkpoint {
  const policy = { logs: [log.key], quorum: { threshold: 1, members: [parseVkey(vkey)] } };
  return openCheckpoint(parseWitnessRequest(request).checkpoint + answer.text, policy);
}

/** A folder that goes with the process. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-witness-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
