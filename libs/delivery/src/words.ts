import { fewRecoveryCodes, methods, notices, smsNotices, type DeliveryPayload, type Method } from '#contracts';
import { fill, wordsFor, type Words } from '#words';
import { oneLine, smsLengths, toGsm7 } from './gsm7.js';

type CodePayload = Extract<DeliveryPayload, { kind: 'code' }>;
type NoticePayload = Extract<DeliveryPayload, { kind: 'notice' }>;

/**
 * The SMS with a code: one GSM 7-bit segment, code first; for an action, what the code does. With a host the last line binds the code to it, so that
 * phones fill it in there and nowhere else (https://wicg.github.io/sms-one-time-codes/).
 *
 * What the panel has its user confirm is shown whole, in two segments if need be, of UCS-2 where plain letters would
 * lose something: the proof says that this was confirmed. Gateways refuse what does not fit (`fitsSms`).
 */
export function smsText(payload: CodePayload): string {
  const detailed = detailedSms(payload);
  if (detailed !== undefined) return detailed;
  const { words } = wordsFor(payload.locale);
  const last = domainLine(payload);
  const texts = [...actionTexts(payload), ...words.sms.code].map((template) => fill(template, smsValues(payload)));
  const fitting = texts.find((text) => text.length <= smsLengths.gsm7.one - last.length);
  // Only a brand or a validity beyond the policy's bounds comes here.
  return fitting === undefined ? payload.code + last : fitting + last;
}

/** Whether an SMS can show what the user is to confirm: always where there is nothing but a code. */
export function fitsSms(payload: CodePayload): boolean {
  return shownDetail(payload) === null || detailedSms(payload) !== undefined;
}

function smsValues({ code, brand, minutes }: CodePayload) {
  return { code, brand: toGsm7(brand) || '2FA', minutes: String(minutes) };
}

function actionTexts({ locale, purpose }: CodePayload): readonly string[] {
  return new Map(Object.entries(wordsFor(locale).words.sms.actions)).get(purpose) ?? [];
}

/** What the SMS has to show, on one line. What the other actions do is ours to say, not the panel's. */
function shownDetail(payload: CodePayload): string | null {
  const { purpose, detail } = payload;
  if (detail === null || (actionTexts(payload).length > 0 && purpose !== 'transaction')) return null;
  // The templates end with a full stop of their own.
  const line = oneLine(detail).replaceAll('…', '...');
  return line.replace(/\.+$/, '') || line || null;
}

/** The shortest way to show the whole detail: one segment in as many words as fit, else two. */
function detailedSms(payload: CodePayload): string | undefined {
  const detail = shownDetail(payload);
  if (detail === null) return undefined;
  const plain = toGsm7(detail);
  const texts = wordsFor(payload.locale).words.sms.transaction.map(
    (template) => fill(template, { ...smsValues(payload), detail: plain ?? detail }) + domainLine(payload),
  );
  const { one, two } = plain === null ? smsLengths.ucs2 : smsLengths.gsm7;
  return texts.find((text) => text.length <= one) ?? texts.find((text) => text.length + splitPair(text) <= two);
}

/** A pair of surrogates is not parted: where it would be, the first segment is one shorter. */
function splitPair(text: string): number {
  return /[\ud800-\udbff]/.test(text) ? 1 : 0;
}

/** The SMS of a delivery. @returns undefined for notices that go by mail alone */
export function smsFor(payload: DeliveryPayload): { subject: null; text: string; html: null } | undefined {
  const text = payload.kind === 'code' ? smsText(payload) : smsNotice(payload);
  return text === undefined ? undefined : { subject: null, text, html: null };
}

/** The SMS that tells of a change, in one GSM 7-bit segment. @returns undefined for notices that go by mail alone */
export function smsNotice({ locale, notice, brand }: NoticePayload): string | undefined {
  if (!isOneOf(smsNotices, notice)) return undefined;
  return fill(wordsFor(locale).words.sms.notices[notice], { brand: toGsm7(brand) || '2FA' });
}

function domainLine({ host, code }: CodePayload): string {
  return host !== null && /^[a-z0-9.-]{1,80}$/.test(host) ? `\n@${host} #${code}` : '';
}

export interface Mail {
  /** Never holds the code: subjects are shown on locked screens and written to mail servers' logs. */
  readonly subject: string;
  readonly text: string;
  /** The same content as `text`. */
  readonly html: string;
}

