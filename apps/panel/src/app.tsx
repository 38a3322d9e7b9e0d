import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { SallyportError } from '#client';
import { administration } from './administration.js';
import { applicationOf } from './applications.js';
import { devices, NotYours } from './devices.js';
import { enrolment } from './enrolment.js';
import { history } from './history.js';
import { home } from './home.js';
import { page } from './layout.js';
import { ofPerson, People } from './people.js';
import { Presses } from './presses.js';
import { recoveryCodes } from './recovery-codes.js';
import { noting, openDoors, type Asked, type Doors } from './sallyport.js';
import { secondStep } from './second-step.js';
import { security } from './security.js';
import { isIn, Sessions } from './sessions.js';
import { signIn } from './sign-in.js';
import {
  changeSession,
  closeDoor,
  ownPath,
  readCookie,
  readForm,
  wordsFor,
  writeCookie,
  type Env,
  type PanelContext,
  type Site,
} from './site.js';
import { Standing } from './standing.js';
import { trustedBrowsers } from './trusted-browsers.js';
import { isLanguage, languageNames, wordsOf, type Language } from './words/words.js';

export interface PanelOptions {
  /**
   * Listens, and has each request answered. The caller brings it: the guarded server of this repository is not something
   * that a customer has.
   */
  readonly serve: (answerer: (port: number) => Answerer) => Promise<{ readonly port: number; stop(): Promise<void> }>;
  /** Where people reach it, as passkeys and cookies are bound to it; by its port on localhost where left out. */
  readonly url?: string | undefined;
  readonly sallyport: { readonly url: string; readonly apiKey: string; readonly adminApiKey: string };
  /** The file of those who may sign in. Where there is none, it is made, with people to try things with. */
  readonly peopleFile: string;
  /** Told of faults; never of what people enter. */
  readonly onFault: (error: unknown) => void;
}

type Answerer = (request: Request, env: HttpBindings) => Response | Promise<Response>;

export interface RunningPanel {
  readonly url: string;
  /** Where it listens, behind whatever is at `url`. */
  readonly port: number;
  stop(): Promise<void>;
}

const modules = createRequire(import.meta.url);
const ofPanel = (file: string) => new URL(`../assets/${file}`, import.meta.url);

/** Files for browsers, and where they are. Not every package names its own in `exports`. */
const assets: Record<string, URL | string> = {
  'pico.css': modules.resolve('@picocss/pico/css/pico.min.css'),
  'simplewebauthn.js': join(dirname(modules.resolve('@simplewebauthn/browser')), '../dist/bundle/index.umd.min.js'),
  'panel.css': ofPanel('panel.css'),
  'countdown.js': ofPanel('countdown.js'),
  'passkey.js': ofPanel('passkey.js'),
  'press.js': ofPanel('press.js'),
  'print.js': ofPanel('print.js'),
  'times.js': ofPanel('times.js'),
  'icon.svg': ofPanel('icon.svg'),
};
const types: Record<string, string> = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };

/** Pages that show themselves to anybody. */
const open = /^\/(sign-in|sign-out|language|assets\/.*|api\/.*)$/;
/** Pages of a login that is under way. */
const between = /^\/second-step(\/.*)?$/;
const enrolling = /^\/(devices\/(new|enrolment(\/.*)?)|recovery-codes\/download)$/;

const toSignIn = (c: PanelContext, path: string) =>
  c.redirect(`/sign-in?next=${encodeURIComponent(c.req.method === 'GET' ? path : '/')}`, 303);

/** Nobody gets to a page before both doors are open, whichever way they come. */
const guard: MiddlewareHandler<Env> = async (c, next) => {
  const { session } = c.var;
  // As the router reads it: an address may be written in more than one way (`/%61dministration`).
  const { path } = c.req;
  if (open.test(path)) return next();
  const application = applicationOf(path);
  if (!session || !isIn(session, application)) {
    const { login = null, check = null } = session ?? {};
    if (login?.enroll) return enrolling.test(path) ? next() : c.redirect('/devices/new', 303);
    // Also where there is nothing to check any more: its page says so.
    if (login && between.test(path)) return next();
    if (login && check?.action.kind === 'sign-in') return c.redirect('/second-step', 303);
    return toSignIn(c, path);
  }
  const admission = session.admissions[application];
  if (admission && !(await c.var.site.standing.holds(admission))) {
    closeDoor(c, application);
    return toSignIn(c, path);
  }
  // As if it did not exist.
  if (path.startsWith('/administration') && !session.person.administrator) return notFound(c);
  return next();
};

/** Two presses of a button are one, whatever form it belongs to. */
const onePress: MiddlewareHandler<Env> = async (c, next) => {
  const { presses, sessions } = c.var.site;
  const form = c.req.method === 'POST' ? await readForm(c) : {};
  if (!/^[\w-]{20,64}$/.test(form['key'] ?? '')) return next();
  const { pathname, search } = new URL(c.req.url);
  const work = async (key: string) => {
    c.var.asked.key = key;
    await next();
    return { answer: c.res, token: c.var.token };
  };
  return presses.once(pathname + search, form, work, (token) => sessions.find(token) !== undefined);
};

const notFound = (c: PanelContext) => {
  c.header('Cache-Control', 'no-store');
  return page(c, { title: c.var.words.fault.notFoundTitle, status: 404 }, <p>{c.var.words.fault.notFound}</p>);
};

