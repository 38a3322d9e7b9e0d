import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { problems, type ProblemCode } from '#contracts';
import { languageFor, languageOfRequest, languages, type Language } from './languages.js';
import { adviceWords, isRefusalName, refusalWords } from './user-message.js';
import type { Words } from './words.js';

const names = Object.keys(languages) as Language[];
const others = names.filter((name) => name !== 'en');
const refusalNames = Object.keys(languages.en.refusals).filter(isRefusalName);

/** Every text of a language by its path. */
function texts(words: Words): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string') found.set(path, value);
    else if (value && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
    }
  };
  walk(words, '');
  return found;
}
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();

describe('languages', () => {
  test('are these six', () => expect(names).toEqual(['en', 'nl', 'da', 'sv', 'cs', 'sk']));

  test.each(others)('%s has every text of English, with the same things to fill in', (name) => {
    const own = texts(languages[name]);
    const english = texts(languages.en);
    expect([...own.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    for (const [path, text] of english) {
      // Roomy and tight texts differ in what they leave out; which ones fit is tested where they are sent.
      expect([path, placeholders(own.get(path) ?? '')]).toEqual([path, placeholders(text)]);
    }
  });

  // What is the same in two languages was most likely forgotten.
  test.each(others)('%s leaves no sentence in English', (name) => {
    const own = texts(languages[name]);
    const same = [...texts(languages.en)].filter(
      ([path, text]) => text.split(' ').length > 2 && own.get(path) === text,
    );
    expect(same).toEqual([]);
  });

  test.each(names)('%s is plain text of one line each, without digits of a code', (name) => {
    for (const [path, text] of texts(languages[name])) {
      expect([path, text.trim()]).toEqual([path, text]);
      expect(text).not.toMatch(/[\n<>]/);
      // In a message the first six digits must be those of the code.
      if (!path.startsWith('.refusals')) expect(text).not.toMatch(/\d{6}/);
    }
  });
});

describe('which language', () => {
  test.each([
    ['nl-BE', 'nl'],
    ['NL', 'nl'],
    ['sv_SE', 'sv'],
    ['sk-Latn-SK', 'sk'],
    ['fr', 'en'],
    ['', 'en'],
    ['constructor', 'en'],
    ['nlx', 'en'],
  ])('serves the locale %j: %s', (locale, expected) => expect(languageFor(locale)).toBe(expected));

  test.each([
    [undefined, 'en'],
    ['', 'en'],
    ['nl-BE,nl;q=0.9,en;q=0.8', 'nl'],
    ['fr-FR, da;q=0.5, en;q=0.7', 'en'],
    ['en;q=0.2, cs;q=0.9', 'cs'],
    ['de, sk;q=0, sv;q=0.1', 'sv'],
    ['da;q=x, nl;q=0.4', 'da'],
    ['sv , nl', 'sv'],
    ['*', 'en'],
  ])('the header %j asks for: %s', (header, expected) => expect(languageOfRequest(header)).toBe(expected));

  test('any header gets one of ours', () => {
    fc.assert(fc.property(fc.string(), (header) => names.includes(languageOfRequest(header))));
  });
});

describe('words for users', () => {
  test('are there for every refusal that is not for developers alone', () => {
    const without = (Object.keys(problems) as ProblemCode[]).filter((code) => !isRefusalName(code));
    expect(without).toEqual([
      'invalid_request',
      'unauthenticated',
      'insufficient_scope',
      'receipt_refused',
      'not_found',
      'http_method_not_allowed',
      'webhook_limit_reached',
      'webhook_disabled',
      'webhook_delivery_queued',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ]);
  });

  test('keep the sentence that the help page promises', () => {
    expect(refusalWords('en', 'code_already_used')).toBe(
      'This code was used before. Wait until your app shows a new one.',
    );
  });

  test.each(names)('leave nothing to fill in, with facts or without: %s', (language) => {
    for (const name of refusalNames) {
      for (const facts of [{}, { retryAfter: 90, supportContact: 'help@panel.example' }, { supportContact: null }]) {
        expect(refusalWords(language, name, facts)).not.toMatch(/[{}]|undefined|null|\.\.|\s$/);
      }
    }
    expect(adviceWords(language, 'sms_only')).not.toMatch(/[{}]/);
  });

  test.each(names)("say how long, and where to turn when the day's SMS are used up: %s", (language) => {
    expect(refusalWords(language, 'locked', { retryAfter: 61 })).toContain('2 min');
    expect(refusalWords(language, 'locked', { retryAfter: 30 })).toContain('30');
    expect(refusalWords(language, 'locked', { retryAfter: 86_400 })).toContain('24');
    const quota = refusalWords(language, 'sms_quota_exceeded', { supportContact: 'help@panel.example' });
    expect(quota).toContain(languages[language].methods.totp.slice(0, 8));
    expect(quota).toContain('help@panel.example');
  });

  test('do not read what is filled in as a template', () => {
    expect(refusalWords('en', 'sms_blocked', { supportContact: '{wait} {support}' })).toContain(
      'Support: {wait} {support}',
    );
  });
});
