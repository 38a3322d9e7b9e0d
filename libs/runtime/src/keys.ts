import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto';
import { firstPepper, parseKeyFile, type KeyFile } from './key-file.js';
import { readSettingFile, requiredSetting, SettingsError, type Environment } from './read-settings.js';

export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  /** Keys beside it while they are rotated: what they sign and have signed is good, too. */
  readonly others?: readonly SigningKey[];
}

/** Keys by their ids; what is new is sealed under the active one. */
interface Ring {
  readonly active: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** Keys of MACs. */
export interface PepperKeys {
  /** Of what is found again by its MAC, such as addresses. It is never replaced. */
  readonly lookups: KeyObject;
  /** Codes are made under this one of the keys, and checked under that which they were made under. */
  readonly active: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

export interface Keys {
  readonly sealing: Ring;
  readonly webhook: Ring;
  readonly pepper: PepperKeys;
  readonly proof: SigningKey;
  readonly checkpoint: SigningKey;
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
    pepper: () => pepperKeys(file),
    proof: () => signingKeys('proof', file),
    checkpoint: () => signingKeys('checkpoint', file),
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

function keyRing(kind: 'sealing' | 'webhook', file: KeyFile): Ring {
  const { active = '', keys = {} } = file[kind] ?? {};
  if (!(active in keys))
    throw new SettingsError(`SALLYPORT_KEYS: the active ${kind} key "${active}" is not among the keys.`);
  return { active, keys: new Map(Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')])) };
}

function pepperKeys({ pepper = '' }: KeyFile): PepperKeys {
  const secretKey = (text: string) => createSecretKey(Buffer.from(text, 'base64'));
  if (typeof pepper === 'string') {
    const lookups = secretKey(pepper);
    return { lookups, active: firstPepper, keys: new Map([[firstPepper, lookups]]) };
  }
  const { lookups, active, keys } = pepper;
  if (!(active in keys))
    throw new SettingsError(`SALLYPORT_KEYS: the active pepper "${active}" is not among the keys.`);
  return {
    lookups: secretKey(lookups),
    active,
    keys: new Map(Object.entries(keys).map(([id, key]) => [id, secretKey(key)])),
  };
}

function signingKeys(kind: 'proof' | 'checkpoint', file: KeyFile): SigningKey {
  const { id = '', privateKey = '', others = {} } = file[kind] ?? {};
  const other = Object.entries(others).map(([otherId, pem]) => signingKey(kind, otherId, pem));
  return { ...signingKey(kind, id, privateKey), others: other };
}

function signingKey(kind: 'proof' | 'checkpoint', id: string, pem: string): SigningKey {
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType === 'ed25519') return { id, privateKey };
  } catch {
    // Said below, without the key.
  }
  throw new SettingsError(`SALLYPORT_KEYS: the ${kind} key "${id}" must be an Ed25519 private key in PEM.`);
}
