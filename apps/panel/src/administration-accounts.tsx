import { Hono } from 'hono';
import { accountPath, Menu, Table, userPath } from './administration-parts.js';
import { Field, Form } from './forms.js';
import { page } from './layout.js';
import { attempt } from './refused.js';
import { readForm, type Env } from './site.js';

/** Companies, who is in them, and from when on they require two-factor authentication. */
export const accounts = new Hono<Env>()
  .get('/administration', (c) => {
    const { words, site } = c.var;
    const { accounts } = words.administration;
    return page(
      c,
      { title: words.administration.title },
      <>
        <Menu c={c} />
        <h2>{accounts}</h2>
        <ul class="cards">
          {site.people.accounts.map(({ id, name }) => (
            <li>
              <a href={accountPath(id)}>
                <strong>{name}</strong>
              </a>
              <span>{id}</span>
            </li>
          ))}
        </ul>
      </>,
    );
  })
  .get('/administration/accounts/:accountId', async (c) => {
    const { words, site, language } = c.var;
    const { administration: own, security } = words;
    const { accountId } = c.req.param();
    const { data } = await site.doors.administration.get('/v1/accounts/{accountId}/users', {
      params: { path: { accountId } },
      language,
    });
    return page(
      c,
      { title: site.people.accounts.find(({ id }) => id === accountId)?.name ?? accountId },
      <>
        <Menu c={c} />
        <Table
          name={own.people}
          head={[own.person, security.status]}
          rows={data.map(({ id, displayName, kind, twoFactor }) => [
            <a href={userPath(accountId, id)}>{displayName ?? id}</a>,
            kind === 'service' ? own.service : twoFactor.status === 'enabled' ? security.on : security.off,
          ])}
        />
        <p>
          <a href={`${accountPath(accountId)}/requirement`}>{own.requirement}</a> ·{' '}
          <a href={`/administration/two-factor?accountId=${encodeURIComponent(accountId)}`}>{own.twoFactor}</a>
        </p>
      </>,
    );
  })
  .get('/administration/accounts/:accountId/requirement', async (c) => {
    const { words, site, language } = c.var;
    const { accountId } = c.req.param();
    const { effective } = await site.doors.administration.get('/v1/accounts/{accountId}/policy', {
      params: { path: { accountId } },
      language,
    });
    const { required, graceUntil } = effective.twoFactor;
    const own = words.administration;
    return page(
      c,
      { title: own.requirement },
      <>
        <Menu c={c} />
        <Form to={`${accountPath(accountId)}/requirement`} class="narrow">
          <label>
            <input type="checkbox" name="required" value="all" role="switch" checked={required === 'all'} />{' '}
            {own.require}
          </label>
          <Field
            label={own.grace}
            name="graceUntil"
            type="date"
            value={graceUntil?.slice(0, 10) ?? ''}
            hint={own.graceHint}
          />
          <button type="submit">{words.save}</button>
        </Form>
        <p>
          <a href={accountPath(accountId)}>{words.back}</a>
        </p>
      </>,
    );
  })
  .post('/administration/accounts/:accountId/requirement', async (c) => {
    const { words, site, language } = c.var;
    const { accountId } = c.req.param();
    const { required, graceUntil = '' } = await readForm(c);
    const day = /^\d{4}-\d\d-\d\d$/.test(graceUntil) ? `${graceUntil}T00:00:00Z` : null;
    const twoFactor =
      required === 'all'
        ? { required: 'all' as const, graceUntil: day }
        : { required: 'none' as const, graceUntil: null };
    return attempt(c, accountPath(accountId), words.administration.requirementSaved, () =>
      site.doors.administration.patch('/v1/accounts/{accountId}/policy', {
        params: { path: { accountId } },
        body: { twoFactor },
        language,
      }),
    );
  });
