import { Hono } from 'hono';
import type { Device, TrustedBrowser, User } from './answers.js';
import { codeIn } from './check.js';
import { DeviceLimits, TwoFactorState } from './facts.js';
import { ofPerson } from './people.js';
import { perform } from './perform.js';
import { attempt, refusedBy, type Refused } from './refused.js';
import { Resend } from './resend.js';
import {
  Act,
  again,
  CodeField,
  dateOf,
  endOtherSessions,
  Field,
  Form,
  goOn,
  goTo,
  page,
  readForm,
  Time,
  type Env,
  type PanelContext,
} from './site.js';
import { isIn, type Session } from './sessions.js';

/** The person's own user at Sallyport: devices, recovery codes, locks and the policy in force, in one call. */
export function ownUser(c: PanelContext, { person }: Session): Promise<User> {
  return c.var.site.doors.people.get('/v1/accounts/{accountId}/users/{userId}', {
    params: { path: ofPerson(person) },
    language: c.var.language,
  });
}

/** The session behind a page that nobody sees without both doors; `app.tsx` turns away whoever has none. */
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
  const { security, history } = c.var.words;
  const { policy, twoFactor, recoveryCodesLeft } = user;
  const on = twoFactor.status === 'enabled';
  return page(
    c,
    { title: security.title },
    <>
      {user.advice.length > 0 && (
        <aside class="advice" aria-label={security.advice}>
          <ul>
            {user.advice.map(({ userMessage }) => (
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
          <a href="/trusted-browsers">{security.trustedBrowsers}</a>
        </section>
      )}
      <section aria-labelledby="history">
        <h2 id="history">{history.title}</h2>
        <p>{history.about}</p>
        <a href="/security/history">{history.title}</a>
      </section>
    </>,
  );
}

interface RefusedField extends Refused {
  readonly field: 'name' | 'code';
}

function devicePage(c: PanelContext, device: Device, refused?: RefusedField) {
  const { words, language } = c.var;
  const { security } = words;
  const own = `/devices/${device.id}`;
  const errorOf = (field: RefusedField['field']) => (refused?.field === field ? refused.words : undefined);
  const verified = device.status === 'verified' && device.allowed;
  return page(
    c,
    { title: device.name, scripts: ['countdown.js'], ...(refused ? { status: refused.status } : {}) },
    <>
      <p>
        {words.methods[device.method]}
        {device.maskedAddress !== null && ` · ${device.maskedAddress}`} · {security.states[device.status]}
      </p>
      {!device.allowed && <p>{security.notAllowed}</p>}
      {device.backedUp !== undefined && <p>{device.backedUp ? words.device.backedUp : words.device.notBackedUp}</p>}
      {device.lastUsedAt !== null && (
        <p>
          {security.lastUsed}: <Time at={device.lastUsedAt} language={language} />
        </p>
      )}
      <Form to={`${own}/name`} class="narrow">
        <Field
          label={words.device.name}
          name="name"
          value={device.name}
          maxlength={64}
          required
          autocomplete="off"
          hint={words.device.nameHint}
          error={errorOf('name')}
        />
        <button type="submit" class="outline">
          {words.device.rename}
        </button>
      </Form>
      {device.method === 'sms' && verified && device.pendingPhone === undefined && (
        <Form to={`${own}/phone`} class="narrow">
          <Field
            label={words.device.phone}
            name="phone"
            type="tel"
            required
            autocomplete="tel"
            hint={`${words.device.phoneHint}. ${words.device.changePhoneAbout}`}
            {...again(c, 'phone')}
          />
          <button type="submit" class="outline">
            {words.device.changePhone}
          </button>
        </Form>
      )}
      {device.pendingPhone && device.allowed && (
        <section class="narrow" aria-label={words.device.phone}>
          <Form to={`${own}/phone/verify`}>
            <CodeField
              words={words}
              hint={words.device.phonePending(device.pendingPhone.masked)}
              error={errorOf('code')}
            />
            <button type="submit">{words.device.changePhone}</button>
          </Form>
          <Resend words={words} to={`${own}/codes`} resendAt={0} />
        </section>
      )}
      {verified && !device.isDefault && (
        <Act to={`${own}/default`} class="outline">
          {words.device.makeDefault}
        </Act>
      )}
      <section aria-labelledby="remove">
        <h2 id="remove">{words.device.remove}</h2>
        <p>{words.device.removeAbout}</p>
        <Act to={`${own}/remove`} class="danger">
          {words.device.remove}
        </Act>
      </section>
      <p>
        <a href="/security">{words.back}</a>
      </p>
    </>,
  );
}

/**
 * A device of the person who asks. Sallyport knows the tenant's devices; whose they are to touch is for the panel to see.
 * @throws {SallyportError} `not_found`
 * @throws {NotYours}
 */
async function ownDevice(c: PanelContext, deviceId: string): Promise<Device> {
  const { person } = signedIn(c);
  const { site, language } = c.var;
  const device = await site.doors.people.get('/v1/devices/{deviceId}', { params: { path: { deviceId } }, language });
  if (device.accountId !== person.accountId || device.userId !== person.id) throw new NotYours();
  return device;
}

/** Answered as if it did not exist. */
export class NotYours extends Error {}

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
  })
  .get('/devices/:deviceId{dev_[a-z0-9]+}', async (c) => devicePage(c, await ownDevice(c, c.req.param('deviceId'))))
  .post('/devices/:deviceId{dev_[a-z0-9]+}/:what{name|default}', async (c) => {
    const { words, site, language } = c.var;
    const { deviceId, what } = c.req.param();
    const device = await ownDevice(c, deviceId);
    const form = await readForm(c);
    const change = what === 'name' ? { name: (form['name'] ?? '').trim() } : { isDefault: true as const };
    try {
      await site.doors.people.patch('/v1/devices/{deviceId}', {
        params: { path: { deviceId } },
        body: change,
        language,
      });
      return goTo(c, '/security', what === 'name' ? words.device.renamed : words.device.madeDefault);
    } catch (error) {
      return devicePage(c, device, { field: 'name', ...refusedBy(c, error) });
    }
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/remove', async (c) => {
    const { id, name } = await ownDevice(c, c.req.param('deviceId'));
    return perform(c, signedIn(c), { kind: 'remove-device', deviceId: id, name });
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/phone', async (c) => {
    const { id } = await ownDevice(c, c.req.param('deviceId'));
    const { phone = '' } = await readForm(c);
    return perform(c, signedIn(c), { kind: 'change-phone', deviceId: id, phone });
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/phone/verify', async (c) => {
    const { words, site, language } = c.var;
    const device = await ownDevice(c, c.req.param('deviceId'));
    const code = codeIn(await readForm(c));
    if (code === undefined) {
      return devicePage(c, device, { field: 'code', words: words.secondStep.incomplete, status: 422 });
    }
    try {
      await site.doors.people.post('/v1/devices/{deviceId}/verify', {
        params: { path: { deviceId: device.id } },
        body: { code },
        language,
      });
      endOtherSessions(c, signedIn(c).person, device.id);
      goOn(c, device.id);
      return goTo(c, '/security', words.device.phoneChanged);
    } catch (error) {
      return devicePage(c, device, { field: 'code', ...refusedBy(c, error) });
    }
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/codes', async (c) => {
    const { site, language } = c.var;
    const device = await ownDevice(c, c.req.param('deviceId'));
    try {
      await site.doors.people.post('/v1/devices/{deviceId}/codes', {
        params: { path: { deviceId: device.id } },
        language,
      });
      return goTo(c, `/devices/${device.id}`);
    } catch (error) {
      return devicePage(c, device, { field: 'code', ...refusedBy(c, error) });
    }
  })
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
