import { Hono } from 'hono';
import { accountPath, Menu, Table, userPath } from './administration-parts.js';
import { page } from './layout.js';
import type { Env } from './site.js';

const states = ['disabled', 'enabled', 'service'] as const;

/** Who has no second factor, of one account or of all, and how many they are. */
export const secondFactors = new Hono<Env>().get('/administration/two-factor', async (c) => {
  const { words, site, language } = c.var;
  const { administration: own, security } = words;
  const { accountId, cursor, twoFactor: asked } = c.req.query();
  const twoFactor = states.find((state) => state === asked) ?? 'disabled';
  const { administration: door } = site.doors;
  const query = { twoFactor, limit: 50, ...(cursor ? { cursor } : {}) };
  const [counts, { data, nextCursor }] = await Promise.all([
    door.get('/v1/users/counts', { params: { query: accountId ? { accountId } : {} }, language }),
    accountId
      ? door.get('/v1/accounts/{accountId}/users', { params: { path: { accountId }, query }, language })
      : door.get('/v1/users', { params: { query }, language }),
  ]);
  const names = { disabled: security.off, enabled: security.on, service: own.service };
  const to = (more: Record<string, string>) =>
    `/administration/two-factor?${new URLSearchParams({ ...(accountId ? { accountId } : {}), ...more })}`;
  return page(
    c,
    { title: own.twoFactor },
    <>
      <Menu c={c} />
      {accountId && (
        <p>
          <a href={accountPath(accountId)}>{accountId}</a> · <a href="/administration/two-factor">{own.allAccounts}</a>
        </p>
      )}
      <nav aria-label={own.twoFactor} class="tabs">
        <ul>
          {states.map((state) => (
            <li>
              <a href={to({ twoFactor: state })} {...(state === twoFactor ? { 'aria-current': 'page' } : {})}>
                {names[state]} ({counts[state].toLocaleString(language)})
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {data.length === 0 ? (
        <p>{own.nobody}</p>
      ) : (
        <Table
          name={own.people}
          head={[own.person, own.accounts]}
          rows={data.map((user) => [
            <a href={userPath(user.accountId, user.id)}>{user.displayName ?? user.id}</a>,
            <a href={to({ twoFactor, accountId: user.accountId })}>{user.accountId}</a>,
          ])}
        />
      )}
      {nextCursor !== null && <a href={to({ twoFactor, cursor: nextCursor })}>{words.next}</a>}
    </>,
  );
});
