import { Hono } from 'hono';
import { SallyportError } from '#client';
import type { Action } from './actions.js';
import type { Method, User } from './answers.js';
import { answerIn } from './check.js';
import { PasskeyForm, passkeyScripts } from './passkey-form.js';
import { perform } from './perform.js';
import { acknowledge, CodeList } from './recovery-codes.js';
import { refusedBy, type Refused } from './refused.js';
import { Resend } from './resend.js';
import { openSecondDoor } from './second-door.js';
import { ownUser } from './security.js';
import { isIn, type Enrolment, type Session } from './sessions.js';
import { signInPath } from './sign-in.js';
import {
  again,
  changeSession,
  CodeField,
  endOtherSessions,
  Field,
  filledIn,
  Form,
  goOn,
  goTo,
  page,
  readForm,
  WithTime,
  type Env,
  type PanelContext,
} from './site.js';
import { secondsTo, wait } from './wait.js';

/**
 * Whoever is signed in may add a device; and whoever has to have one first, which is the rest of their login. `app.tsx`
 * turns away the others.
 */
function enrolling(c: PanelContext): Session {
  const { session } = c.var;
  if (!session || (!isIn(session) && !session.login?.enroll)) throw new TypeError('This page is not guarded.');
  return session;
}

function newDevicePage(c: PanelContext, user: User) {
  const { words } = c.var;
  const { add, device } = words;
  const { allowed, exclusive } = user.policy.methods;
  const verified = user.devices.filter(({ status }) => status === 'verified');
  const required = Boolean(c.var.session?.login?.enroll);
  const chosen = filledIn(c, 'method') ?? allowed[0];
  return page(
    c,
    { title: required ? add.requiredTitle : add.title },
    <Form to="/devices/new" class="narrow new-device">
      {required && <p>{add.required}</p>}
      <Field
        label={add.name}
        name="name"
        hint={device.nameHint}
        required
        maxlength={64}
        autocomplete="off"
        autofocus
        {...again(c, 'name')}
      />
      <fieldset>
        <legend>{add.method}</legend>
        {allowed.map((method) => (
          <label>
            <input type="radio" name="method" value={method} required checked={method === chosen} />{' '}
            {words.methods[method]}
          </label>
        ))}
      </fieldset>
      {allowed.includes('sms') && (
        <div class="for-sms">
          <Field
            label={device.phone}
            name="phone"
            type="tel"
            autocomplete="tel"
            hint={user.phone === null ? device.phoneHint : `${device.phoneHint}. ${device.phoneOwn}`}
            {...again(c, 'phone')}
          />
        </div>
      )}
      {allowed.includes('email') && (
        <div class="for-email">
          <Field
            label={add.email}
            name="email"
            type="email"
            autocomplete="email"
            hint={add.emailHint}
            {...again(c, 'email')}
          />
        </div>
      )}
      {exclusive && verified.length > 0 && (
        <label>
          {add.replaces}
          <select name="replaces">
            <option value="">{add.nothing}</option>
            {verified.map(({ id, name }) => (
              <option value={id} selected={filledIn(c, 'replaces') === id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="submit">{add.submit}</button>
      <a href={required ? '/sign-in' : '/security'} role="button" class="outline secondary">
        {words.cancel}
      </a>
    </Form>,
  );
}

/** Which device a form is for: another one may be added in another tab meanwhile. */
const OfDevice = ({ device }: Pick<Enrolment, 'device'>) => <input type="hidden" name="device" value={device.id} />;

const isOf = ({ device = '' }: Record<string, string>, current: Enrolment) =>
  device === '' || device === current.device.id;

/** A page of another device than the one that is being added now: it does nothing. */
const outOfDate = (c: PanelContext, current: Enrolment) =>
  enrolmentPage(c, current, { words: c.var.words.fault.otherTab, status: 409 });

/** The device was verified or given up in another tab, or its time was over. */
const nothingToVerify = (c: PanelContext) =>
  goTo(c, c.var.session?.login?.enroll ? '/devices/new' : '/security', c.var.words.fault.ended, 'refused');

function enrolmentPage(c: PanelContext, { device, resendAt, saved }: Enrolment, refused?: Refused) {
  const { words, language } = c.var;
  const { add } = words;
  const { totp, webauthn } = device;
  const address = device.maskedAddress ?? device.name;
  const until = device.enrolmentExpiresAt;
  const seconds = secondsTo(refused?.lockedUntil ?? null);
  const waiting = seconds > 0 ? wait(seconds, words.secondStep.lockedIn, add.validate) : {};
  return page(
    c,
    {
      title: device.name,
      scripts: [...(webauthn ? passkeyScripts : []), 'countdown.js', 'print.js'],
      ...(refused ? { status: refused.status } : {}),
    },
    <div class="narrow" {...(until === null ? {} : { 'data-ends': secondsTo(until) })}>
      {until !== null && (
        <p>
          <WithTime text={add.until} at={until} language={language} />
        </p>
      )}
      {!saved && device.recoveryCodes && (
        <CodeList words={words} codes={device.recoveryCodes} to="/devices/enrolment/saved" error={refused?.words} />
      )}
      {saved && totp && (
        <>
          <h2>{add.scan}</h2>
          <img class="qr" src={totp.qrCode} alt={add.qr} width="240" height="240" />
          <p>
            {add.orType}: <code class="secret">{totp.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
          </p>
        </>
      )}
      {saved && webauthn && (
        <PasskeyForm
          words={words}
          to="/devices/enrolment"
          options={webauthn}
          kind="create"
          error={refused?.words}
          button={waiting}
        >
          <OfDevice device={device} />
        </PasskeyForm>
      )}
      {saved && !webauthn && (
        <Form to="/devices/enrolment">
          <OfDevice device={device} />
          <CodeField words={words} hint={totp ? add.appCode : add.sentTo(address)} error={refused?.words} />
          <button type="submit" {...waiting}>
            {add.validate}
          </button>
        </Form>
      )}
      {saved && !webauthn && !totp && (
        <Resend words={words} to="/devices/enrolment/codes" resendAt={resendAt}>
          <OfDevice device={device} />
        </Resend>
      )}
      <Form to="/devices/enrolment/cancel">
        <OfDevice device={device} />
        <button type="submit" class="outline secondary">
          {words.cancel}
        </button>
      </Form>
    </div>,
  );
}

export const enrolment = new Hono<Env>()
  .get('/devices/new', async (c) => newDevicePage(c, await ownUser(c, enrolling(c))))
  .post('/devices/new', async (c) => {
    const session = enrolling(c);
    const { name = '', method, phone = '', email = '', replaces = '' } = await readForm(c);
    const device = {
      method: method as Method,
      name: name.trim(),
      ...(method === 'sms' && phone.trim() !== '' ? { phone: phone.trim() } : {}),
      ...(method === 'email' && email.trim() !== '' ? { email: email.trim() } : {}),
      ...(replaces === '' ? {} : { replaces }),
    };
    return perform(c, session, { kind: 'add-device', device } satisfies Action);
  })
  .get('/devices/enrolment', (c) => {
    const { enrolment: current } = enrolling(c);
    if (!current) return c.redirect('/security', 303);
    const until = current.device.enrolmentExpiresAt;
    if (until === null || Date.parse(until) > Date.now()) return enrolmentPage(c, current);
    changeSession(c, { enrolment: null });
    return goTo(c, '/devices/new', c.var.words.add.expired, 'refused');
  })
  .post('/devices/enrolment/saved', async (c) => {
    const session = enrolling(c);
    const current = session.enrolment;
    const { words } = c.var;
    if (!current) return nothingToVerify(c);
    const { saved } = await readForm(c);
    if (saved !== 'yes') return enrolmentPage(c, current, { words: words.codes.savedNeeded, status: 422 });
    await acknowledge(c, session);
    changeSession(c, { enrolment: { ...current, saved: true } });
    return goTo(c, '/devices/enrolment');
  })
  .post('/devices/enrolment', async (c) => {
    const session = enrolling(c);
    const { words, site, language } = c.var;
    const current = session.enrolment;
    if (!current) return nothingToVerify(c);
    const form = await readForm(c);
    if (!isOf(form, current)) return outOfDate(c, current);
    const entered = answerIn(form);
    if (!entered) return enrolmentPage(c, current, { words: words.secondStep.incomplete, status: 422 });
    const challengeId = session.login?.enroll?.id;
    try {
      const verified = await site.doors.people.post('/v1/devices/{deviceId}/verify', {
        params: { path: { deviceId: current.device.id } },
        body: {
          ...entered,
          ...(challengeId === undefined ? {} : { challengeId }),
        },
        language,
      });
      const { recoveryCodes = null, proof } = verified;
      const after = { enrolment: null, recoveryCodes };
      // A first device that the company requires is the second step of this very login.
      if (challengeId === undefined) changeSession(c, after);
      else if (!(await openSecondDoor(c, { ...session, ...after }, challengeId, proof))) return goTo(c, '/sign-in');
      // The first one, or in the place of the one that was. Others came in without it.
      if (verified.isDefault) endOtherSessions(c, session.person);
      else if (current.replaces !== null) endOtherSessions(c, session.person, current.replaces);
      if (current.replaces !== null) goOn(c, current.replaces);
      const to = recoveryCodes ? '/recovery-codes' : challengeId === undefined ? '/security' : session.next;
      return goTo(c, to, words.add.verified(verified.name));
    } catch (error) {
      const refused = refusedBy(c, error);
      if (error instanceof SallyportError && ['not_found', 'enrolment_expired'].includes(error.code)) {
        changeSession(c, { enrolment: null });
        return goTo(c, '/devices/new', refused.words, 'refused');
      }
      // The login that waits for it is over; the device goes with its time.
      if (error instanceof SallyportError && ['challenge_expired', 'challenge_not_pending'].includes(error.code)) {
        changeSession(c, { enrolment: null, login: null });
        return goTo(c, signInPath(session.next), refused.words, 'refused');
      }
      return enrolmentPage(c, current, refused);
    }
  })
  .post('/devices/enrolment/codes', async (c) => {
    const { enrolment: current } = enrolling(c);
    const { site, language } = c.var;
    if (!current) return nothingToVerify(c);
    if (!isOf(await readForm(c), current)) return outOfDate(c, current);
    try {
      const { resendAfter } = await site.doors.people.post('/v1/devices/{deviceId}/codes', {
        params: { path: { deviceId: current.device.id } },
        language,
      });
      changeSession(c, { enrolment: { ...current, resendAt: Date.now() + resendAfter * 1000 } });
      return goTo(c, '/devices/enrolment');
    } catch (error) {
      return enrolmentPage(c, current, refusedBy(c, error));
    }
  })
  .post('/devices/enrolment/cancel', async (c) => {
    const { enrolment: current, login } = enrolling(c);
    if (current && !isOf(await readForm(c), current)) return outOfDate(c, current);
    changeSession(c, { enrolment: null });
    if (current) {
      await c.var.site.doors.people
        .delete('/v1/devices/{deviceId}', { params: { path: { deviceId: current.device.id } } })
        // It ends by itself, too.
        .catch(() => undefined);
    }
    return goTo(c, login?.enroll ? '/devices/new' : '/security');
  });
