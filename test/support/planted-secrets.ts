import type { DeliveryChannel, OutgoingMessage, SendResult } from '#contracts';

/** Secrets that are planted, and the search for them. */

/** A secret that went through real calls. */
export interface Plant {
  readonly what: string;
  /** As people see it; null where only the bytes are secret. */
  readonly text: string | null;
  readonly bytes: Buffer;
}

export const plant = (what: string, text: string): Plant => ({ what, text, bytes: Buffer.from(text) });

/** A place to search. Text is as it stands; bytes are what its columns decode to. */
export interface Haystack {
  readonly place: string;
  readonly text: string;
}

/**
 * The base 64 text that these bytes leave in a longer one, wherever they begin: at each of three offsets, without the
 * characters that also depend on their neighbours.
 */
function base64Within(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = Math.floor((padded.length * 8) / 6);
    return padded.toString('base64').slice(Math.ceil((offset * 8) / 6), whole);
  });
}

/** The five encodings: as it is, hex, base 64, base64url, percent. */
function encodings({ text, bytes }: Plant): [string, RegExp | string][] {
  const forms: [string, RegExp | string][] = [];
  const hex = bytes.toString('hex');
  if (text !== null) {
    // Six digits are found anywhere by chance, within longer numbers and words; a code of ours stands alone.
    const alone = /^\d{6}$/.test(text);
    forms.push(['plain', alone ? new RegExp(`(?<![0-9A-Za-z.])${text}(?![0-9A-Za-z])`) : text]);
  }
  forms.push(['hex', hex], ['HEX', hex.toUpperCase()]);
  for (const form of base64Within(bytes)) {
    forms.push(['base64', form], ['base64url', form.replaceAll('+', '-').replaceAll('/', '_')]);
  }
  const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  forms.push(['percent', percent], ['percent', percent.toUpperCase()]);
  if (text !== null && encodeURIComponent(text) !== text) forms.push(['percent', encodeURIComponent(text)]);
  return forms;
}

/** Where plants stand: names of plant, encoding and place, never the plant. */
export function search(haystacks: readonly Haystack[], plants: readonly Plant[]): string[] {
  const hits = new Set<string>();
  for (const each of plants) {
    for (const [encoding, form] of encodings(each)) {
      for (const { place, text } of haystacks) {
        const found = typeof form === 'string' ? text.includes(form) : form.test(text);
        if (found) hits.add(`${each.what} as ${encoding} in ${place}`);
      }
    }
  }
  return [...hits];
}

/** A provider that keeps what it was given, and tells it on in its errors, as providers do. */
export function recordingChannel(name: string): DeliveryChannel & { readonly messages: OutgoingMessage[] } {
  const messages: OutgoingMessage[] = [];
  const behave = ({ to, text }: OutgoingMessage): SendResult => {
    const tries = messages.filter((message) => message.to === to).length;
    if (to.endsWith('72') && tries === 1) throw new Error(`Provider cannot reach ${to}: ${text}`);
    if (to.endsWith('73')) return { outcome: 'permanent', error: `invalid destination ${to}: ${text}` };
    return { outcome: 'sent', reference: `ref-${messages.length}`, price: '0.05' };
  };
  return {
    name,
    messages,
    send: (message) => {
      messages.push(message);
      return Promise.resolve().then(() => behave(message));
    },
  };
}

export const sixDigits = (text: string) => /\d{6}/.exec(text)?.[0] ?? '';
