import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { notices, type DeliveryPayload } from '#contracts';
import { languages as wordsOf } from '#words';
import {
  anyCodePayload as payload,
  anyText,
  codePayload as base,
  languages,
} from '../../../test/support/code-payloads.js';
import { mailFor as mailOf } from './words.js';

type NoticePayload = Extract<DeliveryPayload, { kind: 'notice' }>;
type NoticeName = (typeof notices)[number];

function mailFor(about: DeliveryPayload) {
  const mail = mailOf(about);
  if (!mail) throw new Error('There are no words.');
  return mail;
}

function textOfHtml(html: string): string {
  const body = /<body[^>]*>([\s\S]*)<\/body>/.exec(html)?.[1] ?? '';
  return body
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}
const squeeze = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('mail', () => {
  test('has the code in front, and not in the subject', () => {
    const mail = mailFor(base);
    expect(mail.subject).toBe('Your Acme code');
    expect(mail.text).toMatch(/^042917 is your Acme code to sign in\.\n\nIt works once and is valid for 5 min\./);
    expect(mail.html).toContain('>042917</span>');
  });

  test.each(languages)('has words for every purpose: %s', (locale) => {
    for (const purpose of Object.keys(wordsOf.en.mail.code)) {
      const mail = mailFor({ ...base, locale, purpose, detail: 'Delete the domain a.example' });
      expect(mail.text).toContain('Delete the domain a.example');
      expect(mail.text + mail.html + mail.subject).not.toMatch(/\{\w+\}|undefined/);
    }
  });

  test('the first six digits are the code; HTML and text say the same; nothing is markup', () => {
    const hostile = fc.constantFrom(
      '<img src=x onerror=alert(1)>',
      '"><b>123456',
      "a&b'c",
      'x\r\nBcc: y',
      '{code} 999999',
    );
    fc.assert(
      fc.property(payload, fc.oneof(hostile, anyText), fc.option(fc.oneof(hostile, anyText)), (given, name, detail) => {
        const mail = mailFor({ ...given, brand: name, detail });
        for (const body of [mail.text, mail.html]) expect(/\d{6}/.exec(body)?.[0]).toBe(given.code);
        expect(squeeze(textOfHtml(mail.html))).toBe(squeeze(mail.text));
        expect(mail.subject).not.toMatch(/[\r\n]/);
        expect(mail.html.match(/<(img|b|script|a)\b/)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

describe('notices', () => {
  const notice: NoticePayload = {
    kind: 'notice',
    to: 'a@b.example',
    notice: 'lockout',
    brand: 'Acme',
    locale: 'en',
    facts: { deviceName: 'Work <phone>', lockedUntil: '2026-11-22T21:50:00.000Z' },
    supportContact: 'help@acme.example',
  };

  test('a lockout names the device, the end in UTC, and who helps', () => {
    const mail = mailFor(notice);
    expect(mail.text).toContain('Work <phone>');
    expect(mail.text).toContain('22 Nov 2026, 21:50 UTC');
    expect(mail.text).toContain('help@acme.example');
    expect(mail.html).toContain('Work &lt;phone&gt;');
    expect(squeeze(textOfHtml(mail.html))).toBe(squeeze(mail.text));
  });

  test.each([
    ['علی\u200cرضا', 'علی\u200cرضا'],
    ['👩\u200d💻 Work', '👩\u200d💻 Work'],
    ['क्\u200dष', 'क्\u200dष'],
    [
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
      '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    ],
    ['❤️', '❤️'],
    ['Work\u200bphone\u00ad', 'Workphone'],
    ['a\u202eb\u2066c\ufeff', 'abc'],
    ['a\u2028b\tc\u00a0d', 'a b c d'],
  ])('keep what joins letters and signs of a name: %j', (deviceName, shown) => {
    const mail = mailFor({ ...notice, facts: { deviceName } });
    expect(mail.text).toContain(`: ${shown}.`);
    expect(mail.html).toContain(shown);
  });

  test.each(languages)('need no facts: %s', (locale) => {
    for (const kind of notices) {
      const mail = mailFor({ ...notice, notice: kind, locale, facts: {}, supportContact: null });
      expect(mail.text + mail.html + mail.subject).not.toMatch(/\{\w+\}|undefined|Invalid/);
      expect(mail.html).toContain(`<html lang="${locale}">`);
      expect(squeeze(textOfHtml(mail.html))).toBe(squeeze(mail.text));
    }
  });

  test.each(languages)('tell when, what and, in the end, what to do: %s', (locale) => {
    const words = wordsOf[locale];
    for (const kind of notices.filter((name) => !['lockout', 'account_pattern', 'webhook_disabled'].includes(name))) {
      const facts = { time: '2026-11-22T21:50:00.000Z', deviceName: 'Work phone', method: 'totp', left: '4' };
      const { text } = mailFor({ ...notice, notice: kind, locale, facts });
      expect(text).toMatch(/21[:.]50 UTC/);
      expect(text).toContain(words.noticeParts.unexpected);
      if (kind.startsWith('device_')) expect(text).toContain(`Work phone (${words.methods.totp})`);
      if (kind === 'recovery_code_used') expect(text).toContain(': 4.');
    }
  });

  test.each(languages)(
    'of a webhook say which, where, why and how to enable it, and ask for no password: %s',
    (locale) => {
      const { noticeParts } = wordsOf[locale];
      const facts = (reason: string) => ({ webhookId: 'whk_1', host: 'hooks.acme.example:8443', reason });
      for (const [reason, words] of [
        ['gone', noticeParts.webhookGone],
        ['failing', noticeParts.webhookFailing],
      ] as const) {
        const { text } = mailFor({ ...notice, notice: 'webhook_disabled', locale, facts: facts(reason) });
        for (const each of ['whk_1', 'hooks.acme.example:8443', 'PATCH /v1/webhooks/whk_1', 'enabled', words])
          expect(text).toContain(each);
        expect(text).not.toContain(noticeParts.unexpected);
      }
      expect(noticeParts.webhookGone).not.toBe(noticeParts.webhookFailing);
    },
  );

  test('name the method where the device is gone, and the recovery codes in words of the language', () => {
    const text = (facts: Record<string, string>, kind: NoticeName, locale: string) =>
      mailFor({ ...notice, notice: kind, locale, facts }).text;
    expect(text({ method: 'webauthn' }, 'device_removed', 'cs')).toContain(': přístupový klíč.');
    expect(text({ method: 'constructor' }, 'device_removed', 'en')).toContain(': your two-factor authentication.');
    expect(text({ subject: 'recovery_codes' }, 'lockout', 'nl-BE')).toContain(': herstelcodes.');
  });

  test.each([
    ['3', true],
    ['0', true],
    ['4', false],
  ])('urge to make new recovery codes where %s are left: %s', (left, urges) => {
    const { text } = mailFor({ ...notice, notice: 'recovery_code_used', facts: { left } });
    expect(text.includes(wordsOf.en.noticeParts.recoveryCodesLow)).toBe(urges);
  });

  test('say with the first device that signing in takes a code now', () => {
    const text = (facts: Record<string, string>) => mailFor({ ...notice, notice: 'device_added', facts }).text;
    expect(text({ first: 'yes' })).toContain(wordsOf.en.noticeParts.twoFactorOn);
    expect(text({})).not.toContain(wordsOf.en.noticeParts.twoFactorOn);
  });
});
