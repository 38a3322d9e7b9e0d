import { Hono } from 'hono';
import { SallyportError } from '#client';
import { answerIn, checkOf, recoveryCodeIn } from './check.js';
import { askFor, perform } from './perform.js';
import { refusalOf, refusedBy, type Refused } from './refused.js';
import { openSecondDoor } from './second-door.js';
import { secondStepPage, wayName, wayOf, type Way } from './second-step-page.js';
import { isIn, type Check, type Session } from './sessions.js';
import { decide, signInPath } from './sign-in.js';
import { changeSession, goTo, readForm, writeCookie, type Env, type PanelContext } from './site.js';

/** Opens the door, or does what was asked for. */
async function approved(
  c: PanelContext,
  session: Session,
  check: Check,
  proof: string,
  notice: string,
): Promise<Response> {
  const { action, challenge } = check;
  changeSession(c, { check: null });
  if (action.kind !== 'sign-in') return perform(c, session, action, { proof, challengeId: challenge.id });
  if (!(await openSecondDoor(c, session, challenge.id, proof))) return goTo(c, '/sign-in');
  return goTo(c, session.next, notice === '' ? undefined : notice);
}

/** Seconds that a browser keeps its token: as long as any policy allows. Sallyport decides how long it counts. */
const trustedBrowserSeconds = 90 * 86_400;

/** There is nothing to confirm any more: it was done or given up, most likely in another tab. */
function nothingToConfirm(c: PanelContext): Response {
  const { session, words } = c.var;
  if (!session) return goTo(c, '/', words.fault.ended, 'refused');
  return isIn(session) ? goTo(c, '/', words.secondStep.already) : goTo(c, '/sign-in', words.fault.ended, 'refused');
}

/** Whether a form is for this check, or for the same in another tab. */
const isFor = (form: Record<string, string>, { id }: Check) => form['check'] === id;

const isForSame = (form: Record<string, string>, { id, before }: Check) =>
  [id, ...before].includes(form['check'] ?? '');

/** The form was for another check, open in another tab: it does nothing, and the current check is shown. */
const outOfDate = (c: PanelContext, check: Check, asked: string | undefined) =>
  secondStepPage(c, check, asked, { words: c.var.words.fault.otherTab, status: 409 });

/** Gives the check up, and says why on the page where the person can begin again. */
function beginAgain(c: PanelContext, { next }: Session, { action }: Check, text: string): Response {
  changeSession(c, { check: null });
  return goTo(c, action.kind === 'sign-in' ? signInPath(next) : '/security', text, 'refused');
}

type State = 'pending' | 'approved' | 'canceled' | 'expired' | 'max_attempts_reached';

/** How a challenge stands at Sallyport. Where that can't be asked, its form finds out. */
async function stateOf(c: PanelContext, { challenge, over }: Check): Promise<State> {
  if (over) return 'max_attempts_reached';
  const params = { path: { challengeId: challenge.id } };
  try {
    return (await c.var.site.doors.people.get('/v1/challenges/{challengeId}', { params })).status;
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    return error.code === 'not_found' ? 'canceled' : 'pending';
  }
}

/**
 * Opens another challenge for the same, where the tries of one are used up: the password was right, and locks count across
 * challenges.
 */
async function renew(c: PanelContext, session: Session, before: Check): Promise<Check | Refused> {
  const { action } = before;
  const decision =
    action.kind === 'sign-in'
      ? await decide(c, session.person, session.login?.application ?? '', 'login')
      : await askFor(c, session, action);
  if (decision.decision !== 'challenge') {
    const told = decision.decision === 'deny' ? refusalOf(c, decision) : c.var.words.fault.ended;
    return { words: told, status: 429 };
  }
  const check = checkOf(decision.challenge, action, before);
  changeSession(c, { check });
  return check;
}

/** A check after a refusal that locks the device it was about. */
function withLock(check: Check, way: Way, lockedUntil: string | undefined): Check {
  if (lockedUntil === undefined || way === null || way === 'recovery') return check;
  const { challenge } = check;
  const devices = challenge.devices.map((device) =>
    device.id === way.device.id ? { ...device, lockedUntil } : device,
  );
  return { ...check, challenge: { ...challenge, devices } };
}

/** The page after an answer that was refused. */
async function refuse(c: PanelContext, session: Session, check: Check, asked: string | undefined, error: unknown) {
  const { words } = c.var;
  const refused = refusedBy(c, error);
  const { code, attemptsLeft } = error as SallyportError;
  // The device was removed in the meantime, so nothing was wrong with what was entered.
  if (code === 'not_found') return beginAgain(c, session, check, words.fault.ended);
  const mayBeOver = attemptsLeft === 0 || code === 'challenge_not_pending' || code === 'challenge_expired';
  const state = mayBeOver ? await stateOf(c, check) : 'pending';
  if (state !== 'pending' && state !== 'max_attempts_reached') return beginAgain(c, session, check, refused.words);
  const way = wayOf(check, asked);
  const now = { ...withLock(check, way, refused.lockedUntil), over: state === 'max_attempts_reached' };
  changeSession(c, { check: now });
  // Its tries were used up in another tab.
  if (code === 'challenge_not_pending') return secondStepAnew(c, session, now, asked);
  return secondStepPage(c, now, wayName(way), refused);
}

