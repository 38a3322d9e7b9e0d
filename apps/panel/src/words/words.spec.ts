import { describe, expect, test } from '@jest/globals';
import { languages as server } from '#words';
import { languageNames, wordsOf, type Language } from './words.js';

const names = Object.keys(languageNames) as Language[];
const others = names.filter((name) => name !== 'en');

type Text = string | ((...given: readonly unknown[]) => string);

/** Every text of a language by its path. */
function textsOf(language: Language): Map<string, Text> {
  const found = new Map<string, Text>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
    } else found.set(path, value as Text);
  };
  walk(wordsOf(language), '');
  return found;
}

const english = textsOf('en');

/** What English fills in, where it fills in anything: numbers that no text has of its own, counts above every exception. */
const marks = (path: string): readonly number[] => {
  const text = english.get(path);
  return typeof text === 'function' ? Array.from({ length: text.length }, (_, index) => 4711 + index) : [];
};

/** Every text as people would read it. */
const readable = (language: Language) =>
  [...textsOf(language)].map(([path, text]) => ({
    path,
    read: typeof text === 'string' ? text : text(...marks(path)),
  }));

/** Words that these languages share with English. What else is the same was most likely forgotten. */
const shared: Record<Exclude<Language, 'en'>, readonly string[]> = {
  nl: ['Accounts', 'Browser', 'Code', 'E-mail', 'Menu', 'Status', 'Websites'],
  da: ['Administration', 'Browser', 'E-mail', 'Menu', 'Status'],
  sv: ['Administration', 'Status'],
  cs: ['E-mail', 'Menu', 'SMS'],
  sk: ['E-mail', 'Menu', 'SMS'],
};

const quotes: Record<Language, string> = { en: '“”', nl: '“”', da: '”', sv: '”', cs: '„“', sk: '„“' };

