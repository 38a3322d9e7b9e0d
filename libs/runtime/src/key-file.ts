import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { SettingsError } from './read-settings.js';

const secret = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base 64');
const ring = z.strictObject({
  active: z.string().min(1).max(64),
  keys: z.record(z.string().min(1).max(64), secret),
});
/** The pepper: one key, or after a rotation several, of which the first goes on serving look-ups (ADR 61). */
const pepper = z.union([secret, ring.extend({ lookups: secret })]);
const signing = z.strictObject({
  id: z.string().min(1).max(64),
  privateKey: z.string(),
  /** Beside the active one, while keys are rotated: those that came before it, and the one that comes after it. */
  others: z.record(z.string().min(1).max(64), z.string()).optional(),
});

/**
 * The key file. Five kinds, none usable for another: `sealing` (key-encryption keys of secrets at rest), `webhook` (the
 * same, of the secrets of webhooks alone), `pepper` (codes and look-ups), `proof` and `checkpoint` (Ed25519). A process is
 * given only those that it needs.
 */
const keyFileSchema = z.strictObject({
  sealing: ring.optional(),
  webhook: ring.optional(),
  pepper: pepper.optional(),
  proof: signing.optional(),
  checkpoint: signing.optional(),
});
export type KeyFile = z.infer<typeof keyFileSchema>;
export type KeyKind = keyof KeyFile;

/** A fresh key file with all five kinds. */
export function generateKeyFile(): string {
  const file: KeyFile = {
    sealing: newRing('sealing'),
    webhook: newRing('webhook'),
    pepper: newSecret(),
    proof: { id: newKeyId('proof'), privateKey: newSigner() },
    checkpoint: { id: newKeyId('checkpoint'), privateKey: newSigner() },
  };
  return formatKeyFile(file);
}

/** The id of a new key. */
export const newKeyId = (kind: KeyKind): string =>
  `${kind === 'pepper' ? 'k' : kind.charAt(0)}-${randomBytes(4).toString('hex')}`;

/** What the pepper of an installation is called that has known no other. */
export const firstPepper = 'first';

export const newSecret = (): string => randomBytes(32).toString('base64');

/** A new Ed25519 key in PEM. */
export const newSigner = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function newRing(kind: 'sealing' | 'webhook'): z.infer<typeof ring> {
  const active = newKeyId(kind);
  return { active, keys: { [active]: newSecret() } };
}

/**
 * Key files with a webhook key besides, the same in each, for those that were made before there were webhooks.
 * @param texts key files; where one of them has a webhook key, the others get that one
 * @throws {SettingsError} where two of them have different ones
 */
export function withWebhookKey(...texts: readonly string[]): string[] {
  const files = texts.map(parseKeyFile);
  const given = new Map(files.flatMap(({ webhook }) => (webhook ? [[JSON.stringify(webhook), webhook] as const] : [])));
  if (given.size > 1) throw new SettingsError('the key files have different webhook keys. Make them the same by hand.');
  const [webhook = newRing('webhook')] = given.values();
  return files.map((file) => formatKeyFile({ ...file, webhook }));
}

/** A key file with some kinds of another one: what one process needs. The keys themselves are the same. */
export function selectKeys(text: string, kinds: readonly KeyKind[]): string {
  const file = parseKeyFile(text);
  return formatKeyFile(Object.fromEntries(kinds.map((kind) => [kind, file[kind]])));
}

export function formatKeyFile(file: KeyFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @throws {SettingsError} never with a key in its words */
export function parseKeyFile(text: string): KeyFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own words would quote the key.
    throw new SettingsError('SALLYPORT_KEYS is not JSON. Restore the key file from your backup.');
  }
  const result = keyFileSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new SettingsError(`SALLYPORT_KEYS: ${issue?.path.join('.') || 'the file'} ${issue?.message ?? 'is wrong'}.`);
}
