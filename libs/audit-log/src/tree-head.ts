import { MalformedError } from './errors.js';
import { decodeBase64, decodeDecimal } from './text.js';
import { isHash } from './tree.js';

/** What a log was when it had so many entries: what the text of a checkpoint says (C2SP tlog-checkpoint). */
export interface TreeHead {
  /** Names the log, for ever. */
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  /** Of the tree of all of them. */
  readonly root: Uint8Array;
}

/**
 * The name of a tenant's log, the first line of its checkpoints and the name of its key.
 * @param base what an operator chose once for the whole installation, such as `2fa.example.com/audit`: an address without
 *   scheme, which need not answer, of a domain that is theirs. No spaces, no plus, no slash at the end. It says which log it
 *   is, so it must never change, and no other installation may have the same
 * @throws {TypeError} for a base or a tenant that would make an origin that another program might refuse or mistake
 */
export function logOrigin(base: string, tenantId: string): string {
  if (!/^[a-z0-9]([a-z0-9._~-]*[a-z0-9])?(:\d+)?(\/[A-Za-z0-9._~-]+)*$/.test(base))
    throw new TypeError('The origin of a log is an address without scheme, such as 2fa.example.com/audit.');
  if (!/^[A-Za-z0-9_-]+$/.test(tenantId)) throw new TypeError('The id of a tenant has letters, digits, _ and - only.');
  const origin = `${base}/${tenantId}`;
  // C2SP tlog-cosignature has one byte for its length.
  if (origin.length > 255) throw new TypeError('The origin of a log has at most 255 characters.');
  return origin;
}

/** The tenant whose log it is: what follows the last slash. Undefined where there is none. */
export function tenantOfOrigin(origin: string): string | undefined {
  return /\/([A-Za-z0-9_-]+)$/.exec(origin)?.[1];
}

/** The text that is signed. @throws {TypeError} for what is no head of a tree */
export function formatTreeHead({ origin, size, root }: TreeHead): string {
  if (!/^[^\p{Cc}]+$/u.test(origin)) throw new TypeError('An origin is one line of text.');
  if (!Number.isSafeInteger(size) || size < 0) throw new TypeError('A size is a whole number from 0 on.');
  if (!isHash(root)) throw new TypeError('A root has 32 bytes.');
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/**
 * Reads the text of a checkpoint. Lines after the third are allowed, as in C2SP, and mean nothing here.
 * @param text of a note, with the newline at its end
 * @throws {MalformedError}
 */
export function parseTreeHead(text: string): TreeHead {
  const lines = text.split('\n');
  const [origin = '', sizeText = '', rootText = ''] = lines;
  if (lines.pop() !== '' || lines.length < 3 || lines.includes(''))
    throw new MalformedError('checkpoint', 'It does not consist of three lines: origin, size, root.');
  const size = decodeDecimal(sizeText);
  if (size === undefined) throw new MalformedError('checkpoint', 'Its size is no whole number below 2^53.');
  const root = decodeBase64(rootText);
  if (!isHash(root)) throw new MalformedError('checkpoint', 'Its root is no base 64 of 32 bytes.');
  return { origin, size, root };
}