/** The mail of a delivery. @returns undefined for notices that go by SMS alone */
export function mailFor(payload: DeliveryPayload): Mail | undefined {
  return payload.kind === 'code' ? codeMail(payload) : noticeMail(payload);
}

function codeMail(payload: CodePayload): Mail {
  const { language, words } = wordsFor(payload.locale);
  const brand = oneLine(payload.brand);
  const values = { brand, minutes: String(payload.minutes), detail: oneLine(payload.detail ?? '') };
  const { code: sentences, detail, validity, notYou, subject } = words.mail;
  const sentence = (Object.hasOwn(sentences, payload.purpose) && sentences[payload.purpose]) || sentences.other;
  const paragraphs = [
    ...(values.detail === '' ? [] : [fill(detail, values)]),
    fill(validity, values),
    fill(notYou, values),
  ];
  const first = fill(sentence, values);
  return {
    subject: fill(subject, values),
    text: plainText([`${payload.code} ${first}`, ...paragraphs]),
    html: htmlPage(language, { code: payload.code, paragraphs: [first, ...paragraphs] }),
  };
}

function noticeMail(payload: NoticePayload): Mail | undefined {
  if (!isOneOf(notices, payload.notice)) return undefined;
  const { language, words } = wordsFor(payload.locale);
  const { lockedUntil, time, left, first } = payload.facts;
  const values = {
    brand: oneLine(payload.brand),
    device: deviceOf(payload.facts, words),
    lockedUntil: lockedUntil ? readableTime(lockedUntil, language) : words.unknownTime,
    time: time ? readableTime(time, language) : '',
    left: left ?? '0',
    supportContact: oneLine(payload.supportContact ?? ''),
    webhookId: oneLine(payload.facts['webhookId'] ?? ''),
    host: oneLine(payload.facts['host'] ?? ''),
    reason: payload.facts['reason'] === 'gone' ? words.noticeParts.webhookGone : words.noticeParts.webhookFailing,
  };
  const notice = words.notices[payload.notice];
  const { noticeParts } = words;
  const change = !['lockout', 'account_pattern', 'webhook_disabled'].includes(payload.notice);
  const paragraphs = [
    ...notice.text,
    ...(first ? [noticeParts.twoFactorOn] : []),
    ...(payload.notice === 'recovery_code_used' && Number(values.left) <= fewRecoveryCodes
      ? [noticeParts.recoveryCodesLow]
      : []),
    ...(values.time === '' ? [] : [noticeParts.time]),
    ...(change ? [noticeParts.unexpected] : []),
    ...(values.supportContact === '' ? [] : [words.support]),
  ].map((text) => fill(text, values));
  return {
    subject: fill(notice.subject, values),
    text: plainText(paragraphs),
    html: htmlPage(language, { code: null, paragraphs }),
  };
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}

function deviceOf({ subject, deviceName, method }: NoticePayload['facts'], words: Words): string {
  if (subject === 'recovery_codes') return words.recoveryCodes;
  const name = oneLine(deviceName ?? '');
  const kind = methods.includes(method as Method) ? words.methods[method as Method] : '';
  if (name !== '') return kind === '' ? name : `${name} (${kind})`;
  return kind === '' ? words.unknownDevice : kind;
}

/** The reader's zone is not known, so the time names the one it is in. */
function readableTime(text: string, language: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return oneLine(text);
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return `${format.format(time)} UTC`;
}

function plainText(paragraphs: readonly string[]): string {
  return `${paragraphs.join('\n\n')}\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/**
 * One column of text without a background of its own, so that dark mode stays dark. No colour, size or address in it
 * may look like six digits: the first ones must be the code's.
 */
function htmlPage(language: string, content: { code: string | null; paragraphs: readonly string[] }): string {
  const [first = '', ...rest] = content.paragraphs.map(escapeHtml);
  const paragraph = (inner: string) => `<p style="margin:0 0 16px">${inner}</p>`;
  const large = 'font-size:32px;line-height:1.5;font-weight:bold;letter-spacing:4px;font-family:monospace';
  const opening =
    content.code === null ? first : `<span style="${large}">${escapeHtml(content.code)}</span><br>\n${first}`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>:root{color-scheme:light dark;supported-color-schemes:light dark}</style>
</head>
<body style="margin:0;padding:24px;font-family:sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:560px;margin:0 auto">
${[opening, ...rest].map(paragraph).join('\n')}
</div>
</body>
</html>
`;
}
