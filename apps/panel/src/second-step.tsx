import { Hono } from 'hono';
import { SallyportError } from '#client';
import type { ChallengeDevice } from './answers.js';
import { answerIn } from './check.js';
import { perform } from './perform.js';
import { PasskeyForm, passkeyScripts } from './passkey-form.js';
import { refusedBy, type Refused } from './refused.js';
import { Resend } from './resend.js';
import { openSecondDoor } from './second-door.js';
import {
  changeSession,
  CodeField,
  Field,
  goTo,
  page,
  readForm,
  WithTime,
  writeCookie,
  type Env,
  type PanelContext,
} from './site.js';
import type { Check, Session } from './sessions.js';

/** What a page of the second step is about: one of the devices, or the recovery codes. */
type Way = { readonly device: ChallengeDevice } | 'recovery' | null;

function wayOf({ challenge, sent }: Check, asked: string | undefined): Way {
  if (asked === 'recovery' && challenge.recoveryCodesAvailable) return 'recovery';
  const devices = challenge.devices.filter(({ allowed }) => allowed);
  const usable = devices.filter(({ lockedUntil }) => lockedUntil === null);
  const device =
    devices.find(({ id }) => id === asked) ??
    usable.find(({ id }) => sent.has(id)) ??
    usable.find(({ isDefault }) => isDefault) ??
    usable[0];
  if (device) return { device };
  return challenge.recoveryCodesAvailable ? 'recovery' : null;
}

const wayName = (way: Way) => (way === null ? '' : way === 'recovery' ? way : way.device.id);

function reasonFor(c: PanelContext, action: Check['action']): string {
  const { secondStep } = c.var.words;
  switch (action.kind) {
    case 'sign-in':
      return secondStep.toSignIn;
    case 'add-device':
      return secondStep.toAdd(action.device.name);
    case 'remove-device':
      return secondStep.toRemove(action.name);
    case 'change-phone':
      return secondStep.toChangePhone;
    case 'switch-off':
      return secondStep.toSwitchOff;
    case 'new-recovery-codes':
      return secondStep.toNewCodes;
  }
}

function secondStepPage(c: PanelContext, check: Check, asked: string | undefined, refused?: Refused) {
  const { words, language } = c.var;
  const { challenge, action } = check;
  const way = wayOf(check, asked);
  const current = wayName(way);
  const send = challenge.send;
  // A code that could not be sent at once is no dead end: there are other ways on this page.
  const notSent = send && !('deliveryId' in send) ? (send.userMessage ?? send.detail) : undefined;
  const ways = [
    ...challenge.devices.map(({ id, name, method, lockedUntil, allowed }) => ({
      id,
      allowed,
      text: name,
      about: !allowed ? (
        words.security.notAllowed
      ) : lockedUntil === null ? (
        words.methods[method]
      ) : (
        <WithTime text={words.secondStep.lockedUntil} at={lockedUntil} language={language} />
      ),
    })),
    ...(challenge.recoveryCodesAvailable
      ? [{ id: 'recovery', allowed: true, text: words.secondStep.recovery, about: '' }]
      : []),
  ];
  return page(
    c,
    {
      title: action.kind === 'sign-in' ? words.secondStep.title : words.secondStep.confirm,
      scripts: [...(challenge.webauthn ? passkeyScripts : []), 'countdown.js'],
      ...(refused ? { status: refused.status } : {}),
    },
    <div class="narrow">
      <p>{reasonFor(c, action)}</p>
      {notSent !== undefined && refused === undefined && (
        <p class="notice refused" role="alert">
          {notSent}
        </p>
      )}
      {ways.length > 1 && (
        <nav aria-label={words.secondStep.choose} class="ways">
          <ul>
            {ways.map(({ id, allowed, text, about }) => {
              const label = (
                <>
                  {text}
                  {about !== '' && <small>{about}</small>}
                </>
              );
              return (
                <li>
                  {allowed ? (
                    <a
                      href={`/second-step?way=${encodeURIComponent(id)}`}
                      {...(id === current ? { 'aria-current': 'true' } : {})}
                    >
                      {label}
                    </a>
                  ) : (
                    <span class="not-allowed">{label}</span>
                  )}
                </li>
              );
            })}
          </ul>
        </nav>
      )}
      {way === 'recovery' && <RecoveryForm c={c} check={check} error={refused?.words} />}
      {way !== null && way !== 'recovery' && (
        <DeviceForms c={c} check={check} device={way.device} error={refused?.words} />
      )}
      <form method="post" action="/second-step/cancel">
        <button type="submit" class="outline secondary">
          {words.cancel}
        </button>
      </form>
    </div>,
  );
}

/** Which check a form is for. */
const OfCheck = ({ check }: { check: Check }) => <input type="hidden" name="check" value={check.id} />;

const RecoveryForm = ({ c, check, error }: { c: PanelContext; check: Check; error: string | undefined }) => (
  <form method="post" action="/second-step?way=recovery">
    <OfCheck check={check} />
    <Field
      label={c.var.words.secondStep.recovery}
      name="recoveryCode"
      hint={c.var.words.secondStep.recoveryHint}
      error={error}
      autocomplete="off"
      autocapitalize="characters"
      spellcheck="false"
      required
      autofocus
      class="code"
    />
    <button type="submit">{c.var.words.secondStep.submit}</button>
  </form>
);

