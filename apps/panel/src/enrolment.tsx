import { Hono } from 'hono';
import { SallyportError } from '#client';
import type { Action } from './actions.js';
import type { Method } from './answers.js';
import { answerIn } from './check.js';
import { enrolmentPage } from './enrolment-page.js';
import { newDevicePage } from './new-device-page.js';
import { perform } from './perform.js';
import { acknowledge } from './recovery-codes.js';
import { refusedBy } from './refused.js';
import { openSecondDoor } from './second-door.js';
import { ownUser } from './security.js';
import { isIn, type Enrolment, type Session } from './sessions.js';
import { signInPath } from './sign-in.js';
import { changeSession, endOtherSessions, goOn, goTo, readForm, type Env, type PanelContext } from './site.js';

/**
 * The session of a person who may add a device: they are signed in, or have to add one to complete their login. `app.tsx`
 * turns others away.
 */
function enrolling(c: PanelContext): Session {
  const { session } = c.var;
  if (!session || (!isIn(session) && !session.login?.enroll)) throw new TypeError('This page is not guarded.');
  return session;
}

const isOf = ({ device = '' }: Record<string, string>, current: Enrolment) =>
  device === '' || device === current.device.id;

/** The form was for another device than the one that is being added now, so it does nothing. */
const outOfDate = (c: PanelContext, current: Enrolment) =>
  enrolmentPage(c, current, { words: c.var.words.fault.otherTab, status: 409 });

/** The device was verified or given up in another tab, or its time was over. */
const nothingToVerify = (c: PanelContext) =>
  goTo(c, c.var.session?.login?.enroll ? '/devices/new' : '/security', c.var.words.fault.ended, 'refused');

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
      // It is the first device, or replaces one: other sessions were opened without it.
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
