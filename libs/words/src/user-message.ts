import type { AdviceCode } from '#contracts';
import { fill } from './fill.js';
import { languages, type Language } from './languages.js';
import type { RefusalName } from './words.js';

export interface RefusalFacts {
  /** Seconds until another try makes sense. */
  readonly retryAfter?: number | undefined;
  /** As the policy names it. */
  readonly supportContact?: string | null | undefined;
}

/** What the user reads where something is refused. */
export function refusalWords(language: Language, name: RefusalName, facts: RefusalFacts = {}): string {
  const { refusals, contact } = languages[language];
  const { supportContact } = facts;
  return fill(refusals[name], {
    wait: duration(language, facts.retryAfter ?? 1),
    support: supportContact ? ` ${fill(contact, { supportContact })}` : '',
  });
}

/** Whether there are words for the user: not for what only developers can mend. */
export function isRefusalName(name: string): name is RefusalName {
  return Object.hasOwn(languages.en.refusals, name);
}

export function adviceWords(language: Language, name: AdviceCode): string {
  return languages[language].advice[name];
}

function duration(language: Language, seconds: number): string {
  const [value, unit]: [number, string] =
    seconds < 60
      ? [Math.max(1, Math.ceil(seconds)), 'second']
      : seconds < 7200
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.ceil(seconds / 3600), 'hour'];
  return numberFormat(language, unit).format(value);
}

/** A format takes as long to make as a call to answer: each is made once. */
const numberFormats = new Map<string, Intl.NumberFormat>();

function numberFormat(language: Language, unit: string): Intl.NumberFormat {
  const name = `${language} ${unit}`;
  let format = numberFormats.get(name);
  if (!format) {
    format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: languages[language].durations });
    numberFormats.set(name, format);
  }
  return format;
}
