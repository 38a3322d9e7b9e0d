import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { SallyportError, Schemas } from '#client';
import type { People, Person } from './people.js';
import type { Asked, Doors } from './sallyport.js';
import type { Presses } from './presses.js';
import type { Standing } from './standing.js';
import type { Notice, Session, Sessions } from './sessions.js';
import type { Language, Words } from './words/words.js';

/** What every page has at hand. */
export interface Env {
  Bindings: HttpBindings;
  Variables: {
    readonly site: Site;
    readonly language: Language;
    readonly words: Words;
    readonly asked: Asked;
    /** Token of the browser's session, and the session; undefined where there is none. */
    token: string | undefined;
    session: Session | undefined;
    /** Shown on this page, taken from the session. */
    notice: Notice | null;
    /** Whether a field says it already. Known when the page is put together: its content is made first. */
    saidByField?: boolean;
  };
}
export type PanelContext = Context<Env>;

/** The rules that an administrator of the panel chooses. */
export type PanelPolicy = Pick<Schemas['PolicyOverride'], 'preset' | 'trustedBrowser' | 'supportContact'>;

export interface Site {
  /** Origin at which people reach it. */
  readonly url: string;
  readonly people: People;
  readonly sessions: Sessions;
  readonly presses: Presses;
  readonly standing: Standing;
  readonly doors: Doors;
  /** Sets these rules of the whole panel; all others stay. */
  applyPolicy(policy: PanelPolicy): Promise<unknown>;
}

/** Over https, `__Host-` makes the browser send only a cookie that this host itself set, over https. */
function cookieOf(site: Site, name: string) {
  const secure = site.url.startsWith('https:');
  return {
    name: secure ? `__Host-${name}` : name,
    options: { httpOnly: true, sameSite: 'Lax', path: '/', secure } as const,
  };
}

export function readCookie(c: PanelContext, name: string): string | undefined {
  return getCookie(c, cookieOf(c.var.site, name).name);
}

/** @param seconds how long it lasts; where left out, until the browser is closed */
export function writeCookie(c: PanelContext, name: string, value: string, seconds?: number): void {
  const cookie = cookieOf(c.var.site, name);
  setCookie(c, cookie.name, value, { ...cookie.options, ...(seconds === undefined ? {} : { maxAge: seconds }) });
}

/**
 * Begins a session under a new token and ends the one before: a token that was known earlier opens nothing later.
 * @param options.succeeding whether the token before leads here for some seconds, since a code that was used up can't be
 *   entered again where the answer was lost
 */
export function beginSession(c: PanelContext, session: Session, options: { succeeding?: boolean } = {}): void {
  const { sessions } = c.var.site;
  const before = c.var.token;
  const token =
    options.succeeding && before !== undefined ? sessions.succeed(session, before) : sessions.open(session, before);
  c.set('token', token);
  c.set('session', session);
  writeCookie(c, 'session', token);
}

/** Closes a front door of the browser's session, and lets the sign-in page say why. */
export function closeDoor(c: PanelContext, application: string): void {
  if (c.var.token !== undefined) c.var.site.sessions.closeDoor(c.var.token, application);
  writeCookie(c, 'ended', 'yes', 60);
}

/** Whether a front door was closed a moment ago. Told once. */
export function wasClosed(c: PanelContext): boolean {
  const closed = readCookie(c, 'ended') !== undefined;
  const { name, options } = cookieOf(c.var.site, 'ended');
  if (closed) deleteCookie(c, name, options);
  return closed;
}

export function endSession(c: PanelContext): void {
  if (c.var.token !== undefined) c.var.site.sessions.end(c.var.token);
  const { name, options } = cookieOf(c.var.site, 'session');
  deleteCookie(c, name, options);
  c.set('token', undefined);
  c.set('session', undefined);
}

/**
 * Ends the person's other sessions when what lets people in has changed: a first device, two-factor authentication on
 * again, a reset. The one that changed it goes on.
 * @param device of a device that went or has another number: then only those that it may have let in
 */
export function endOtherSessions(c: PanelContext, person: Pick<Person, 'accountId' | 'id'>, device?: string): void {
  c.var.site.sessions.endAll(person, { but: c.var.token, admittedBy: device });
}

/**
 * Keeps this session open after an action of its own that ended what had opened it. From then on it stands on the
 * challenge that confirmed the action, or on the password alone.
 * @param device id of the device that goes; where left out, it may have been any
 * @param challengeId of the challenge that confirmed the action
 */
export function goOn(c: PanelContext, device?: string, challengeId: string | null = null): void {
  const admissions = Object.entries(c.var.session?.admissions ?? {}).map(([application, admission]) => [
    application,
    device === undefined || admission.deviceId === device ? { deviceId: null, challengeId } : admission,
  ]);
  changeSession(c, { admissions: Object.fromEntries(admissions) });
}

export function changeSession(c: PanelContext, change: Partial<Session>): void {
  if (c.var.token !== undefined) c.var.site.sessions.change(c.var.token, change);
  if (c.var.session) c.set('session', { ...c.var.session, ...change });
}

/** Sends the browser on, with words for the page that it comes to. */
export function goTo(c: PanelContext, path: string, text?: string, kind: Notice['kind'] = 'done'): Response {
  if (text !== undefined) changeSession(c, { notice: { kind, text } });
  return c.redirect(path, 303);
}

/**
 * A path of this panel, whatever was asked for: never another site. The result is parsed once more, as a browser will:
 * of `/.//evil.example` remains `//evil.example`, which is another host.
 */
export function ownPath(site: Site, asked: unknown): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return '/';
  const url = URL.parse(asked, site.url);
  if (url?.origin !== site.url) return '/';
  const path = url.pathname + url.search;
  return URL.parse(path, site.url)?.href === site.url + path ? path : '/';
}

/** Text fields of a form; a file or a repeated field counts as absent. */
export async function readForm(c: PanelContext): Promise<Record<string, string>> {
  const body = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** A refusal of Sallyport, in words for the person. */
export function wordsFor(c: PanelContext, error: SallyportError): string {
  const { words } = c.var;
  const text = error.userMessage ?? (error.code === 'unavailable' ? words.fault.unavailable : words.fault.invalid);
  const { attemptsLeft, supportContact: contact } = error;
  return [
    text,
    ...(attemptsLeft === undefined || attemptsLeft === 0 ? [] : [words.attemptsLeft(attemptsLeft)]),
    ...(contact === undefined || text.includes(contact) ? [] : [words.supportContact(contact)]),
  ].join(' ');
}
