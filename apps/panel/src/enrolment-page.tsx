import { CodeField, Form } from './forms.js';
import { page } from './layout.js';
import { PasskeyForm, passkeyScripts } from './passkey-form.js';
import { CodeList } from './recovery-codes.js';
import { type Refused } from './refused.js';
import { Resend } from './resend.js';
import { type Enrolment } from './sessions.js';
import type { PanelContext } from './site.js';
import { WithTime } from './times.js';
import { secondsTo, wait } from './wait.js';

/** Which device a form is for: another one may be added in another tab meanwhile. */
const OfDevice = ({ device }: Pick<Enrolment, 'device'>) => <input type="hidden" name="device" value={device.id} />;

export function enrolmentPage(c: PanelContext, { device, resendAt, saved }: Enrolment, refused?: Refused) {
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
        <Resend words={words} method={device.method} to="/devices/enrolment/codes" resendAt={resendAt}>
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
