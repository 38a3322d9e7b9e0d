import { Hono } from 'hono';
import { SallyportError } from '#client';
import { page } from './layout.js';
import { refusalOf } from './refused.js';
import { decide } from './sign-in.js';
import { wordsFor, type Env } from './site.js';

/** What this panel is there for: it stands for all that a real one does. */
const websites = ['harbour.example', 'shop.harbour.example'];

export const home = new Hono<Env>()
  .get('/', (c) => {
    const { words, session } = c.var;
    return page(
      c,
      { title: words.home.welcome(session?.person.displayName ?? '') },
      <>
        <p>{words.home.about}</p>
        <h2>{words.home.websites}</h2>
        <ul>
          {websites.map((name) => (
            <li>{name}</li>
          ))}
        </ul>
        <h2>{words.home.emergency}</h2>
        <p>{words.home.emergencyAbout}</p>
        <a href="/emergency" role="button" class="outline">
          {words.home.emergency}
        </a>
      </>,
    );
  })
  .get('/emergency', (c) => page(c, { title: c.var.words.home.emergency }, <p>{c.var.words.home.emergencyWelcome}</p>))
  // For programs: name and password as Basic credentials (RFC 7617). A person with a second factor can't give it here.
  .get('/api/websites', async (c) => {
    const { site, words } = c.var;
    const credentials = readBasic(c.req.header('authorization'));
    const person = credentials && (await site.people.signIn(credentials.name, credentials.password));
    if (!person) {
      c.header('WWW-Authenticate', 'Basic realm="panel", charset="UTF-8"');
      return c.json({ error: words.signIn.wrong }, 401);
    }
    try {
      const decision = await decide(c, person, 'panel', 'api_login');
      if (decision.decision !== 'allow') return c.json({ error: refusalOf(c, decision), reason: decision.reason }, 403);
      return c.json({ websites });
    } catch (error) {
      if (!(error instanceof SallyportError)) throw error;
      return c.json({ error: wordsFor(c, error) }, 503);
    }
  });

function readBasic(header: string | undefined): { readonly name: string; readonly password: string } | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  return name === undefined || password === undefined ? undefined : { name, password };
}
