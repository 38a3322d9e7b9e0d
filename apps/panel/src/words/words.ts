import { cs } from './cs.js';
import { da } from './da.js';
import { en, type Words } from './en.js';
import { nl } from './nl.js';
import { sk } from './sk.js';
import { sv } from './sv.js';

export type { Words };

const all = { en, nl, da, sv, cs, sk } satisfies Record<string, Words>;
export type Language = keyof typeof all;

/** Each language by its own name. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  nl: 'Nederlands',
  da: 'Dansk',
  sv: 'Svenska',
  cs: 'Čeština',
  sk: 'Slovenčina',
};

export const wordsOf = (language: Language): Words => all[language];

export function isLanguage(text: unknown): text is Language {
  return typeof text === 'string' && Object.hasOwn(all, text);
}