describe('the words of the panel', () => {
  test.each(others)('%s has every text of English, as plain text or filled in as there', (language) => {
    const kinds = (texts: Map<string, Text>) => [...texts].map(([path, text]) => `${path}: ${typeof text}`).toSorted();
    expect(kinds(textsOf(language))).toEqual(kinds(english));
  });

  test.each(others)('%s leaves nothing in English', (language) => {
    const before = new Map(readable('en').map(({ path, read }) => [path, read]));
    const same = readable(language).filter(({ path, read }) => before.get(path) === read);
    expect([...new Set(same.map(({ read }) => read))].toSorted()).toEqual(shared[language as keyof typeof shared]);
  });

  test.each(names)('%s says all that is filled in, once', (language) => {
    for (const { path, read } of readable(language)) {
      for (const mark of marks(path)) expect([path, read.split(String(mark)).length - 1]).toEqual([path, 1]);
    }
  });

  test.each(names)('%s is of one line each, in the quotation marks of the language', (language) => {
    for (const { path, read } of readable(language)) {
      expect([path, read.trim()]).toEqual([path, read]);
      expect([path, read]).not.toEqual([path, expect.stringMatching(/[\n<>{}"']|undefined/)]);
      const marksOfSpeech = [...(read.match(/[“”„»«‟]/g) ?? [])];
      expect([path, marksOfSpeech.filter((mark) => !quotes[language].includes(mark))]).toEqual([path, []]);
      expect([path, marksOfSpeech.length % 2]).toEqual([path, 0]);
    }
  });

  // The pages put a full stop or a colon behind these themselves.
  test.each(names)('%s ends nothing twice', (language) => {
    const { device, security, secondStep, signIn, add } = wordsOf(language);
    const followed = [
      device.phoneHint,
      security.recoveryLeft(1),
      security.recoveryLeft(3),
      security.lastUsed,
      secondStep.lockedUntil('4'),
      signIn.demo,
      add.orType,
    ];
    for (const text of followed) expect(text).not.toMatch(/[.:]$/);
  });

  test.each(names)("%s leaves the seconds of the button's countdown to its script", (language) => {
    expect(wordsOf(language).secondStep.resendIn('{}').split('{}')).toHaveLength(2);
  });

  test.each(names)('%s names the file of recovery codes as any system can save it', (language) => {
    expect(wordsOf(language).codes.file).toMatch(/^[a-z]+(-[a-z]+)*\.txt$/);
  });

  test.each(names)('%s calls things as Sallyport does', (language) => {
    const { methods, codes } = wordsOf(language);
    const own = server[language];
    expect(methods.totp.toLowerCase()).toBe(own.methods.totp.toLowerCase());
    expect(methods.sms.toLowerCase()).toBe(own.methods.sms.toLowerCase());
    expect(methods.email.toLowerCase()).toBe(own.methods.email.toLowerCase());
    expect(methods.webauthn.toLowerCase()).toContain(own.methods.webauthn);
    expect(codes.title.toLowerCase()).toBe(own.recoveryCodes);
  });
});

describe('counts', () => {
  const forms = (language: Language, text: (words: ReturnType<typeof wordsOf>, count: number) => string) =>
    [0, 1, 2, 4, 5, 22].map((count) => text(wordsOf(language), count));

  test.each([
    ['en', ['0 attempts', 'One attempt', '2 attempts', '4 attempts', '5 attempts', '22 attempts']],
    ['nl', ['0 pogingen', 'één poging', '2 pogingen', '4 pogingen', '5 pogingen', '22 pogingen']],
    ['da', ['0 forsøg', 'ét forsøg', '2 forsøg', '4 forsøg', '5 forsøg', '22 forsøg']],
    ['sv', ['0 försök', 'ett försök', '2 försök', '4 försök', '5 försök', '22 försök']],
    [
      'cs',
      [
        'Zbývá vám 0 pokusů',
        'Zbývá vám jeden pokus',
        'Zbývají vám 2 pokusy',
        'Zbývají vám 4 pokusy',
        'Zbývá vám 5 pokusů',
        'Zbývá vám 22 pokusů',
      ],
    ],
    [
      'sk',
      [
        'Zostáva vám 0 pokusov',
        'Zostáva vám jeden pokus',
        'Zostávajú vám 2 pokusy',
        'Zostávajú vám 4 pokusy',
        'Zostáva vám 5 pokusov',
        'Zostáva vám 22 pokusov',
      ],
    ],
  ] as const)('%s counts tries', (language, expected) => {
    expect(forms(language, (words, count) => words.attemptsLeft(count))).toEqual(
      expected.map((text) => expect.stringContaining(text)),
    );
  });

  test.each([
    ['en', ['one recovery code', '2 recovery codes', '5 recovery codes']],
    ['nl', ['één herstelcode', '2 herstelcodes', '5 herstelcodes']],
    ['da', ['én gendannelseskode', '2 gendannelseskoder', '5 gendannelseskoder']],
    ['sv', ['en återställningskod', '2 återställningskoder', '5 återställningskoder']],
    ['cs', ['Zbývá vám jeden záložní kód', 'Zbývají vám 2 záložní kódy', 'Zbývá vám 5 záložních kódů']],
    ['sk', ['Zostáva vám jeden záložný kód', 'Zostávajú vám 2 záložné kódy', 'Zostáva vám 5 záložných kódov']],
  ] as const)('%s counts recovery codes', (language, expected) => {
    const { recoveryLeft } = wordsOf(language).secondStep;
    for (const [index, count] of [1, 2, 5].entries()) {
      // With what follows: the plural begins as the singular does.
      expect(recoveryLeft(count)).toMatch(new RegExp(`${expected[index]}(?!\\p{L})`, 'u'));
    }
  });

  test.each([
    ['nl', ['1 dag', '2 dagen', '5 dagen']],
    ['da', ['1 dag', '2 dage', '5 dage']],
    ['sv', ['1 dag', '2 dagar', '5 dagar']],
    ['cs', ['1 den', '2 dny', '5 dní']],
    ['sk', ['1 deň', '2 dni', '5 dní']],
  ] as const)('%s counts days', (language, expected) => {
    const { remember } = wordsOf(language).secondStep;
    for (const [index, count] of [1, 2, 5].entries()) {
      expect(remember(count)).toMatch(new RegExp(`${expected[index]}(?!\\p{L})`, 'u'));
    }
  });

  test.each([
    ['cs', ['zbývá 1', 'zbývají 2', 'zbývá 5']],
    ['sk', ['zostáva 1', 'zostávajú 2', 'zostáva 5']],
  ] as const)('%s says of one, of few and of many that they are left', (language, expected) => {
    const { smsLeft, recoveryLeft } = wordsOf(language).security;
    for (const [index, count] of [1, 2, 5].entries()) {
      const left = expected[index] ?? '';
      expect(smsLeft(count, 15)).toContain(`${left} z 15 SMS`);
      expect(recoveryLeft(count).toLowerCase()).toBe(count === 1 ? left.replace('1', 'jeden') : left);
    }
  });
});
