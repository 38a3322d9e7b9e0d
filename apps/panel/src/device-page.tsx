import type { Device } from './answers.js';
import { Act, again, CodeField, Field, Form } from './forms.js';
import { page } from './layout.js';
import type { Refused } from './refused.js';
import { Resend } from './resend.js';
import type { PanelContext } from './site.js';
import { Time } from './times.js';

interface RefusedField extends Refused {
  readonly field: 'name' | 'code';
}

interface FormOptions {
  readonly c: PanelContext;
  readonly device: Device;
  readonly error?: string | undefined;
}

const devicePath = ({ id }: Device) => `/devices/${id}`;

const Facts = ({ c, device }: FormOptions) => {
  const { words, language } = c.var;
  const { security } = words;
  return (
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
    </>
  );
};

const NameForm = ({ c, device, error }: FormOptions) => {
  const { words } = c.var;
  return (
    <Form to={`${devicePath(device)}/name`} class="narrow">
      <Field
        label={words.device.name}
        name="name"
        value={device.name}
        maxlength={64}
        required
        autocomplete="off"
        hint={words.device.nameHint}
        error={error}
      />
      <button type="submit" class="outline">
        {words.device.rename}
      </button>
    </Form>
  );
};

/** Called and not rendered as a component: the page's notice is left out where `again` has shown it at the field. */
function phoneForm({ c, device }: FormOptions) {
  const { words } = c.var;
  return (
    <Form to={`${devicePath(device)}/phone`} class="narrow">
      <Field
        label={words.device.newPhone}
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
  );
}

/** The code that proves the new number, and another one. */
const NewPhone = ({ c, device, error, masked }: FormOptions & { readonly masked: string }) => {
  const { words } = c.var;
  return (
    <section class="narrow" aria-label={words.device.phone}>
      <Form to={`${devicePath(device)}/phone/verify`}>
        <CodeField words={words} hint={words.device.phonePending(masked)} error={error} />
        <button type="submit">{words.device.changePhone}</button>
      </Form>
      <Resend words={words} method={device.method} to={`${devicePath(device)}/codes`} resendAt={0} />
    </section>
  );
};

export function devicePage(c: PanelContext, device: Device, refused?: RefusedField) {
  const { words } = c.var;
  const errorOf = (field: RefusedField['field']) => (refused?.field === field ? refused.words : undefined);
  const verified = device.status === 'verified' && device.allowed;
  return page(
    c,
    { title: device.name, scripts: ['countdown.js'], ...(refused ? { status: refused.status } : {}) },
    <>
      <Facts c={c} device={device} />
      <NameForm c={c} device={device} error={errorOf('name')} />
      {device.method === 'sms' && verified && device.pendingPhone === undefined && phoneForm({ c, device })}
      {device.pendingPhone && device.allowed && (
        <NewPhone c={c} device={device} error={errorOf('code')} masked={device.pendingPhone.masked} />
      )}
      {verified && !device.isDefault && (
        <Act to={`${devicePath(device)}/default`} class="outline">
          {words.device.makeDefault}
        </Act>
      )}
      <section aria-labelledby="remove">
        <h2 id="remove">{words.device.remove}</h2>
        <p>{words.device.removeAbout}</p>
        <Act to={`${devicePath(device)}/remove`} class="danger">
          {words.device.remove}
        </Act>
      </section>
      <p>
        <a href="/security">{words.back}</a>
      </p>
    </>,
  );
}
