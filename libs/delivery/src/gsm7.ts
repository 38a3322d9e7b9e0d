import { isGsm7 } from '#contracts';

/**
 * Characters of an SMS of one part and of two, in the GSM 7-bit alphabet and in UCS-2: 140 octets a part, of which the
 * header that joins two takes six each (3GPP TS 23.040 §9.2.3.24.1).
 */
export const smsLengths = { gsm7: { one: 160, two: 2 * 153 }, ucs2: { one: 70, two: 2 * 67 } } as const;

// Signs without a base letter that Unicode could take apart. The bracket family stands in the extension table, where
// each costs two septets, so it becomes what costs one.
const replacements: Readonly<Record<string, string>> = {
  '…': '...',
  '€': 'EUR',
  '‘': "'",
  '’': "'",
  '‚': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '`': "'",
  '´': "'",
  '‐': '-',
  '‑': '-',
  '–': '-',
  '—': '-',
  '−': '-',
  '~': '-',
  '•': '-',
  '·': '-',
  '×': 'x',
  '[': '(',
  '{': '(',
  ']': ')',
  '}': ')',
  '|': '/',
  '\\': '/',
  '^': "'",
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  œ: 'oe',
  Œ: 'OE',
  ı: 'i',
};

function plain(character: string): string | null {
  if (isGsm7(character)) return character;
  const replaced = replacements[character];
  if (replaced !== undefined) return replaced;
  // The letter without its marks: č → c. Canonical forms only: by the compatible ones, ½ and ² would become digits.
  const base = character.normalize('NFD').replace(/\p{M}/gu, '');
  // Of letters only: without its stroke, ≠ would say the contrary.
  return /^\p{L}/u.test(base) && isGsm7(base) ? base : null;
}

/**
 * One line of text in characters of one septet each, so that `length` is its price.
 * @returns the text, marks dropped and typography made plain; null where more than that would be lost
 */
export function toGsm7(text: string): string | null {
  let result = '';
  for (const character of oneLine(text)
    .normalize('NFC')
    .replaceAll(/\p{Cf}/gu, '')) {
    const letter = plain(character);
    if (letter === null) return null;
    result += letter;
  }
  return result;
}

/** What belongs to a word or an emoji: the joiners of Persian and of families, the tags of a flag (UTS #51 §1.4). */
const joining = '\u200c\u200d\u{e0020}-\u{e007f}';
const formatting = new RegExp(`(?![${joining}])\\p{Cf}`, 'gu');

/**
 * The text on one line: control characters, line breaks and runs of space become one space. What would turn the text
 * around, or is not to be seen, goes; what joins letters and signs stays.
 */
export function oneLine(text: string): string {
  return text
    .replace(formatting, '')
    .replace(/[\p{Cc}\p{Z}\s]+/gu, ' ')
    .trim();
}
