import { createPrivateKey, createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { readSettingFile, requiredSetting, SettingsError, type Environment } from './read-settings.js';

const secret = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base 64');
const ring = z.strictObject({
  active: z.string().min(1).max(64),
  keys: z.record(z.string().min(1).max(64), secret),
});
const signing = z.strictObject({ id: z.string().min(1).max(64), privateKey: z.string() });

/**
 * The key file. Five kinds, none usable for another: `sealing` (key-encryption keys of secrets at rest), `webhook` (the
 * same, of the secrets of webhooks alone), `pepper` (codes and look-ups), `proof` and `checkpoint` (Ed25519). A process is
 * given only those that it needs.
 */
const keyFileSchema = z.strictObject({
  sealing: ring.optional(),
  webhook: ring.optional(),
  pepper: secret.optional(),
  proof: signing.optional(),
  checkpoint: signing.optional(),
});
type KeyFile = z.infer<typeof keyFileSchema>;

export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
}

/** Keys by their ids; what is new is sealed under the active one. */
interface Ring {
  readonly active: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

export interface Keys {
  readonly sealing: Ring;
  readonly webhook: Ring;
  readonly pepper: KeyObject;
  readonly proof: SigningKey;
  readonly checkpoint: SigningKey;
}

/** A fresh key file with all five kinds. */
export function generateKeyFile(): string {
  const pair = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const file: KeyFile = {
    sealing: newRing('s'),
    webhook: newRing('w'),
    pepper: randomBytes(32).toString('base64'),
    proof: { id: `p-${id()}`, privateKey: pair() },
    checkpoint: { id: `c-${id()}`, privateKey: pair() },
  };
  return format(file);
}

const id = () => randomBytes(4).toString('hex');

function newRing(prefix: string): z.infer<typeof ring> {
  const active = `${prefix}-${id()}`;
  return { active, keys: { [active]: randomBytes(32).toString('base64') } };
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
  const [webhook = newRing('w')] = given.values();
  return files.map((file) => format({ ...file, webhook }));
}

/** A key file with some kinds of another one: what one process needs. The keys themselves are the same. */
export function selectKeys(text: string, kinds: readonly (keyof Keys)[]): string {
  const file = parseKeyFile(text);
  return format(Object.fromEntries(kinds.map((kind) => [kind, file[kind]])));
}

function format(file: KeyFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * Reads SALLYPORT_KEYS, which is the JSON itself or the path of a file with it.
 * @param needs kinds that this process can't do without
 * @throws {SettingsError} never with a key in its words
 */
export function loadKeys<K extends keyof Keys>(needs: readonly K[], env: Environment = process.env): Pick<Keys, K> {
  if (needs.length === 0) return {} as Pick<Keys, K>;
  const file = parseKeyFile(readKeyFile(env));
  const absent: readonly (keyof Keys)[] = needs.filter((kind) => file[kind] === undefined);
  if (absent.length > 0)
    throw new SettingsError(
      `SALLYPORT_KEYS lacks keys that this process needs: ${absent.join(', ')}.${file.webhook === undefined && needs.some((kind) => kind === 'webhook') ? ' Run "npm run admin -- keys add-webhook" with the key files of gateway and webhook worker.' : ''}`,
    );

  const build: { readonly [Kind in keyof Keys]: () => Keys[Kind] } = {
    sealing: () => keyRing('sealing', file),
    webhook: () => keyRing('webhook', file),
    pepper: () => createSecretKey(Buffer.from(file.pepper ?? '', 'base64')),
    proof: () => signingKey('proof', file),
    checkpoint: () => signingKey('checkpoint', file),
  };
  return Object.fromEntries(needs.map((kind) => [kind, build[kind]()])) as unknown as Pick<Keys, K>;
}

/** All kinds of keys that SALLYPORT_KEYS holds. @throws {SettingsError} */
export function loadHeldKeys(env: Environment = process.env): Partial<Keys> {
  const file = parseKeyFile(readKeyFile(env));
  return loadKeys(
    kinds.filter((kind) => file[kind] !== undefined),
    env,
  );
}

const kinds = ['sealing', 'webhook', 'pepper', 'proof', 'checkpoint'] as const satisfies readonly (keyof Keys)[];

function readKeyFile(env: Environment): string {
  const source = requiredSetting('SALLYPORT_KEYS', env);
  return source.trimStart().startsWith('{') ? source : readSettingFile('SALLYPORT_KEYS', source);
}

function parseKeyFile(text: string): KeyFile {
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

function keyRing(kind: 'sealing' | 'webhook', file: KeyFile): Ring {
  const { active = '', keys = {} } = file[kind] ?? {};
  if (!(active in keys))
    throw new SettingsError(`SALLYPORT_KEYS: the active ${kind} key "${active}" is not among the keys.`);
  return { active, keys: new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')])) };
}

function signingKey(kind: 'proof' | 'checkpoint', file: KeyFile): SigningKey {
  const entry = file[kind];
  try {
    const privateKey = createPrivateKey(entry?.privateKey ?? '');
    if (entry && privateKey.asymmetricKeyType === 'ed25519') return { id: entry.id, privateKey };
  } catch {
    // Said below, without the key.
  }
  throw new SettingsError(`SALLYPORT_KEYS: ${kind}.privateKey must be an Ed25519 private key in PEM.`);
}
