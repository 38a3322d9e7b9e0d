import fc from 'fast-check';
import type { DeliveryPayload } from '#contracts';
import { languages as wordsOf, type Language } from '#words';

/** Messages with a code, as the gateway writes them for a worker. */
type CodePayload = Extract<DeliveryPayload, { kind: 'code' }>;

export const languages = Object.keys(wordsOf) as Language[];

export const codePayload: CodePayload = {
  kind: 'code',
  to: '+31600000000',
  code: '042917',
  brand: 'Acme',
  host: null,
  locale: 'en',
  purpose: 'login',
  detail: null,
  minutes: 5,
};

const anyBrand = fc.stringMatching(/^[A-Za-z0-9 &@#.éÜ_-]{1,30}$/);
const anyHost = fc.stringMatching(/^[a-z0-9]{1,20}(\.[a-z0-9]{1,20}){0,2}$/);
export const anyText = fc.string({ unit: 'grapheme', maxLength: 200 });

/** With languages and purposes that there are not, too. */
export const anyCodePayload: fc.Arbitrary<CodePayload> = fc.record({
  kind: fc.constant('code' as const),
  to: fc.constant('+31600000000'),
  code: fc.stringMatching(/^\d{6}$/),
  brand: anyBrand,
  host: fc.option(anyHost),
  locale: fc.constantFrom(...languages, 'en-GB', 'xx', 'constructor', ''),
  purpose: fc.constantFrom('login', 'transaction', 'disable', 'change_phone', 'constructor', 'enrolment'),
  detail: fc.option(fc.oneof(anyText, fc.lorem({ maxCount: 30 }), fc.stringMatching(/^[\d ]{1,100}$/))),
  minutes: fc.integer({ min: 1, max: 10 }),
});
