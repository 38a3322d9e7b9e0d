import { MalformedError } from './errors.js';

type What = MalformedError['what'];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * UTF-8 as text, without a change: a byte order mark stays.
 * @throws {MalformedError} for more bytes than `most`, or bytes that are no UTF-8
 */
export function decodeText(what: What, input: string | Uint8Array, most: number): string {
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (bytes > most) throw new MalformedError(what, `It has more than ${most} bytes.`);
  if (typeof input === 'string') {
    if (!input.isWellFormed()) throw new MalformedError(what, 'It is no well-formed Unicode.');
    return input;
  }
  try {
    return utf8.decode(input);
  } catch {
    throw new MalformedError(what, 'It is no UTF-8.');
  }
}

/** Bytes of base 64 in the one spelling of RFC 4648 §4: padded, no spaces, unused bits zero. Undefined for any other. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** A whole number from 0 on, in decimal without leading zeros. Undefined for any other text, or one above 2^53 - 1. */
export function decodeDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}
