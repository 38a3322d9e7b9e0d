import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isGsm7, notices, smsNotices, type DeliveryPayload } from '#contracts';
import { fill, languages as wordsOf } from '#words';
import { anyCodePayload as payload, codePayload as base, languages } from '../../../test/support/code-payloads.js';
import { toGsm7 } from './gsm7.js';
import { fitsSms, smsNotice, smsText } from './words.js';

type NoticePayload = Extract<DeliveryPayload, { kind: 'notice' }>;

describe('SMS', () => {
  test('says what it is, how long it lives, and that nobody else may have it', () => {
    expect(smsText(base)).toBe(
      '042917 is your Acme code. It works once and is valid for 5 min. Never share it with anyone.',
    );
  });

  test('ends with a line that binds the code to its host', () => {
    expect(
      smsText({ ...base, host: 'panel.example.com' })
        .split('\n')
        .at(-1),
    ).toBe('@panel.example.com #042917');
  });

  test.each(languages)('T32 fits one segment with the longest brand and host: %s', (locale) => {
    const longest = { ...base, locale, brand: 'B'.repeat(30), host: `${'h'.repeat(76)}.com`, minutes: 10 };
    // Beyond what gateways let through, the SMS is no longer than any other.
    for (const detail of [null, 'Pay 100 EUR to account 12', 'word '.repeat(60)]) {
      const text = smsText({ ...longest, detail });
      expect(text.length).toBeLessThanOrEqual(detail?.startsWith('Pay') ? 306 : 160);
      if (detail?.startsWith('Pay')) expect(text).toContain(detail);
      expect(isGsm7(text)).toBe(true);
      expect(text).toContain('B'.repeat(30));
      expect(text).toContain('10 min');
      expect(text.split('\n').at(-1)).toBe(`@${longest.host} #042917`);
    }
  });

  test.each(languages)('T32 says what the code does, with the longest brand and host too: %s', (locale) => {
    const { actions, code: plain } = wordsOf[locale].sms;
    const values = { code: '042917', brand: 'B'.repeat(30), minutes: '10' };
    for (const [purpose, texts] of Object.entries(actions)) {
      expect(texts.map((text) => [isGsm7(fill(text, values)), text.startsWith('{code}')])).toEqual(
        texts.map(() => [true, true]),
      );
      const [roomy = '', tight = ''] = [texts[0], texts.at(-1)];
      expect(fill(roomy, values).length).toBeLessThanOrEqual(160);
      const message = { ...base, locale, purpose, minutes: 10, brand: values.brand };
      expect(smsText(message)).toBe(fill(roomy, values));
      const last = `${'h'.repeat(76)}.com`;
      expect(smsText({ ...message, host: last })).toBe(`${fill(tight, values)}\n@${last} #042917`);
      // A login keeps its own words, whatever the brand.
      expect(plain).not.toEqual(expect.arrayContaining([...texts]));
      if (locale !== 'en') expect(smsText(message)).not.toBe(smsText({ ...message, locale: 'en' }));
    }
    expect(smsText({ ...base, locale })).toBe(fill(plain[0] ?? '', { ...values, brand: 'Acme', minutes: '5' }));
  });

  test.each([
    ['add_device', /to add a device for signing in\. .*whoever has it can sign in as you/],
    ['remove_device', /to remove a device\. .*Not you\? Change your password/],
    ['change_phone', /to change your phone number\. .*whoever has it gets your codes/],
    ['disable', /to turn off two-factor authentication\. .*Not you\? Change your password/],
    ['regenerate_recovery_codes', /to make new recovery codes\. .*whoever has it can sign in as you/],
    ['transaction', /to confirm what you are about to do\. .*Not you\? Change your password/],
  ])('tells whoever is asked for it on the telephone: %s', (purpose, words) => {
    expect(smsText({ ...base, purpose })).toMatch(words);
    // A panel's words cannot hide what it does.
    const detail = 'Confirm that a stranger tried to sign in';
    if (purpose !== 'transaction') expect(smsText({ ...base, purpose, detail })).toBe(smsText({ ...base, purpose }));
  });

  // Not only the text that is chosen: each by itself, where it is roomy enough for what it says.
  test.each(languages)('T32 a notice is one segment without a digit, whatever the brand: %s', (locale) => {
    for (const notice of [...notices, ...smsNotices]) {
      const about: NoticePayload = {
        kind: 'notice',
        to: '+31600000000',
        notice,
        brand: 'B'.repeat(30),
        locale,
        facts: {},
        supportContact: null,
      };
      const text = smsNotice(about);
      expect(text !== undefined).toBe((smsNotices as readonly string[]).includes(notice));
      if (text === undefined) continue;
      expect([text, text.length <= 160, isGsm7(text), /[\d{}]/.test(text)]).toEqual([text, true, true, false]);
      if (locale !== 'en') expect(text).not.toBe(smsNotice({ ...about, locale: 'en' }));
    }
  });

  test.each(languages)('T32 has only letters of one septet, and a tight text for the longest brand: %s', (locale) => {
    const { code: texts, transaction } = wordsOf[locale].sms;
    for (const template of [...texts, ...transaction]) {
      const values = { code: '042917', brand: 'B'.repeat(30), minutes: '10', detail: 'Pay 100 EUR to account 12' };
      const text = fill(template, values);
      expect(isGsm7(text)).toBe(true);
      expect(text).not.toMatch(/[{}]/);
      expect(text.startsWith('042917')).toBe(true);
      expect(text.length).toBeLessThanOrEqual(160);
    }
    const host = `\n@${'h'.repeat(80)} #042917`;
    const tight = fill(texts.at(-1) ?? '', { code: '042917', brand: 'B'.repeat(30), minutes: '10' });
    expect(tight.length + host.length).toBeLessThanOrEqual(160);
    expect(texts.map((text) => text.length)).toEqual(texts.map((text) => text.length).toSorted((a, b) => b - a));
  });

  test.each(languages)('T32 every text of every length of brand and host ends with its line: %s', (locale) => {
    for (let size = 1; size <= 30; size += 1) {
      for (const detail of [null, 'Pay 100 EUR to account 12', 'word '.repeat(60)]) {
        for (const last of [null, 'a.example', `${'h'.repeat(76)}.com`]) {
          const text = smsText({ ...base, locale, brand: 'B'.repeat(size), host: last, detail, minutes: 10 });
          expect(text.length).toBeLessThanOrEqual(detail?.startsWith('Pay') ? 306 : 160);
          if (detail?.startsWith('Pay')) expect(text).toContain(detail);
          expect(isGsm7(text)).toBe(true);
          expect(text).toContain('B'.repeat(size));
          expect(text.startsWith('042917')).toBe(true);
          // https://wicg.github.io/sms-one-time-codes/#parsing
          const found = /^@([^ ]+) #(.+)$/.exec(text.split('\n').at(-1) ?? '');
          expect(found?.slice(1) ?? null).toEqual(last === null ? null : [last, '042917']);
        }
      }
    }
  });

  test('T32 is one GSM 7-bit segment that begins with the code, or two with what is confirmed, whatever comes', () => {
    fc.assert(
      fc.property(payload, (given) => {
        const text = smsText(given);
        if (!isGsm7(text)) expect(text.length).toBeLessThanOrEqual(134);
        else expect(text.length).toBeLessThanOrEqual(given.detail === null || !fitsSms(given) ? 160 : 306);
        expect(/\d{6}/.exec(text)?.[0]).toBe(given.code);
        expect(text.startsWith(given.code)).toBe(true);
        expect(text).toContain(`${given.minutes} min`);
        const lines = text.split('\n');
        if (given.host === null) expect(lines).toHaveLength(1);
        else expect(lines.at(-1)).toBe(`@${given.host} #${given.code}`);
      }),
      { numRuns: 2000 },
    );
  });

  test('shows what the user confirms, in plain letters', () => {
    const text = smsText({ ...base, purpose: 'transaction', detail: 'Smazat účet “Žluťoučký kůň” – 5 €' });
    expect(text).toContain('to confirm: Smazat ucet "Zlutoucky kun" - 5 EUR.');
  });

  test.each(languages)('shows what has no plain letters as it is: %s', (locale) => {
    for (const detail of [
      'Transfer ₹500 to Ravi',
      '支払い 100',
      'add ½ share',
      '₿ ≠ 1',
      'تحويل ٥٠٠ إلى علی\u200cرضا',
      '👩\u200d💻',
    ]) {
      for (const purpose of ['transaction', 'login']) {
        const text = smsText({ ...base, locale, purpose, detail });
        expect(text).toContain(`: ${detail}. `);
        expect(text.length).toBeLessThanOrEqual(134);
        expect(text.startsWith('042917')).toBe(true);
      }
    }
  });

  test.each([
    ['Pay … now', 'Pay ... now'],
    ['₹ 5 … and more…', '₹ 5 ... and more'],
    ['Pay 5.', 'Pay 5'],
    ['...', '...'],
    ['a\u202eb', 'ab'],
  ])('shows %j as %j', (detail, shown) => {
    expect(smsText({ ...base, purpose: 'transaction', detail })).toContain(`: ${shown}. `);
  });

  test('shows a long detail whole, over two segments', () => {
    const plain = `Pay to ${'x'.repeat(100)} the sum of 100 000 EUR`;
    const text = smsText({ ...base, purpose: 'transaction', detail: plain, host: 'panel.example' });
    expect(text).toContain(plain);
    expect(text.length).toBeGreaterThan(160);
    expect(text.length).toBeLessThanOrEqual(306);
    const rupees = `Pay ₹500 to ${'x'.repeat(80)}`;
    const wide = smsText({ ...base, purpose: 'transaction', detail: rupees });
    expect(wide).toContain(rupees);
    expect(wide.length).toBeLessThanOrEqual(134);
  });

  test.each([
    ['plain letters', 'x'.repeat(300)],
    ['others', '₹'.repeat(110)],
    ['pairs', '🙂'.repeat(54)],
  ])('does not fit where it cannot be shown whole: %s', (_, detail) => {
    const about = { ...base, purpose: 'transaction', detail };
    expect(fitsSms(about)).toBe(false);
    // Never in the words of a login, should it come so far.
    expect(smsText(about)).toContain('to confirm what you are about to do');
    const shorter = { ...about, detail: [...detail].slice(0, -25).join('') };
    expect(fitsSms(shorter)).toBe(true);
    expect(smsText(shorter)).toContain(shorter.detail);
  });

  test('fits where there is nothing to show', () => {
    expect(fitsSms(base)).toBe(true);
    expect(fitsSms({ ...base, purpose: 'disable', detail: '₹'.repeat(140) })).toBe(true);
  });

  test('survives a brand that the policy would not take', () => {
    expect(smsText({ ...base, brand: '日本' })).toMatch(/^042917 is your 2FA code/);
    expect(smsText({ ...base, brand: 'B'.repeat(200) })).toBe('042917');
  });
});

describe('letters', () => {
  test.each([
    ['Čeština ľ đ ø œ', 'Cestina l d ø oe'],
    ['[a] {b} ~ \\ | ^', "(a) (b) - / / '"],
    ['two\nlines\tand\u2028more', 'two lines and more'],
    ['fran\u0063\u0327ais', 'francais'],
  ])('%j', (given, expected) => expect(toGsm7(given)).toBe(expected));
});
