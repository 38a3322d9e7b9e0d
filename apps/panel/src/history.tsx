import { Hono } from 'hono';
import type { FC } from 'hono/jsx';
import type { OwnEvents, ProvedEvent } from './answers.js';
import { historyFile, inWords, keysFile, verifyCommand } from './history-file.js';
import { ofPerson } from './people.js';
import { signedIn } from './security.js';
import { page } from './layout.js';
import { type Env, type PanelContext } from './site.js';
import { Time } from './times.js';

/** What the log has of the person who asks, the newest first. */
function ownEvents(c: PanelContext, limit: number, cursor?: string): Promise<OwnEvents> {
  return c.var.site.doors.people.get('/v1/accounts/{accountId}/users/{userId}/audit/proofs', {
    params: {
      path: ofPerson(signedIn(c).person),
      query: { order: 'newest', limit, ...(cursor === undefined ? {} : { cursor }) },
    },
    language: c.var.language,
  });
}

async function* pagesFrom(c: PanelContext, first: OwnEvents): AsyncGenerator<OwnEvents> {
  yield first;
  for (let cursor = first.nextCursor; cursor !== null;) {
    const next = await ownEvents(c, 100, cursor);
    yield next;
    cursor = next.nextCursor;
  }
}

const Event: FC<{ c: PanelContext; event: ProvedEvent }> = ({ c, event }) => {
  const { words, language } = c.var;
  const { what, about, from } = inWords(event, words);
  return (
    <li>
      <strong>{what}</strong>
      {about.length > 0 && <span>{about.join(' · ')}</span>}
      <span>
        <Time at={event.time} language={language} />
      </span>
      {from.length > 0 && <small>{from.join(' · ')}</small>}
      {event.proof === null && <span class="badge">{words.history.unsigned}</span>}
    </li>
  );
};

function historyPage(c: PanelContext, { data, nextCursor }: OwnEvents) {
  const { words } = c.var;
  const { history } = words;
  return page(
    c,
    { title: history.title },
    <>
      <p>{history.about}</p>
      {data.length === 0 ? (
        <p>{history.none}</p>
      ) : (
        <>
          <ul class="cards">
            {data.map((event) => (
              <Event c={c} event={event} />
            ))}
          </ul>
          {nextCursor !== null && (
            <p>
              <a href={`/security/history?cursor=${nextCursor}`}>{history.older}</a>
            </p>
          )}
          <section aria-labelledby="download">
            <h2 id="download">{history.download}</h2>
            <p>{history.downloadAbout}</p>
            <div class="row">
              <a href="/security/history/file" role="button">
                {history.download}
              </a>
              <a href="/security/history/keys" role="button" class="outline">
                {history.keys}
              </a>
            </div>
            <p>{history.keysAbout}</p>
            <p>
              <code>{verifyCommand(words)}</code>
            </p>
          </section>
        </>
      )}
      <p>
        <a href="/security">{words.back}</a>
      </p>
    </>,
  );
}

function attach(c: PanelContext, file: string): void {
  c.header('Content-Type', 'text/plain; charset=utf-8');
  c.header('Content-Disposition', `attachment; filename="${file}"`);
}

export const history = new Hono<Env>()
  .get('/security/history', async (c) => historyPage(c, await ownEvents(c, 50, c.req.query('cursor'))))
  .get('/security/history/file', async (c) => {
    // The first page before anything is answered: a refusal is still a page then.
    const first = await ownEvents(c, 100);
    const { words } = c.var;
    attach(c, words.history.file);
    const text = ReadableStream.from(historyFile(pagesFrom(c, first), words));
    return c.body(text.pipeThrough(new TextEncoderStream()));
  })
  .get('/security/history/keys', async (c) => {
    const { people } = c.var.site.doors;
    const { id: tenantId } = await people.get('/v1/tenant');
    const { keys } = await people.get('/.well-known/audit-keys/{tenantId}', { params: { path: { tenantId } } });
    attach(c, keysFile);
    return c.body(keys.map((key) => `${key}\n`).join(''));
  });
