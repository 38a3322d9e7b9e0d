import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

/** What a browser is given, as far as an authenticator needs it. */
interface CreationOptions {
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
  readonly challenge: string;
}
interface RequestOptions {
  readonly rpId: string;
  readonly challenge: string;
}

/** What is done otherwise than the specification wants. */
export interface Changes {
  /** Fields of the client data that differ; undefined leaves one out. */
  readonly client?: Readonly<Record<string, unknown>>;
  readonly rpId?: string;
  readonly flags?: Partial<Flags>;
  readonly counter?: number;
  /** COSE algorithm that the key claims. */
  readonly alg?: number;
  readonly format?: string;
  readonly statement?: Cbor;
  /** Credential id inside the attested data; the response keeps its own. */
  readonly attestedId?: Buffer;
  readonly userHandle?: string;
  /** Of the response. */
  readonly id?: string;
  readonly rawId?: string;
  readonly type?: string;
  /** Done to the signed bytes, after they have been signed. */
  readonly tamper?: 'authenticatorData' | 'clientDataJSON' | 'signature';
}

interface Flags {
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
}

type Cbor = number | string | Uint8Array | readonly Cbor[] | Map<number | string, Cbor>;

/** As much of CBOR (RFC 8949 §3) as authenticators write, by hand, so that no library is checked by itself. */
function cbor(value: Cbor): Buffer {
  const head = (major: number, size: number) => {
    if (size < 24) return Buffer.of((major << 5) | size);
    if (size < 256) return Buffer.of((major << 5) | 24, size);
    return Buffer.of((major << 5) | 25, size >> 8, size & 255);
  };
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (!(value instanceof Map)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const entries = [...value].flatMap(([key, entry]) => [cbor(key), cbor(entry)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

/** As much of DER (X.690) as a certificate takes. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));

/** A certificate such as makers of authenticators put under an attestation (WebAuthn L3 §8.2.1), signed by itself. */
function attestationCertificate(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'));
  const name = der(
    0x30,
    ...Object.entries({ 550406: 'NL', '55040a': 'Maker', '55040b': 'Authenticator Attestation', 550403: 'Key' }).map(
      ([type, text]) => der(0x31, der(0x30, oid(type), der(0x0c, Buffer.from(text)))),
    ),
  );
  const year = (n: number) => der(0x18, Buffer.from(`${new Date().getUTCFullYear() + n}0101000000Z`));
  const noAuthority = der(0x30, oid('551d13'), der(0x04, der(0x30)));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    name,
    der(0x30, year(-1), year(2)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, der(0x30, noAuthority)),
  );
  return der(0x30, body, ecdsaWithSha256, der(0x03, Buffer.of(0), sign('sha256', body, privateKey)));
}

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest();

/** A browser with an authenticator that holds one passkey, in software (WebAuthn L3 §6). */
export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(32);
  /** Of the last assertion; stays 0 where it does not count. */
  counter = 0;
  flags: Flags = { userPresent: true, userVerified: true, backupEligible: true, backedUp: false };
  private userHandle = '';
  private readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

  readonly algorithm: Algorithm;
  private readonly counts: boolean;

  // The bench loads this file with its types erased: no syntax that only TypeScript has.
  constructor(algorithm: Algorithm = 'ES256', counts = true) {
    this.algorithm = algorithm;
    this.counts = counts;
    this.keys = {
      ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      EdDSA: () => generateKeyPairSync('ed25519'),
      RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    }[algorithm]();
  }

  /** Base64url. */
  get id(): string {
    return this.credentialId.toString('base64url');
  }

  /** `navigator.credentials.create` and `toJSON` */
  register(options: CreationOptions, origin: string, changes: Changes = {}) {
    this.userHandle = options.user.id;
    const clientDataJSON = this.clientData('webauthn.create', options.challenge, origin, changes);
    const credentialId = changes.attestedId ?? this.credentialId;
    const length = Buffer.of(credentialId.length >> 8, credentialId.length & 255);
    const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, this.publicKey(changes.alg)]);
    const authData = this.authenticatorData(options.rp.id, attested, changes);
    const attestationObject = cbor(
      new Map<string, Cbor>([
        ['fmt', changes.format ?? 'none'],
        ['attStmt', changes.statement ?? new Map()],
        ['authData', authData],
      ]),
    );
    return {
      id: changes.id ?? this.id,
      rawId: changes.rawId ?? changes.id ?? this.id,
      type: changes.type ?? 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
    };
  }

  /** A statement (WebAuthn L3 §8.2) that the new key has signed itself, or its maker by a certificate. */
  attestation(options: CreationOptions, origin: string, by: 'itself' | 'maker'): Changes {
    const clientData = this.clientData('webauthn.create', options.challenge, origin, {});
    const length = Buffer.of(this.credentialId.length >> 8, this.credentialId.length & 255);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.credentialId, this.publicKey()]);
    const authData = this.authenticatorData(options.rp.id, attested, {});
    const signed = Buffer.concat([authData, sha256(clientData)]);
    if (by === 'maker') {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const statement = new Map<string, Cbor>([
        ['alg', -7],
        ['sig', sign('sha256', signed, privateKey)],
        ['x5c', [attestationCertificate(publicKey, privateKey)]],
      ]);
      return { format: 'packed', statement };
    }
    const alg = { ES256: -7, EdDSA: -8, RS256: -257 }[this.algorithm];
    return {
      format: 'packed',
      statement: new Map<string, Cbor>([
        ['alg', alg],
        ['sig', this.sign(signed)],
      ]),
    };
  }

  /** `navigator.credentials.get` and `toJSON` */
  assert(options: RequestOptions, origin: string, changes: Changes = {}) {
    if (this.counts) this.counter += 1;
    const clientDataJSON = this.clientData('webauthn.get', options.challenge, origin, changes);
    const authenticatorData = this.authenticatorData(options.rpId, null, changes);
    const signature = this.sign(Buffer.concat([authenticatorData, sha256(clientDataJSON)]));
    const parts = { clientDataJSON, authenticatorData, signature };
    if (changes.tamper === 'clientDataJSON') parts.clientDataJSON = Buffer.from(`${clientDataJSON} `);
    // The counter, upwards: nothing but the signature shows the change.
    if (changes.tamper === 'authenticatorData') authenticatorData.writeUInt32BE(this.counter + 1, 33);
    if (changes.tamper === 'signature')
      signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1);
    return {
      id: changes.id ?? this.id,
      rawId: changes.rawId ?? changes.id ?? this.id,
      type: changes.type ?? 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: parts.clientDataJSON.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: changes.userHandle ?? this.userHandle,
      },
    };
  }

  private clientData(type: string, challenge: string, origin: string, { client = {} }: Changes): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...client }));
  }

  private authenticatorData(rpId: string, attested: Buffer | null, changes: Changes): Buffer {
    const flags = { ...this.flags, ...changes.flags };
    const bits =
      (flags.userPresent ? 1 : 0) |
      (flags.userVerified ? 4 : 0) |
      (flags.backupEligible ? 8 : 0) |
      (flags.backedUp ? 16 : 0) |
      (attested ? 64 : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(changes.counter ?? this.counter);
    return Buffer.concat([sha256(changes.rpId ?? rpId), Buffer.of(bits), counter, attested ?? Buffer.alloc(0)]);
  }

  /** COSE_Key (RFC 9053 §7). */
  private publicKey(claimed?: number): Buffer {
    const jwk = this.keys.publicKey.export({ format: 'jwk' });
    const bytes = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
    const entries: Record<Algorithm, [number, Cbor][]> = {
      ES256: [
        [1, 2],
        [3, claimed ?? -7],
        [-1, 1],
        [-2, bytes(jwk.x)],
        [-3, bytes(jwk.y)],
      ],
      EdDSA: [
        [1, 1],
        [3, claimed ?? -8],
        [-1, 6],
        [-2, bytes(jwk.x)],
      ],
      RS256: [
        [1, 3],
        [3, claimed ?? -257],
        [-1, bytes(jwk.n)],
        [-2, bytes(jwk.e)],
      ],
    };
    return cbor(new Map(entries[this.algorithm]));
  }

  private sign(bytes: Buffer): Buffer {
    return sign(this.algorithm === 'EdDSA' ? null : 'sha256', bytes, this.keys.privateKey);
  }
}
