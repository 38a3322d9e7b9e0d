import type { FC } from 'hono/jsx';
import { Act, Form } from './forms.js';
import type { Person } from './people.js';
import { isIn } from './sessions.js';
import type { PanelContext } from './site.js';
import { languageNames } from './words/words.js';

interface PageOptions {
  readonly title: string;
  readonly status?: 200 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503;
  /** Scripts of this page, files of `assets`. */
  readonly scripts?: readonly string[];
}

const Head: FC<{ title: string; scripts?: readonly string[] | undefined }> = ({ title, scripts }) => (
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>{title}</title>
    <link rel="stylesheet" href="/assets/pico.css" />
    <link rel="stylesheet" href="/assets/panel.css" />
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
    <script src="/assets/times.js" defer></script>
    <script src="/assets/press.js" defer></script>
    {scripts?.map((file) => (
      <script src={`/assets/${file}`} defer></script>
    ))}
  </head>
);

/** The name of the panel, and what is open to the person who is signed in. */
const Header: FC<{ c: PanelContext; person: Person | undefined }> = ({ c, person }) => {
  const { words } = c.var;
  return (
    <header class="container">
      <nav aria-label={words.menu}>
        <ul>
          <li>
            <a href="/" class="brand">
              {words.panel}
            </a>
          </li>
        </ul>
        {person && (
          <ul>
            <li>
              <a href="/security">{words.security.title}</a>
            </li>
            {person.administrator && (
              <li>
                <a href="/administration">{words.administration.title}</a>
              </li>
            )}
            <li>
              <Act to="/sign-out" class="outline secondary small">
                {words.signOut}
              </Act>
            </li>
          </ul>
        )}
      </nav>
    </header>
  );
};

/** What came of the form on the page before. */
const Notice: FC<{ c: PanelContext }> = ({ c }) => {
  const { notice, saidByField } = c.var;
  if (!notice || saidByField) return null;
  return (
    <p class={`notice ${notice.kind}`} role={notice.kind === 'done' ? 'status' : 'alert'}>
      {notice.text}
    </p>
  );
};

/** A reminder on every other page, until the person has confirmed that the new recovery codes are saved. */
const UnsavedCodes: FC<{ c: PanelContext }> = ({ c }) => {
  const { words, session } = c.var;
  if (!session?.recoveryCodes || new URL(c.req.url).pathname === '/recovery-codes') return null;
  return (
    <p class="notice refused" role="status">
      {words.codes.unsaved} <a href="/recovery-codes">{words.codes.show}</a>
    </p>
  );
};

/** The choice of a language. */
const Footer: FC<{ c: PanelContext }> = ({ c }) => {
  const { words, language } = c.var;
  return (
    <footer class="container">
      <Form to="/language" class="language">
        <input type="hidden" name="next" value={c.req.method === 'GET' ? new URL(c.req.url).pathname : '/'} />
        <label for="language">{words.language}</label>
        <select name="language" id="language" autocomplete="language">
          {Object.entries(languageNames).map(([code, name]) => (
            <option value={code} lang={code} selected={code === language}>
              {name}
            </option>
          ))}
        </select>
        <button type="submit" class="outline secondary small">
          {words.change}
        </button>
      </Form>
    </footer>
  );
};

/** A whole page. */
export function page(c: PanelContext, options: PageOptions, content: unknown): Response | Promise<Response> {
  const { words, language, session } = c.var;
  const person = session && isIn(session) ? session.person : undefined;
  c.status(options.status ?? 200);
  const whole = (
    <html lang={language}>
      <Head title={`${options.title} · ${words.panel}`} scripts={options.scripts} />
      <body>
        <a class="skip" href="#content">
          {words.skip}
        </a>
        <Header c={c} person={person} />
        <main class="container" id="content">
          <h1>{options.title}</h1>
          <Notice c={c} />
          {person && <UnsavedCodes c={c} />}
          {content}
        </main>
        <Footer c={c} />
      </body>
    </html>
  );
  return c.html(`<!doctype html>${whole}`);
}
