import { SallyportError } from '#client';
import { formValues, purposes, type Action } from './actions.js';
import type { Decision } from './answers.js';
import { panel } from './applications.js';
import { checkOf } from './check.js';
import { ofPerson } from './people.js';
import { fieldOf, refusalOf, refusedBy } from './refused.js';
import type { Session } from './sessions.js';
import { changeSession, endOtherSessions, goOn, goTo, type PanelContext } from './site.js';

/** Where a person is taken back to when an action was refused. */
const formOf = (action: Action): string => {
  switch (action.kind) {
    case 'add-device':
      return '/devices/new';
    case 'change-phone':
    case 'remove-device':
      return `/devices/${encodeURIComponent(action.deviceId)}`;
    case 'switch-off':
    case 'new-recovery-codes':
      return '/security';
  }
};

/** What let an action through. */
interface Confirmed {
  readonly proof: string;
  readonly challengeId: string;
}

/**
 * Does it, and asks for a second factor first where Sallyport wants a proof: so the policy decides what is protected,
 * and no rule of it is repeated here.
 * @param confirmed by the challenge that was just approved for it
 */
export async function perform(
  c: PanelContext,
  session: Session,
  action: Action,
  confirmed?: Confirmed,
): Promise<Response> {
  try {
    return await act(c, session, action, confirmed);
  } catch (error) {
    const needsProof = error instanceof SallyportError && error.code === 'proof_required';
    if (needsProof && confirmed === undefined) return confirmFirst(c, session, action);
    const { words } = refusedBy(c, error);
    changeSession(c, {
      notice: { kind: 'refused', text: words, form: { values: formValues(action), field: fieldOf(error) } },
    });
    return goTo(c, formOf(action));
  }
}

/**
 * Asks for a second factor before an action on one's own two-factor authentication.
 * @returns the way to the page that asks
 */
async function confirmFirst(c: PanelContext, session: Session, action: Action): Promise<Response> {
  const decision = await askFor(c, session, action);
  if (!('challenge' in decision)) {
    return goTo(c, '/security', refusalOf(c, decision), 'refused');
  }
  changeSession(c, { check: checkOf(decision.challenge, action, session.check) });
  return goTo(c, '/second-step');
}

/** Opens a challenge whose proof lets an action through. */
export function askFor(c: PanelContext, { person }: Session, action: Action): Promise<Decision> {
  return c.var.site.doors.people.post('/v1/challenges', {
    body: { ...ofPerson(person), application: panel, purpose: purposes[action.kind] },
    language: c.var.language,
  });
}

async function act(
  c: PanelContext,
  session: Session,
  action: Action,
  confirmed: Confirmed | undefined,
): Promise<Response> {
  const headers = { 'Sallyport-Proof': confirmed?.proof };
  const { words, language, site } = c.var;
  const { people } = site.doors;
  const user = { path: ofPerson(session.person) };
  switch (action.kind) {
    case 'add-device': {
      const path = '/v1/accounts/{accountId}/users/{userId}/devices';
      const device = await people.post(path, { params: user, body: action.device, headers, language });
      const { replaces = null } = action.device;
      // A number that was proved on the account before needs no code.
      if (device.status === 'verified') {
        const { recoveryCodes = null } = device;
        changeSession(c, { recoveryCodes });
        if (device.isDefault) endOtherSessions(c, session.person);
        else if (replaces !== null) endOtherSessions(c, session.person, replaces);
        if (replaces !== null) goOn(c, replaces);
        return goTo(c, recoveryCodes ? '/recovery-codes' : '/security', words.add.verified(device.name));
      }
      const resendAt = Date.now() + (device.send?.resendAfter ?? 0) * 1000;
      changeSession(c, { enrolment: { device, resendAt, saved: device.recoveryCodes === undefined, replaces } });
      return goTo(c, '/devices/enrolment');
    }
    case 'remove-device': {
      const { deviceId } = action;
      await people.delete('/v1/devices/{deviceId}', { params: { path: { deviceId } }, headers, language });
      endOtherSessions(c, session.person, deviceId);
      goOn(c, deviceId, confirmed?.challengeId);
      return goTo(c, '/security', words.device.removed(action.name));
    }
    case 'change-phone': {
      const { deviceId, phone } = action;
      const path = '/v1/devices/{deviceId}/phone';
      await people.put(path, { params: { path: { deviceId } }, body: { phone }, headers, language });
      return goTo(c, formOf(action));
    }
    case 'switch-off': {
      const path = '/v1/accounts/{accountId}/users/{userId}/two-factor';
      await people.put(path, { params: user, body: { enabled: false }, headers, language });
      goOn(c);
      return goTo(c, '/security', words.security.switchedOff);
    }
    case 'new-recovery-codes': {
      const path = '/v1/accounts/{accountId}/users/{userId}/recovery-codes';
      const { recoveryCodes } = await people.post(path, { params: user, headers, language });
      changeSession(c, { recoveryCodes });
      return goTo(c, '/recovery-codes');
    }
  }
}
