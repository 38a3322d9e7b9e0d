import { Hono } from 'hono';
import type { Device, User } from './answers.js';
import { DeviceLimits, TwoFactorState } from './facts.js';
import { Act } from './forms.js';
import { page } from './layout.js';
import { ofPerson } from './people.js';
import { perform } from './perform.js';
import { attempt } from './refused.js';
import { isIn, type Session } from './sessions.js';
import { endOtherSessions, type Env, type PanelContext } from './site.js';
import { dateOf, Time } from './times.js';

/** The person's own user at Sallyport: devices, recovery codes, locks and the policy in force, in one call. */
export function ownUser(c: PanelContext, { person }: Session): Promise<User> {
  return c.var.site.doors.people.get('/v1/accounts/{accountId}/users/{userId}', {
    params: { path: ofPerson(person) },
    language: c.var.language,
  });
}

/** The session behind a page that nobody sees without both doors; `app.tsx` turns others away. */
export function signedIn(c: PanelContext): Session {
  const { session } = c.var;
  if (!session || !isIn(session)) throw new TypeError('This page is not guarded.');
  return session;
}

const Status = ({ c, user }: { c: PanelContext; user: User }) => {
  const { words, language } = c.var;
  const { security } = words;
  const { required, graceUntil, disableBy } = user.policy.twoFactor;
  const on = user.twoFactor.status === 'enabled';
  const verified = user.devices.some((device) => device.status === 'verified' && device.allowed);
  return (
    <section aria-labelledby="status">
      <h2 id="status">{security.status}</h2>
      <TwoFactorState c={c} user={user} />
      {!on && <p>{security.offAbout}</p>}
      {required === 'all' && (
        <p>{graceUntil === null ? security.required : security.requiredFrom(dateOf(graceUntil, language))}</p>
      )}
      {on && disableBy === 'admin' && <p>{security.onlyAdministrator}</p>}
      {on && disableBy === 'user' && required === 'none' && (
        <Act to="/security/off" class="outline">
          {security.switchOff}
        </Act>
      )}
      {!on && verified && <Act to="/security/on">{security.switchOn}</Act>}
    </section>
  );
};

const Devices = ({ c, devices }: { c: PanelContext; devices: readonly Device[] }) => {
  const { words, language } = c.var;
  const { security } = words;
  return (
    <section aria-labelledby="devices">
      <h2 id="devices">{security.devices}</h2>
      {devices.length === 0 ? (
        <p>{security.noDevices}</p>
      ) : (
        <ul class="cards">
          {devices.map((device) => (
            <li {...(device.allowed ? {} : { class: 'not-allowed' })}>
              <a href={`/devices/${device.id}`} aria-label={security.open(device.name)}>
                <strong>{device.name}</strong>
              </a>
              <span>
                {words.methods[device.method]}
                {device.maskedAddress !== null && ` · ${device.maskedAddress}`}
              </span>
              <span>
                {device.status !== 'verified' ? (
                  security.states[device.status]
                ) : (
                  <>
                    {security.lastUsed}:{' '}
                    {device.lastUsedAt === null ? security.never : <Time at={device.lastUsedAt} language={language} />}
                  </>
                )}
              </span>
              <DeviceLimits c={c} device={device} />
              {device.phoneDiffers === true && <span>{words.device.phoneDiffers}</span>}
              {device.isDefault && devices.length > 1 && <span class="badge">{security.default}</span>}
            </li>
          ))}
        </ul>
      )}
      <a href="/devices/new" role="button">
        {security.addDevice}
      </a>
    </section>
  );
};

function securityPage(c: PanelContext, user: User) {
  const { security } = c.var.words;
  const { policy, twoFactor, recoveryCodesLeft } = user;
  const on = twoFactor.status === 'enabled';
  // The reminder on top says it already, and leads to the codes.
  const reminded = Boolean(c.var.session?.recoveryCodes);
  const advice = user.advice.filter(({ code }) => !reminded || code !== 'recovery_codes_not_acknowledged');
  return page(
    c,
    { title: security.title },
    <>
      {advice.length > 0 && (
        <aside class="advice" aria-label={security.advice}>
          <ul>
            {advice.map(({ userMessage }) => (
              <li>{userMessage}</li>
            ))}
          </ul>
        </aside>
      )}
      <Status c={c} user={user} />
      <Devices c={c} devices={user.devices} />
      {on && policy.recoveryCodes.count > 0 && (
        <section aria-labelledby="recovery">
          <h2 id="recovery">{security.recoveryCodes}</h2>
          <p>
            {security.recoveryAbout} {security.recoveryLeft(recoveryCodesLeft)}.
          </p>
          <Act to="/recovery-codes/new" class="outline">
            {security.recoveryNew}
          </Act>
          <small>{security.recoveryNewAbout}</small>
        </section>
      )}
      {policy.trustedBrowser.allowed && (
        <section aria-labelledby="trusted">
          <h2 id="trusted">{security.trustedBrowsers}</h2>
          <p>{security.trustedAbout}</p>
          <a href="/trusted-browsers">{security.trustedManage}</a>
        </section>
      )}
    </>,
  );
}

export const security = new Hono<Env>()
  .get('/security', async (c) => securityPage(c, await ownUser(c, signedIn(c))))
  .post('/security/off', (c) => perform(c, signedIn(c), { kind: 'switch-off' }))
  .post('/security/on', (c) => {
    const { person } = signedIn(c);
    const { words, language, site } = c.var;
    return attempt(c, '/security', words.security.switchedOn, async () => {
      await site.doors.people.put('/v1/accounts/{accountId}/users/{userId}/two-factor', {
        params: { path: ofPerson(person) },
        body: { enabled: true },
        language,
      });
      endOtherSessions(c, person);
    });
  });