/** The page of a new challenge, in place of one whose attempts are used up. */
async function secondStepAnew(c: PanelContext, session: Session, check: Check, asked: string | undefined) {
  const renewed = await renew(c, session, check);
  if ('words' in renewed) return secondStepPage(c, check, asked, renewed);
  return secondStepPage(c, renewed, asked, { words: c.var.words.secondStep.newCode, status: 409 });
}

/** Whether an answer holds for another challenge as well: a code that was sent, and a passkey's answer, belong to one. */
const holdsAnywhere = (way: Way) => way === 'recovery' || way?.device.method === 'totp';

export const secondStep = new Hono<Env>()
  .get('/second-step', async (c) => {
    const { session, words } = c.var;
    const check = session?.check;
    if (!session || !check) return c.redirect('/', 303);
    const asked = c.req.query('way');
    const state = await stateOf(c, check);
    if (state === 'pending') return secondStepPage(c, check, asked);
    if (state !== 'max_attempts_reached') {
      return beginAgain(c, session, check, state === 'expired' ? words.fault.expired : words.fault.ended);
    }
    const renewed = await renew(c, session, check);
    return 'words' in renewed ? secondStepPage(c, check, asked, renewed) : secondStepPage(c, renewed, asked);
  })
  .post('/second-step', async (c) => {
    const { session, words } = c.var;
    const check = session?.check;
    if (!session || !check) return nothingToConfirm(c);
    const form = await readForm(c);
    const asked = c.req.query('way');
    const way = wayOf(check, asked);
    if (!isFor(form, check) && !(isForSame(form, check) && holdsAnywhere(way))) return outOfDate(c, check, asked);
    const answer = answerOf(form, way);
    if (!answer) {
      const { incomplete, recoveryIncomplete } = words.secondStep;
      return secondStepPage(c, check, asked, {
        words: way === 'recovery' ? recoveryIncomplete : incomplete,
        status: 422,
      });
    }
    if (check.over && !holdsAnywhere(way)) return secondStepAnew(c, session, check, asked);
    const live = check.over ? await renew(c, session, check) : check;
    if ('words' in live) return secondStepPage(c, check, asked, live);
    return verify(c, session, live, asked, answer);
  })
  .post('/second-step/codes', async (c) => {
    const { session, site, language } = c.var;
    const asked = c.req.query('way') ?? '';
    if (!session?.check) return nothingToConfirm(c);
    const form = await readForm(c);
    if (form['check'] && !isForSame(form, session.check)) return outOfDate(c, session.check, asked);
    const check = session.check.over ? await renew(c, session, session.check) : session.check;
    if ('words' in check) return secondStepPage(c, session.check, asked, check);
    const page = `/second-step?way=${encodeURIComponent(asked)}`;
    // With the new challenge the code went out at once.
    if (check !== session.check && check.sent.has(asked)) return goTo(c, page);
    try {
      const { resendAfter } = await site.doors.people.post('/v1/challenges/{challengeId}/codes', {
        params: { path: { challengeId: check.challenge.id } },
        body: { deviceId: asked },
        language,
      });
      const sent = new Map(check.sent).set(asked, { resendAt: Date.now() + resendAfter * 1000 });
      changeSession(c, { check: { ...check, sent } });
      return goTo(c, page);
    } catch (error) {
      return refuse(c, session, check, asked, error);
    }
  })
  .post('/second-step/cancel', async (c) => {
    const { session, site } = c.var;
    const check = session?.check;
    if (!session || !check) return goTo(c, '/');
    const form = await readForm(c);
    if (form['check'] && !isForSame(form, check)) return outOfDate(c, check, undefined);
    changeSession(c, { check: null });
    await site.doors.people
      .post('/v1/challenges/{challengeId}/cancel', { params: { path: { challengeId: check.challenge.id } } })
      // It ends by itself, too.
      .catch(() => undefined);
    if (check.action.kind !== 'sign-in') return goTo(c, '/security');
    changeSession(c, { login: null });
    return goTo(c, isIn(session) ? '/' : '/sign-in');
  });

/** Has an answer checked, and goes on as it turns out. */
async function verify(
  c: PanelContext,
  session: Session,
  check: Check,
  asked: string | undefined,
  body: NonNullable<ReturnType<typeof answerOf>>,
) {
  const { words, site, language } = c.var;
  try {
    const answer = await site.doors.people.post('/v1/challenges/{challengeId}/verify', {
      params: { path: { challengeId: check.challenge.id } },
      body,
      language,
    });
    if (answer.trustedBrowser !== undefined) {
      writeCookie(c, 'trusted-browser', answer.trustedBrowser, trustedBrowserSeconds);
    }
    const notices = [
      ...(answer.recoveryCodesLeft === undefined ? [] : [words.secondStep.recoveryLeft(answer.recoveryCodesLeft)]),
      ...answer.advice.map(({ userMessage }) => userMessage),
    ];
    return await approved(c, session, check, answer.proof, notices.join(' '));
  } catch (error) {
    return refuse(c, session, check, asked, error);
  }
}

/** The answer to a challenge, out of the form of the way that was chosen; undefined where it is not whole. */
function answerOf(form: Record<string, string>, way: Way) {
  if (way === 'recovery') {
    const recoveryCode = recoveryCodeIn(form);
    return recoveryCode === undefined ? undefined : { recoveryCode };
  }
  const answer = answerIn(form);
  const remember = form['rememberBrowser'] === 'yes' ? { rememberBrowser: true } : {};
  return answer && { ...(way === null ? {} : { deviceId: way.device.id }), ...remember, ...answer };
}