function languageOf(c: PanelContext): Language {
  const chosen = readCookie(c, 'language');
  if (isLanguage(chosen)) return chosen;
  const supports = Object.keys(languageNames);
  const match: Parameters<typeof accepts>[1]['match'] = (wanted, { default: otherwise }) =>
    wanted.map(({ type }) => type.slice(0, 2).toLowerCase()).find(isLanguage) ?? otherwise;
  const accepted = accepts(c, { header: 'Accept-Language', supports, default: 'en', match });
  return isLanguage(accepted) ? accepted : 'en';
}

function site(doors: Doors, people: People, url: string): Site {
  const { hostname, origin } = new URL(url);
  return {
    url: origin,
    people,
    sessions: new Sessions(),
    presses: new Presses(),
    standing: new Standing(doors.people),
    doors,
    async applyPolicy({ preset, ...values }) {
      // Passkeys belong to the address at which people see this panel.
      const changed = { ...values, webauthn: { rpId: hostname, origins: [origin] } };
      const { override } = await doors.administration.get('/v1/policy');
      const { preset: before, ...own } = override;
      if (preset === undefined && before !== undefined) {
        // What the preset wrote stays, as custom rules. Only its name goes, which `PATCH` cannot remove.
        await doors.administration.put('/v1/policy', { body: own });
      }
      // A preset that is in force already is not applied again, over what was changed since.
      const newly = preset === before || preset === undefined ? {} : { preset };
      await doors.administration.patch('/v1/policy', { body: { ...changed, ...newly } });
    },
  };
}

/** The pages; what they need of the outside is in `Site`. */
function pages(options: PanelOptions, site: Site): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    const began = performance.now();
    const asked: Asked = { calls: 0, time: 0 };
    c.set('asked', asked);
    await noting(asked, next);
    const total = (performance.now() - began).toFixed(1);
    c.header('Server-Timing', `total;dur=${total}, sallyport;dur=${asked.time.toFixed(1)};desc="${asked.calls} calls"`);
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        // Pico draws its arrows as data; so does Sallyport its QR codes.
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
    }),
  );
  app.use(async (c, next) => {
    c.set('site', site);
    c.set('notice', null);
    const language = languageOf(c);
    c.set('language', language);
    c.set('words', wordsOf(language));
    await next();
  });
  app.get('/assets/:file', async (c) => {
    const { file } = c.req.param();
    const asset = Object.hasOwn(assets, file) ? assets[file] : undefined;
    if (asset === undefined) return c.notFound();
    c.header('Content-Type', types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    c.header('Cache-Control', 'public, max-age=3600');
    return c.body(new Uint8Array(await readFile(asset)));
  });
  app.use(async (c, next) => {
    const shown = readCookie(c, 'session');
    const token = shown === undefined ? undefined : site.sessions.newest(shown);
    const session = token === undefined ? undefined : site.sessions.find(token);
    c.set('token', session && token);
    c.set('session', session);
    if (session && token !== undefined && token !== shown) writeCookie(c, 'session', token);
    if (session?.notice && c.req.method === 'GET') {
      c.set('notice', session.notice);
      changeSession(c, { notice: null });
    }
    await next();
    // No page of a person is kept, so that the back button shows none after they have left.
    c.header('Cache-Control', 'no-store');
  });
  app.use(csrf({ origin: site.url }));
  app.use(bodyLimit({ maxSize: 64 * 1024 }));
  app.use(onePress);
  app.use(guard);
  app.post('/language', async (c) => {
    const { language, next } = await readForm(c);
    if (isLanguage(language)) writeCookie(c, 'language', language, 365 * 86_400);
    return c.redirect(ownPath(site, next), 303);
  });
  for (const part of [
    signIn,
    secondStep,
    enrolment,
    recoveryCodes,
    security,
    devices,
    trustedBrowsers,
    history,
    administration,
    home,
  ])
    app.route('/', part);
  app.notFound((c) => notFound(c));
  app.onError((error, c) => {
    const { words } = c.var;
    const show = (status: 403 | 413 | 500 | 503, text: string) =>
      page(c, { title: words.fault.title, status }, <p>{text}</p>);
    if (error instanceof NotYours) return notFound(c);
    if (error instanceof HTTPException && error.status === 403) return show(403, words.fault.otherSite);
    if (error instanceof HTTPException && error.status === 413) return show(413, words.fault.invalid);
    if (error instanceof SallyportError && error.status === 404) return notFound(c);
    if (error instanceof SallyportError && error.code === 'unavailable') return show(503, wordsFor(c, error));
    // A form that broke off on its way: nobody is there to read an answer.
    if (c.env.incoming.errored) return c.body(null, 400);
    options.onFault(error);
    return show(500, words.fault.unexpected);
  });
  return app;
}

/** Registers the panel's people at Sallyport; what is there already stays as it is. */
async function register(doors: Doors, people: People): Promise<void> {
  await Promise.all(
    people.accounts.map(({ id: accountId, name }) =>
      doors.people.put('/v1/accounts/{accountId}', { params: { path: { accountId } }, body: { name } }),
    ),
  );
  await Promise.all(
    people.all.map((person) => {
      const { kind, displayName, email, phone } = person;
      return doors.people.put('/v1/accounts/{accountId}/users/{userId}', {
        params: { path: ofPerson(person) },
        body: { kind, displayName, email, phone },
      });
    }),
  );
}

export async function startPanel(options: PanelOptions): Promise<RunningPanel> {
  const people = await People.open(options.peopleFile);
  const doors = openDoors(options.sallyport.url, options.sallyport);
  await register(doors, people);
  const urlAt = (port: number) => options.url ?? `http://localhost:${port}`;
  const { port, stop } = await options.serve((taken) => pages(options, site(doors, people, urlAt(taken))).fetch);
  return { url: new URL(urlAt(port)).origin, port, stop };
}
