import type { Child } from 'hono/jsx';
import { Hono } from 'hono';
import type { User } from './answers.js';
import { DeviceLimits, TwoFactorState } from './facts.js';
import { attempt } from './refused.js';
import { signedIn } from './security.js';
import {
  Act,
  endOtherSessions,
  Field,
  Form,
  page,
  readForm,
  Time,
  type Env,
  type PanelContext,
  type PanelPolicy,
} from './site.js';

/** Rules of five systems, and NIST's, as Sallyport knows them. */
const presets = [
  'service-panel',
  'user-card',
  'admin-panel',
  'control-panel',
  'customer-administration',
  'nist',
] as const satisfies readonly PanelPolicy['preset'][];

const Menu = ({ c }: { c: PanelContext }) => {
  const { administration } = c.var.words;
  const path = new URL(c.req.url).pathname;
  const pages = [
    ['/administration', administration.accounts],
    ['/administration/deliveries', administration.deliveries],
    ['/administration/audit', administration.audit],
    ['/administration/policy', administration.policy],
  ] as const;
  return (
    <nav aria-label={administration.title} class="tabs">
      <ul>
        {pages.map(([to, text]) => (
          <li>
            <a href={to} {...(to === path ? { 'aria-current': 'page' } : {})}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

/** A table that scrolls by itself on a narrow screen; it can be reached by keyboard, since it scrolls. */
const Table = ({
  name,
  head,
  rows,
}: {
  name: string;
  head: readonly string[];
  rows: readonly (readonly Child[])[];
}) => (
  <div class="table" role="region" aria-label={name} tabindex={0}>
    <table>
      <thead>
        <tr>
          {head.map((text) => (
            <th scope="col">{text}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells) => (
          <tr>
            {cells.map((cell) => (
              <td>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const accountPath = (accountId: string) => `/administration/accounts/${encodeURIComponent(accountId)}`;
const userPath = (accountId: string, userId: string) => `${accountPath(accountId)}/users/${encodeURIComponent(userId)}`;

function userPage(c: PanelContext, user: User) {
  const { words } = c.var;
  const { administration, security } = words;
  const own = userPath(user.accountId, user.id);
  const query = `accountId=${encodeURIComponent(user.accountId)}&userId=${encodeURIComponent(user.id)}`;
  return page(
    c,
    { title: user.displayName ?? user.id },
    <>
      <Menu c={c} />
      <TwoFactorState c={c} user={user} />
      <ul class="cards">
        {user.devices.map((device) => (
          <li>
            <strong>{device.name}</strong>
            <span>
              {words.methods[device.method]}
              {device.maskedAddress !== null && ` · ${device.maskedAddress}`} · {security.states[device.status]}
            </span>
            <DeviceLimits c={c} device={device} />
            {device.quota && (
              <Form to={`${own}/quota`}>
                <input type="hidden" name="deviceId" value={device.id} />
                <button type="submit" class="outline small">
                  {administration.quota}
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
      {user.lockouts.length > 0 && (
        <Act to={`${own}/unlock`} class="outline">
          {administration.unlock}
        </Act>
      )}
      {user.kind === 'person' && (
        <section aria-labelledby="reset">
          <h2 id="reset">{administration.reset}</h2>
          <p>{administration.resetAbout}</p>
          <Form to={`${own}/reset`} class="narrow">
            <Field label={administration.reason} name="reason" required maxlength={200} autocomplete="off" />
            <button type="submit" class="danger">
              {administration.reset}
            </button>
          </Form>
        </section>
      )}
      <p>
        <a href={`/administration/deliveries?${query}`}>{administration.deliveries}</a> ·{' '}
        <a href={`/administration/audit?${query}`}>{administration.audit}</a> ·{' '}
        <a href={accountPath(user.accountId)}>{words.back}</a>
      </p>
    </>,
  );
}

/** What the lists may be narrowed to. */
const queryOf = (c: PanelContext) => {
  const { accountId, userId } = c.req.query();
  return { ...(accountId ? { accountId } : {}), ...(userId ? { userId } : {}) };
};

export const administration = new Hono<Env>()
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
          <a href={`${accountPath(accountId)}/requirement`}>{own.requirement}</a>
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
  })
  .get('/administration/accounts/:accountId/users/:userId', async (c) => {
    const user = await c.var.site.doors.administration.get('/v1/accounts/{accountId}/users/{userId}', {
      params: { path: c.req.param() },
      language: c.var.language,
    });
    return userPage(c, user);
  })
  .post('/administration/accounts/:accountId/users/:userId/reset', async (c) => {
    const { words, site, language } = c.var;
    const path = c.req.param();
    const { reason = '' } = await readForm(c);
    return attempt(c, userPath(path.accountId, path.userId), words.administration.resetDone, async () => {
      await site.doors.administration.post('/v1/accounts/{accountId}/users/{userId}/two-factor/reset', {
        params: { path },
        body: { reason, actor: signedIn(c).person.id },
        language,
      });
      endOtherSessions(c, { accountId: path.accountId, id: path.userId });
    });
  })
  .post('/administration/accounts/:accountId/users/:userId/unlock', (c) => {
    const { words, site, language } = c.var;
    const path = c.req.param();
    return attempt(c, userPath(path.accountId, path.userId), words.administration.unlocked, () =>
      site.doors.administration.delete('/v1/accounts/{accountId}/users/{userId}/lockouts', {
        params: { path },
        language,
      }),
    );
  })
  .post('/administration/accounts/:accountId/users/:userId/quota', async (c) => {
    const { words, site, language } = c.var;
    const { accountId, userId } = c.req.param();
    const { deviceId = '' } = await readForm(c);
    return attempt(c, userPath(accountId, userId), words.administration.quotaGiven, () =>
      site.doors.administration.delete('/v1/devices/{deviceId}/quota', { params: { path: { deviceId } }, language }),
    );
  })
  .get('/administration/deliveries', async (c) => {
    const { words, site, language } = c.var;
    const own = words.administration;
    const { data } = await site.doors.administration.get('/v1/deliveries', {
      params: { query: { ...queryOf(c), limit: 50 } },
      language,
    });
    return page(
      c,
      { title: own.deliveries },
      <>
        <Menu c={c} />
        {data.length === 0 ? (
          <p>{own.noDeliveries}</p>
        ) : (
          <Table
            name={own.deliveries}
            head={[own.when, own.to, own.channel, own.status, own.attempts]}
            rows={data.map((delivery) => [
              <Time at={delivery.createdAt} language={language} />,
              `${delivery.userId} (${delivery.accountId})`,
              `${delivery.channel} · ${delivery.kind}`,
              delivery.error === null ? delivery.status : `${delivery.status}: ${delivery.error}`,
              <ol class="plain">
                {delivery.attempts.map(({ provider, outcome, startedAt, error }) => (
                  <li>
                    {provider} · <Time at={startedAt} language={language} /> · {error ?? outcome ?? '…'}
                  </li>
                ))}
              </ol>,
            ])}
          />
        )}
      </>,
    );
  })
  .get('/administration/audit', async (c) => {
    const { words, site, language } = c.var;
    const own = words.administration;
    const after = c.req.query('after');
    const { data, nextCursor } = await site.doors.administration.get('/v1/audit/events', {
      params: { query: { ...queryOf(c), limit: 50, ...(after === undefined ? {} : { after }) } },
      language,
    });
    const further = new URLSearchParams({ ...queryOf(c), after: nextCursor ?? '' });
    return page(
      c,
      { title: own.audit },
      <>
        <Menu c={c} />
        {data.length === 0 ? (
          <p>{own.noEvents}</p>
        ) : (
          <Table
            name={own.audit}
            head={[own.when, own.event, own.to, own.about]}
            rows={data.map(({ time, type, data: facts }) => [
              <Time at={time} language={language} />,
              type.replace('com.sallyport.', ''),
              'userId' in facts ? String(facts['userId']) : '',
              <code>{JSON.stringify(facts)}</code>,
            ])}
          />
        )}
        {nextCursor !== null && <a href={`/administration/audit?${further}`}>{own.newer}</a>}
      </>,
    );
  })
  .get('/administration/policy', async (c) => {
    const { words, site, language } = c.var;
    const own = words.administration;
    const { override, effective } = await site.doors.administration.get('/v1/policy', { language });
    return page(
      c,
      { title: own.policy },
      <>
        <Menu c={c} />
        <Form to="/administration/policy" class="narrow">
          <fieldset>
            <legend>{own.preset}</legend>
            <p>{own.presetAbout}</p>
            {['', ...presets].map((name) => (
              <label>
                <input type="radio" name="preset" value={name} checked={(override.preset ?? '') === name} />{' '}
                {name === '' ? own.noPreset : name}
              </label>
            ))}
          </fieldset>
          <label>
            <input
              type="checkbox"
              name="trustedBrowser"
              value="yes"
              role="switch"
              checked={effective.trustedBrowser.allowed}
            />{' '}
            {own.trusted}
          </label>
          <Field
            label={own.support}
            name="supportContact"
            value={effective.supportContact ?? ''}
            hint={own.supportHint}
            maxlength={200}
            autocomplete="off"
          />
          <button type="submit">{words.save}</button>
        </Form>
      </>,
    );
  })
  .post('/administration/policy', async (c) => {
    const { words, site } = c.var;
    const { preset, trustedBrowser, supportContact = '' } = await readForm(c);
    const chosen = presets.find((name) => name === preset);
    return attempt(c, '/administration/policy', words.administration.presetSaved, () =>
      site.applyPolicy({
        ...(chosen ? { preset: chosen } : {}),
        trustedBrowser: { allowed: trustedBrowser === 'yes' },
        supportContact: supportContact.trim() || null,
      }),
    );
  });
