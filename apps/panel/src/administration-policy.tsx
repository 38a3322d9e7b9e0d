import { Hono } from 'hono';
import { Menu } from './administration-parts.js';
import { Field, Form } from './forms.js';
import { page } from './layout.js';
import { attempt } from './refused.js';
import { readForm, type Env, type PanelPolicy } from './site.js';

/** Rules of five systems, and those that auditors ask for, as Sallyport knows them. */
const presets = [
  'service-panel',
  'user-card',
  'admin-panel',
  'control-panel',
  'customer-administration',
  'nist',
  'pci-dss',
  'nis2',
  'psd2',
] as const satisfies readonly PanelPolicy['preset'][];

/** The rules of the whole panel. */
export const policy = new Hono<Env>()
  .get('/administration/policy', async (c) => {
    const { words, site, language } = c.var;
    const own = words.administration;
    const { override, effective } = await site.doors.administration.get('/v1/policy', { language });
    return page(
      c,
      { title: own.policy },
      <>
        <Menu c={c} />
        <Form to="/administration/policy" class="narrow">
          <fieldset>
            <legend>{own.preset}</legend>
            <p>{own.presetAbout}</p>
            {['', ...presets].map((name) => (
              <label>
                <input type="radio" name="preset" value={name} checked={(override.preset ?? '') === name} />{' '}
                {name === '' ? own.noPreset : name}
              </label>
            ))}
          </fieldset>
          <label>
            <input
              type="checkbox"
              name="trustedBrowser"
              value="yes"
              role="switch"
              checked={effective.trustedBrowser.allowed}
            />{' '}
            {own.trusted}
          </label>
          <Field
            label={own.support}
            name="supportContact"
            value={effective.supportContact ?? ''}
            hint={own.supportHint}
            maxlength={200}
            autocomplete="off"
          />
          <button type="submit">{words.save}</button>
        </Form>
      </>,
    );
  })
  .post('/administration/policy', async (c) => {
    const { words, site } = c.var;
    const { preset, trustedBrowser, supportContact = '' } = await readForm(c);
    const chosen = presets.find((name) => name === preset);
    return attempt(c, '/administration/policy', words.administration.presetSaved, () =>
      site.applyPolicy({
        ...(chosen ? { preset: chosen } : {}),
        trustedBrowser: { allowed: trustedBrowser === 'yes' },
        supportContact: supportContact.trim() || null,
      }),
    );
  });
