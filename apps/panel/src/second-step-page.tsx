import type { ChallengeDevice } from './answers.js';
import { CodeField, Field, Form } from './forms.js';
import { page } from './layout.js';
import { PasskeyForm, passkeyScripts } from './passkey-form.js';
import { type Refused } from './refused.js';
import { Resend } from './resend.js';
import { type Check } from './sessions.js';
import type { PanelContext } from './site.js';
import { WithTime } from './times.js';
import { secondsTo, wait } from './wait.js';

/** What a page of the second step is about: one of the devices, or the recovery codes. */
export type Way = { readonly device: ChallengeDevice } | 'recovery' | null;

export function wayOf({ challenge, sent }: Check, asked: string | undefined): Way {
  if (asked === 'recovery' && challenge.recoveryCodesAvailable) return 'recovery';
  const devices = challenge.devices.filter(({ allowed }) => allowed);
  const usable = devices.filter(({ lockedUntil }) => lockedUntil === null);
  const device =
    devices.find(({ id }) => id === asked) ??
    usable.find(({ id }) => sent.has(id)) ??
    usable.find(({ isDefault }) => isDefault) ??
    usable[0];
  if (device) return { device };
  if (challenge.recoveryCodesAvailable) return 'recovery';
  // A locked one: its page says for how long.
  const [locked] = devices;
  return locked ? { device: locked } : null;
}

export const wayName = (way: Way) => (way === null ? '' : way === 'recovery' ? way : way.device.id);

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

export function secondStepPage(c: PanelContext, check: Check, asked: string | undefined, refused?: Refused) {
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
    <div class="narrow" data-ends={secondsTo(challenge.expiresAt)}>
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
      {way !== null && way !== 'recovery' && secondsTo(way.device.lockedUntil) > 0 && ways.length > 1 && (
        <p>{words.secondStep.otherWays}</p>
      )}
      {way === null && refused !== undefined && (
        <p class="notice refused" role="alert">
          {refused.words}
        </p>
      )}
      {way === 'recovery' && <RecoveryForm c={c} check={check} error={refused?.words} />}
      {way !== null && way !== 'recovery' && (
        <DeviceForms c={c} check={check} device={way.device} error={refused?.words} />
      )}
      <Form to="/second-step/cancel">
        <OfCheck check={check} />
        <button type="submit" class="outline secondary">
          {words.cancel}
        </button>
      </Form>
    </div>,
  );
}

/** Which check a form is for. */
const OfCheck = ({ check }: { check: Check }) => <input type="hidden" name="check" value={check.id} />;

const RecoveryForm = ({ c, check, error }: { c: PanelContext; check: Check; error: string | undefined }) => (
  <Form to="/second-step?way=recovery">
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
  </Form>
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
  const seconds = secondsTo(device.lockedUntil);
  const waiting = seconds > 0 ? wait(seconds, secondStep.lockedIn, secondStep.submit) : {};
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
        <PasskeyForm words={words} to={to} options={webauthn} kind="use" error={error} button={waiting}>
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
      <Form to={`/second-step/codes?way=${encodeURIComponent(device.id)}`}>
        <OfCheck check={check} />
        <p id="about-send">{secondStep.notSent(address)}</p>
        {error !== undefined && (
          <p class="notice refused" role="alert">
            {error}
          </p>
        )}
        <button
          type="submit"
          aria-describedby="about-send"
          {...(seconds > 0 ? wait(seconds, secondStep.lockedIn, secondStep.sendCode) : {})}
        >
          {secondStep.sendCode}
        </button>
      </Form>
    );
  }
  return (
    <>
      <Form to={to}>
        <OfCheck check={check} />
        <CodeField
          words={words}
          hint={byMessage ? secondStep.codeSentTo(address) : secondStep.codeFromApp(device.name)}
          error={error}
        />
        {remember}
        <button type="submit" {...waiting}>
          {secondStep.submit}
        </button>
      </Form>
      {sent && (
        <Resend
          words={words}
          method={device.method}
          to={`/second-step/codes?way=${encodeURIComponent(device.id)}`}
          resendAt={sent.resendAt}
        >
          <OfCheck check={check} />
        </Resend>
      )}
    </>
  );
};
