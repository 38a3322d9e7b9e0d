import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import { SallyportError } from '#client';
import type { Decision } from './answers.js';
import { applicationOf, panel } from './applications.js';
import { checkOf } from './check.js';
import { Field, Form } from './forms.js';
import { page } from './layout.js';
import { ofPerson, type Person } from './people.js';
import { refusalOf } from './refused.js';
import { isSame } from './sessions.js';
import {
  beginSession,
  endSession,
  goTo,
  ownPath,
  readCookie,
  readForm,
  wasClosed,
  wordsFor,
  type Env,
  type PanelContext,
} from './site.js';
import { dateOf } from './times.js';

function signInPage(
  c: PanelContext,
  next: string,
  refused?: { readonly words: string; readonly status: 403 | 422 | 429 | 503 },
) {
  const { words, site } = c.var;
  const { demoPassword, all } = site.people;
  return page(
    c,
    {
      title: applicationOf(next) === panel ? words.signIn.title : words.signIn.emergency,
      ...(refused ? { status: refused.status } : {}),
    },
    <>
      {refused === undefined && wasClosed(c) && (
        <p class="notice refused" role="alert">
          {words.signIn.ended}
        </p>
      )}
      <Form to="/sign-in" class="narrow">
        <input type="hidden" name="next" value={next} />
        <Field label={words.signIn.name} name="name" autocomplete="username" required autofocus autocapitalize="none" />
        <Field
          label={words.signIn.password}
          name="password"
          type="password"
          autocomplete="current-password"
          required
          error={refused?.words}
        />
        <button type="submit">{words.signIn.submit}</button>
      </Form>
      {demoPassword !== undefined && (
        <aside class="narrow">
          <p>
            {words.signIn.demo}: <code>{demoPassword}</code>
          </p>
          <ul>
            {all.map(({ id, displayName }) => (
              <li>
                <code>{id}</code> – {displayName}
              </li>
            ))}
          </ul>
        </aside>
      )}
    </>,
  );
}

/** Asks Sallyport whether the password is enough. */
export function decide(
  c: PanelContext,
  person: Person,
  application: string,
  purpose: 'login' | 'api_login',
): Promise<Decision> {
  const trustedBrowser = readCookie(c, 'trusted-browser');
  // For the audit trail. Behind a proxy this is the proxy's address; only the proxy knows the person's.
  const ip = getConnInfo(c).remote.address;
  const userAgent = c.req.header('user-agent')?.slice(0, 500);
  return c.var.site.doors.people.post('/v1/challenges', {
    body: {
      ...ofPerson(person),
      purpose,
      application,
      ...(trustedBrowser ? { trustedBrowser } : {}),
      context: { ...(ip ? { ip } : {}), ...(userAgent ? { userAgent } : {}) },
    },
    language: c.var.language,
  });
}

/** The page to sign in at, on the way to another. */
export const signInPath = (next: string) => (next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`);

/** Nothing that could be taken away opened it: two-factor authentication is off, say. */
const byNothing = { deviceId: null, challengeId: null };

export const signIn = new Hono<Env>()
  .get('/sign-in', (c) => signInPage(c, ownPath(c.var.site, c.req.query('next'))))
  .post('/sign-in', async (c) => {
    const { words, site, language } = c.var;
    const form = await readForm(c);
    const next = ownPath(site, form['next']);
    const person = await site.people.signIn(form['name'] ?? '', form['password'] ?? '');
    if (!person) return signInPage(c, next, { words: words.signIn.wrong, status: 422 });

    const application = applicationOf(next);
    let decision: Decision;
    try {
      decision = await decide(c, person, application, 'login');
    } catch (error) {
      if (!(error instanceof SallyportError)) throw error;
      // Nobody gets in while the second door can't be asked.
      return signInPage(c, next, { words: wordsFor(c, error), status: error.status === 429 ? 429 : 503 });
    }
    const { session: before } = c.var;
    const known = before && isSame(before.person, person) ? before : undefined;
    // What is open by another front door stays open; this one is closed until the second step is done anew.
    const { [application]: _, ...others } = known?.admissions ?? {};
    const session = {
      person,
      admissions: others,
      login: { application, enroll: null },
      next,
      check: null,
      enrolment: null,
      recoveryCodes: known?.recoveryCodes ?? null,
      notice: null,
    };
    switch (decision.decision) {
      case 'allow':
        beginSession(c, { ...session, admissions: { ...others, [application]: byNothing }, login: null });
        return goTo(c, next, decision.graceUntil && words.signIn.grace(dateOf(decision.graceUntil, language)));
      case 'challenge': {
        if (!decision.challenge) break;
        const sameDoor = known?.login?.application === application ? known.check : null;
        const check = checkOf(decision.challenge, { kind: 'sign-in' }, sameDoor);
        beginSession(c, { ...session, check });
        return goTo(c, '/second-step');
      }
      case 'enroll':
        if (!decision.challenge) break;
        beginSession(c, { ...session, login: { application, enroll: decision.challenge } });
        return goTo(c, '/devices/new');
      case 'deny':
        return signInPage(c, next, { words: refusalOf(c, decision), status: 403 });
    }
    throw new TypeError('A decision without its challenge.');
  })
  .post('/sign-out', (c) => {
    endSession(c);
    return c.redirect('/sign-in', 303);
  });
