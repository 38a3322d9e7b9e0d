import { Hono } from 'hono';
import { accountPath, Menu, userPath } from './administration-parts.js';
import type { User } from './answers.js';
import { DeviceLimits, TwoFactorState } from './facts.js';
import { Act, Field, Form } from './forms.js';
import { page } from './layout.js';
import { attempt } from './refused.js';
import { signedIn } from './security.js';
import { endOtherSessions, readForm, type Env, type PanelContext } from './site.js';

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

/** One person: what they sign in with, and the ways back in that an administrator has for them. */
export const users = new Hono<Env>()
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
  });
