import type { User } from './answers.js';
import { again, Field, filledIn, Form } from './forms.js';
import { page } from './layout.js';
import type { PanelContext } from './site.js';

export function newDevicePage(c: PanelContext, user: User) {
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
