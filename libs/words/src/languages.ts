import { cs } from './cs.js';
import { da } from './da.js';
import { en } from './en.js';
import { nl } from './nl.js';
import { sk } from './sk.js';
import { sv } from './sv.js';
import type { Words } from './words.js';

/** Languages by their code (ISO 639-1). Another one is another file and a word here; the tests go through all of them. */
export const languages = { en, nl, da, sv, cs, sk } as const satisfies Record<string, Words>;

export type Language = keyof typeof languages;

function known(locale: string): Language | undefined {
  const language = locale.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  return Object.hasOwn(languages, language) ? (language as Language) : undefined;
}

/** The language that serves a locale (BCP 47): `nl-BE` is served by `nl`, and what we don't have by `en`. */
export function languageFor(locale: string): Language {
  return known(locale) ?? 'en';
}

/** The words that serve a locale. */
export function wordsFor(locale: string): { readonly language: Language; readonly words: Words } {
  const language = languageFor(locale);
  return { language, words: languages[language] };
}

/**
 * The language of ours that an `Accept-Language` header (RFC 9110 §12.5.4) likes best.
 * @returns `en` where it names none of ours
 */
export function languageOfRequest(header: string | undefined): Language {
  const wanted = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';');
      const weight = parameters.map((text) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/i.exec(text)?.[1]).find(Boolean);
      return { language: known(range), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ language, weight }) => language !== undefined && weight > 0)
    // Sorting is stable: among equals the first one stays first.
    .toSorted((a, b) => b.weight - a.weight);
  return wanted[0]?.language ?? 'en';
}
