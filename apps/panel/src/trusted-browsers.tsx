import { Hono } from 'hono';
import type { TrustedBrowser } from './answers.js';
import { Act, Form } from './forms.js';
import { page } from './layout.js';
import { ofPerson } from './people.js';
import { signedIn } from './security.js';
import { goTo, readForm, type Env, type PanelContext } from './site.js';
import { Time } from './times.js';

export const trustedBrowsers = new Hono<Env>()
  .get('/trusted-browsers', async (c) => {
    const { person } = signedIn(c);
    const { data } = await c.var.site.doors.people.get('/v1/accounts/{accountId}/users/{userId}/trusted-browsers', {
      params: { path: ofPerson(person) },
      language: c.var.language,
    });
    return trustedPage(c, data);
  })
  .post('/trusted-browsers/revoke', async (c) => {
    const { person } = signedIn(c);
    const { site, words, language } = c.var;
    const { trustedBrowserId } = await readForm(c);
    const user = ofPerson(person);
    const path = '/v1/accounts/{accountId}/users/{userId}/trusted-browsers';
    if (trustedBrowserId === undefined) await site.doors.people.delete(path, { params: { path: user }, language });
    else {
      const params = { path: { ...user, trustedBrowserId } };
      await site.doors.people.delete(`${path}/{trustedBrowserId}`, { params, language });
    }
    return goTo(c, '/trusted-browsers', words.trusted.revoked);
  });

function trustedPage(c: PanelContext, browsers: readonly TrustedBrowser[]) {
  const { words, language } = c.var;
  const { trusted } = words;
  return page(
    c,
    { title: trusted.title },
    <>
      {browsers.length === 0 ? (
        <p>{trusted.none}</p>
      ) : (
        <>
          <ul class="cards">
            {browsers.map(({ id, userAgent, expiresAt }) => (
              <li>
                <strong>{userAgent ?? trusted.unknown}</strong>
                <span>
                  {trusted.until} <Time at={expiresAt} language={language} />
                </span>
                <Form to="/trusted-browsers/revoke">
                  <input type="hidden" name="trustedBrowserId" value={id} />
                  <button type="submit" class="outline small">
                    {trusted.revoke}
                  </button>
                </Form>
              </li>
            ))}
          </ul>
          <Act to="/trusted-browsers/revoke" class="outline">
            {trusted.revokeAll}
          </Act>
        </>
      )}
      <p>
        <a href="/security">{words.back}</a>
      </p>
    </>,
  );
}
