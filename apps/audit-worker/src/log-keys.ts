import { formatVkey, logOrigin, signingKey, type SigningKey as LogKey } from '#audit-log';
import type { SigningKey } from '#runtime';

/** Who signs one log. */
export interface LogSigner {
  readonly origin: string;
  /** Each key in two ways: as every reader of checkpoints knows it, and with the time. The active one first. */
  readonly keys: readonly LogKey[];
  /** The public halves, as lines of text. */
  readonly vkeys: readonly string[];
}

/**
 * The keys of the logs of all tenants: of the installation, with another name for each log. While keys are rotated there are
 * two, and checkpoints carry the signatures of both: who knows one of them can verify each.
 */
export class LogKeys {
  private readonly signers = new Map<string, LogSigner>();

  /** @param base see `logOrigin` */
  constructor(
    private readonly base: string,
    private readonly key: SigningKey,
  ) {}

  of(tenantId: string): LogSigner {
    const known = this.signers.get(tenantId);
    if (known) return known;
    const origin = logOrigin(this.base, tenantId);
    const keys = [this.key, ...(this.key.others ?? [])].flatMap(({ privateKey }) => [
      signingKey(origin, 'ed25519', privateKey),
      signingKey(origin, 'cosignature/v1', privateKey),
    ]);
    const signer = { origin, keys, vkeys: keys.map(formatVkey) };
    this.signers.set(tenantId, signer);
    return signer;
  }
}
