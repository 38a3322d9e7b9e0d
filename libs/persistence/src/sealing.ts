import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

/** What a sealed value is for. Each purpose has a key of its own, so that a process can be given some and not others. */
export type SealPurpose =
  | 'seed'
  | 'address'
  | 'profile'
  | 'event-key'
  | 'delivery'
  | 'answer'
  | 'detail'
  | 'user-agent'
  | 'webhook-secret'
  | 'webhook-contact';

/** Key-encryption keys by id; new values are sealed under the active one. */
export interface KeyRing {
  readonly active: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

const format = 1;
const ivBytes = 12;
const tagBytes = 16;

/** What a value that is sealed under a key begins with. */
export function sealHeader(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.of(format, id.length), id]);
}

/** A sealed value that does not open: another key, another row, or damaged. */
export class UnsealError extends Error {
  override name = 'UnsealError';
}

function encrypt(key: KeyObject, header: Buffer, context: string, plain: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.concat([header, Buffer.from(context)]));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), body]);
}

function decrypt(key: KeyObject, header: Buffer, context: string, sealed: Buffer): Buffer {
  const iv = sealed.subarray(0, ivBytes);
  const tag = sealed.subarray(ivBytes, ivBytes + tagBytes);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.concat([header, Buffer.from(context)]));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
  } catch {
    throw new UnsealError('A sealed value does not open: another key, another row, or damaged.');
  }
}

/**
 * Seals secrets and personal values: AES-256-GCM, with the key's id in front and the row it belongs to as associated
 * data, so that a ciphertext copied into another row does not open.
 *
 * Layout: format (1 byte), length of the key id (1), key id, IV (12), tag (16), ciphertext.
 */
export class Sealer {
  private readonly derived = new Map<string, KeyObject>();

  constructor(private readonly ring: KeyRing) {
    if (!ring.keys.has(ring.active)) throw new TypeError(`The active key "${ring.active}" is not in the key ring.`);
  }

  /** @param row what the value is bound to: the ids of its row */
  seal(purpose: SealPurpose, row: string, value: Uint8Array | string): Buffer {
    const header = sealHeader(this.ring.active);
    const plain = typeof value === 'string' ? Buffer.from(value) : value;
    return encrypt(this.key(purpose, this.ring.active), header, `${purpose}:${row}`, plain);
  }

  /** @throws {UnsealError} */
  open(purpose: SealPurpose, row: string, sealed: Buffer): Buffer {
    const idLength = sealed[1];
    if (sealed[0] !== format || idLength === undefined) throw new UnsealError('A sealed value has an unknown format.');
    const header = sealed.subarray(0, 2 + idLength);
    const keyId = header.subarray(2).toString();
    if (!this.ring.keys.has(keyId)) {
      throw new UnsealError(`A value is sealed under the key "${keyId}", which is not in SALLYPORT_KEYS.`);
    }
    return decrypt(this.key(purpose, keyId), header, `${purpose}:${row}`, sealed.subarray(header.length));
  }

  /** @throws {UnsealError} */
  openText(purpose: SealPurpose, row: string, sealed: Buffer): string {
    return this.open(purpose, row, sealed).toString();
  }

  /** A MAC for counting what must not be read, for processes without the pepper. It changes with the active key. */
  fingerprint(...parts: readonly string[]): Buffer {
    return macOf(this.key('fingerprint', this.ring.active), 'fingerprint', parts);
  }

  private key(purpose: SealPurpose | 'fingerprint', keyId: string): KeyObject {
    const name = `${purpose}:${keyId}`;
    const known = this.derived.get(name);
    if (known) return known;
    const root = this.ring.keys.get(keyId);
    if (!root) throw new UnsealError(`The key "${keyId}" is not in the key ring.`);
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', root, '', `sallyport:seal:${purpose}`, 32)));
    this.derived.set(name, key);
    return key;
  }
}

/** Row that a device's sealed values are bound to. */
export function deviceSeal(tenantId: string, deviceId: string): string {
  return `${tenantId}:${deviceId}`;
}

const noHeader = Buffer.alloc(0);

/** A new key for what is personal in one user's events. */
export function newEventKey(): Buffer {
  return randomBytes(32);
}

/** Seals the personal part of an event under its user's key, bound to the event. */
export function sealPersonal(eventKey: Uint8Array, eventId: string, value: object): Buffer {
  return encrypt(createSecretKey(eventKey), noHeader, eventId, Buffer.from(JSON.stringify(value)));
}

/** @throws {UnsealError} */
export function openPersonal(eventKey: Uint8Array, eventId: string, sealed: Buffer): unknown {
  return JSON.parse(decrypt(createSecretKey(eventKey), noHeader, eventId, sealed).toString());
}

/** Keyed MACs by which sealed values are found again, each kind under a label of its own. */
export class Finder {
  constructor(private readonly pepper: KeyObject) {}

  mac(
    kind:
      | 'address'
      | 'send-quota'
      | 'send-window'
      | 'send-pace'
      | 'address-guess'
      | 'place'
      | 'idempotency'
      | 'imported-seed',
    ...parts: readonly string[]
  ): Buffer {
    return macOf(this.pepper, kind, parts);
  }
}

function macOf(key: KeyObject, kind: string, parts: readonly string[]): Buffer {
  const hmac = createHmac('sha256', key).update(`sallyport:${kind}`);
  // Lengths first: ("ab", "c") and ("a", "bc") must differ.
  for (const part of parts) hmac.update(`:${Buffer.byteLength(part)}:`).update(part);
  return hmac.digest();
}