const DeviceForms = ({
  c,
  check,
  device,
  error,
}: {
  c: PanelContext;
  check: Check;
  device: ChallengeDevice;
  error: string | undefined;
}) => {
  const { words } = c.var;
  const { secondStep } = words;
  const { webauthn } = check.challenge;
  const to = `/second-step?way=${encodeURIComponent(device.id)}`;
  const days = check.challenge.trustedBrowserDays;
  const remember = days !== undefined && (
    <label>
      <input type="checkbox" name="rememberBrowser" value="yes" /> {secondStep.remember(days)}
    </label>
  );
  if (device.method === 'webauthn') {
    return (
      webauthn !== undefined && (
        <PasskeyForm words={words} to={to} options={webauthn} kind="use" error={error}>
          <OfCheck check={check} />
          {remember}
        </PasskeyForm>
      )
    );
  }
  const sent = check.sent.get(device.id);
  const address = device.maskedAddress ?? device.name;
  const byMessage = device.method !== 'totp';
  if (byMessage && !sent) {
    return (
      <form method="post" action={`/second-step/codes?way=${encodeURIComponent(device.id)}`}>
        <p id="about-send">{secondStep.notSent(address)}</p>
        {error !== undefined && (
          <p class="notice refused" role="alert">
            {error}
          </p>
        )}
        <button type="submit" aria-describedby="about-send">
          {secondStep.sendCode}
        </button>
      </form>
    );
  }
  return (
    <>
      <form method="post" action={to}>
        <OfCheck check={check} />
        <CodeField
          words={words}
          hint={byMessage ? secondStep.codeSentTo(address) : secondStep.codeFromApp(device.name)}
          error={error}
        />
        {remember}
        <button type="submit">{secondStep.submit}</button>
      </form>
      {sent && (
        <Resend words={words} to={`/second-step/codes?way=${encodeURIComponent(device.id)}`} resendAt={sent.resendAt} />
      )}
    </>
  );
};

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
  if (action.kind !== 'sign-in') return perform(c, session, action, proof);
  if (!(await openSecondDoor(c, session, challenge.id, proof))) return goTo(c, '/sign-in');
  return goTo(c, session.next, notice === '' ? undefined : notice);
}

/** Seconds that a browser keeps its token: as long as any policy allows. Sallyport decides how long it counts. */
const trustedBrowserSeconds = 90 * 86_400;

export const secondStep = new Hono<Env>()
  .get('/second-step', (c) => {
    const check = c.var.session?.check;
    return check ? secondStepPage(c, check, c.req.query('way')) : c.redirect('/', 303);
  })
  .post('/second-step', async (c) => {
    const { session, words, site, language } = c.var;
    const check = session?.check;
    if (!session || !check) return goTo(c, '/', words.fault.ended, 'refused');
    const form = await readForm(c);
    const asked = c.req.query('way');
    const way = wayOf(check, asked);
    if (form['check'] !== check.id) {
      return secondStepPage(c, check, asked, { words: words.fault.ended, status: 409 });
    }
    try {
      const answer = await site.doors.people.post('/v1/challenges/{challengeId}/verify', {
        params: { path: { challengeId: check.challenge.id } },
        body: answerOf(form, way),
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
      const refused = refusedBy(c, error);
      if (isOver(error)) {
        changeSession(c, { check: null });
        // A device that was removed meanwhile: what was entered is not to blame.
        const told = error.code === 'not_found' ? words.fault.ended : refused.words;
        if (session.signedIn) return goTo(c, '/security', told, 'refused');
        // Shown on the sign-in page, since this session can lead nowhere any more.
        return goTo(c, '/sign-in', told, 'refused');
      }
      return secondStepPage(c, check, asked, refused);
    }
  })
  .post('/second-step/codes', async (c) => {
    const { session, site, language, words } = c.var;
    const check = session?.check;
    const asked = c.req.query('way') ?? '';
    if (!check) return goTo(c, '/', words.fault.ended, 'refused');
    try {
      const { resendAfter } = await site.doors.people.post('/v1/challenges/{challengeId}/codes', {
        params: { path: { challengeId: check.challenge.id } },
        body: { deviceId: asked },
        language,
      });
      const sent = new Map(check.sent).set(asked, { resendAt: Date.now() + resendAfter * 1000 });
      changeSession(c, { check: { ...check, sent } });
      return goTo(c, `/second-step?way=${encodeURIComponent(asked)}`);
    } catch (error) {
      return secondStepPage(c, check, asked, refusedBy(c, error));
    }
  })
  .post('/second-step/cancel', async (c) => {
    const { session, site } = c.var;
    if (!session?.check) return goTo(c, '/');
    const { challenge } = session.check;
    changeSession(c, { check: null });
    await site.doors.people
      .post('/v1/challenges/{challengeId}/cancel', { params: { path: { challengeId: challenge.id } } })
      // It ends by itself, too.
      .catch(() => undefined);
    return goTo(c, session.signedIn ? '/security' : '/sign-in');
  });

/** The answer to a challenge, out of the form of the way that was chosen. */
function answerOf(form: Record<string, string>, way: Way) {
  const remember = form['rememberBrowser'] === 'yes' ? { rememberBrowser: true } : {};
  if (way === 'recovery') return { recoveryCode: form['recoveryCode'] ?? '' };
  return { ...(way === null ? {} : { deviceId: way.device.id }), ...remember, ...answerIn(form) };
}

/** Whether nothing can be tried with this challenge any more. */
const isOver = (error: unknown): error is SallyportError =>
  error instanceof SallyportError && ['challenge_expired', 'challenge_not_pending', 'not_found'].includes(error.code);
