/**
 * The words of one language. `{name}` is filled in. The code comes first in every text that has one: phones and mail
 * programs offer the first digits they find, and a brand may contain digits.
 */
export interface Words {
  readonly sms: {
    /** From roomy to tight; the first that fits one segment is taken. The last one must fit whatever comes. */
    readonly code: readonly string[];
    /** The same with what the user confirms. Where even the tight one leaves no room for it, `code` is taken. */
    readonly transaction: readonly string[];
  };
  readonly mail: {
    readonly subject: string;
    /** What follows the code itself, by purpose; `other` for the rest. */
    readonly code: { readonly other: string } & Readonly<Record<string, string>>;
    readonly detail: string;
    readonly validity: string;
    readonly notYou: string;
  };
  readonly notices: Readonly<
    Record<'lockout' | 'account_pattern', { readonly subject: string; readonly text: readonly string[] }>
  >;
  readonly support: string;
  /** Stands in for facts that were not given. */
  readonly unknownDevice: string;
  readonly unknownTime: string;
}

const en: Words = {
  sms: {
    code: [
      '{code} is your {brand} code. It works once and is valid for {minutes} min. Never share it with anyone.',
      '{code} is your {brand} code, valid for {minutes} min. Never share it.',
      '{code}: {brand} code, {minutes} min. Never share it.',
    ],
    transaction: [
      '{code} is your {brand} code to confirm: {detail}. Valid for {minutes} min. Never share it.',
      '{code} confirms: {detail}. {brand}, {minutes} min. Never share it.',
    ],
  },
  mail: {
    subject: 'Your {brand} code',
    code: {
      login: 'is your {brand} code to sign in.',
      add_device: 'is your {brand} code to add a device for signing in.',
      remove_device: 'is your {brand} code to remove a device.',
      change_phone: 'is your {brand} code to change your phone number.',
      disable: 'is your {brand} code to switch off two-factor authentication.',
      regenerate_recovery_codes: 'is your {brand} code to make new recovery codes.',
      transaction: 'is your {brand} code to confirm what you are about to do.',
      other: 'is your {brand} code.',
    },
    detail: 'You confirm: {detail}',
    validity: 'It works once and is valid for {minutes} min. Never share it: nobody from {brand} will ask you for it.',
    notYou:
      'If you did not ask for this code, someone may know your password. Change it, and do not enter or pass on the code.',
  },
  notices: {
    lockout: {
      subject: '{brand}: too many wrong codes',
      text: [
        'Too many wrong codes were entered at {brand} for: {deviceName}.',
        'It accepts no codes until {lockedUntil}. After that it works again by itself; whatever else you sign in with keeps working.',
        'If this was not you, someone may know your password. Change it now.',
      ],
    },
    account_pattern: {
      subject: '{brand}: wrong codes in your company account',
      text: [
        'Within a short time, wrong codes were entered at {brand} for several users of your company account, or unusually often.',
        'Someone may be trying out passwords and codes. This mail is a warning; it changes nothing.',
        'If you entered no wrong codes yourself, change your password and tell your administrator.',
      ],
    },
  },
  support: 'Questions? {supportContact}',
  unknownDevice: 'your two-factor authentication',
  unknownTime: 'a little later',
};

/** Languages by their code. Another language is another row; the tests go through all of them. */
export const catalogue: Readonly<Record<string, Words>> & { readonly en: Words } = { en };

/** The language that serves a locale: `en-GB` is served by `en`, and unknown ones are too. */
export function wordsFor(locale: string): { readonly language: string; readonly words: Words } {
  const language = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return Object.hasOwn(catalogue, language) && catalogue[language]
    ? { language, words: catalogue[language] }
    : { language: 'en', words: catalogue.en };
}

/** Fills a template in one pass: what is filled in is never read as a template. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
