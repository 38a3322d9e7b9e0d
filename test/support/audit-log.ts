import { generateKeyPairSync } from 'node:crypto';
import {
  consistencyProof,
  encodeEvent,
  formatEntry,
  formatProofFile,
  formatSignatures,
  formatTreeHead,
  formatVkey,
  formatWitnessRequest,
  hashLeaf,
  inclusionProof,
  signCheckpoint,
  signingKey,
  signNote,
  TreeState,
  type LogEntry,
  type SealedEvent,
  type SigningKey,
} from '#audit-log';

/** An event with everything that an encoding has to bear. */
export function someEvent(n: number, tenantId = 'tnt_1'): SealedEvent {
  return {
    id: `evt_${n}`,
    tenantId,
    tx: String(1000 + n),
    type: 'challenge.approved',
    time: `2026-11-22T10:${String(Math.floor(n / 60) % 60).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}.${String(n % 1_000_000).padStart(6, '0')}Z`,
    accountId: 'konto č. 7 "€" 😀 \\ud800 ',
    userId: `user-${n % 10}`,
    userRef: `usr_${n % 10}`,
    requestId: n % 2 ? `req_${n}` : null,
    data: { challengeId: `chl_${n}`, amr: ['otp', 'mfa'], '10': 1e21, '9': -0.5, '': {}, n },
    personal: n % 3 ? Buffer.from(`sealed ${n}`).toString('base64') : null,
  };
}

/** Seconds since 1970. */
const signedAt = 1_764_000_000;

/** A log in memory, and what its owner would publish of it. */
export class SomeLog {
  readonly origin: string;
  readonly key: SigningKey;
  /** With the time. */
  readonly timedKey: SigningKey;
  readonly witness: SigningKey;
  readonly entries: readonly LogEntry[];

  constructor(length: number, tenantId = 'tnt_1', events = (n: number) => someEvent(n, tenantId)) {
    this.origin = `2fa.example.com/audit/${tenantId}`;
    const privateKey = () => generateKeyPairSync('ed25519').privateKey;
    this.key = signingKey(this.origin, 'ed25519', privateKey());
    this.timedKey = signingKey(this.origin, 'cosignature/v1', privateKey());
    this.witness = signingKey('witness.example/w1', 'cosignature/v1', privateKey());
    this.entries = Array.from({ length }, (_, index) => {
      const event = events(index);
      return { index, leafHash: hashLeaf(encodeEvent(event)), event };
    });
  }

  get keys(): string {
    return [this.key, this.timedKey, this.witness].map((key) => `${formatVkey(key)}\n`).join('');
  }

  get export(): string {
    return this.entries.map((entry) => `${formatEntry(entry)}\n`).join('');
  }

  stateAt(size: number): TreeState {
    const state = TreeState.empty();
    for (const { leafHash } of this.entries.slice(0, size)) state.append(leafHash);
    return state;
  }

  /** @param cosigners witnesses, which sign under their own names */
  checkpointAt(size: number, cosigners: readonly SigningKey[] = [this.witness]): string {
    const head = { origin: this.origin, size, root: this.stateAt(size).root() };
    const signed = signCheckpoint(head, [this.key, this.timedKey], signedAt);
    return signed + formatSignatures(signNote(formatTreeHead(head), cosigners, signedAt).signatures);
  }

  async proofOf(index: number, size = this.entries.length): Promise<string> {
    const hashes = await inclusionProof(index, size, this.source);
    const event = this.entries[index]?.event;
    const extra = event && Buffer.from(encodeEvent(event));
    return formatProofFile({ index, hashes, checkpoint: this.checkpointAt(size), extra });
  }

  async requestFrom(oldSize: number, size = this.entries.length): Promise<string> {
    const hashes = await consistencyProof(oldSize, size, this.source);
    return formatWitnessRequest({ oldSize, hashes, checkpoint: this.checkpointAt(size) });
  }

  private readonly source = {
    read: (nodes: readonly { readonly index: number }[]) =>
      nodes.map(({ index }) => this.entries[index]?.leafHash ?? Buffer.alloc(0)),
  };
}
