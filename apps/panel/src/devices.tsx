import { Hono } from 'hono';
import type { Device } from './answers.js';
import { codeIn } from './check.js';
import { perform } from './perform.js';
import { refusedBy, type Refused } from './refused.js';
import { Resend } from './resend.js';
import {
  Act,
  again,
  CodeField,
  endOtherSessions,
  Field,
  Form,
  goOn,
  goTo,
  page,
  readForm,
  Time,
  type Env,
  type PanelContext,
} from './site.js';
import { signedIn } from './security.js';

interface RefusedField extends Refused {
  readonly field: 'name' | 'code';
}

function devicePage(c: PanelContext, device: Device, refused?: RefusedField) {
  const { words, language } = c.var;
  const { security } = words;
  const own = `/devices/${device.id}`;
  const errorOf = (field: RefusedField['field']) => (refused?.field === field ? refused.words : undefined);
  const verified = device.status === 'verified' && device.allowed;
  return page(
    c,
    { title: device.name, scripts: ['countdown.js'], ...(refused ? { status: refused.status } : {}) },
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
      <Form to={`${own}/name`} class="narrow">
        <Field
          label={words.device.name}
          name="name"
          value={device.name}
          maxlength={64}
          required
          autocomplete="off"
          hint={words.device.nameHint}
          error={errorOf('name')}
        />
        <button type="submit" class="outline">
          {words.device.rename}
        </button>
      </Form>
      {device.method === 'sms' && verified && device.pendingPhone === undefined && (
        <Form to={`${own}/phone`} class="narrow">
          <Field
            label={words.device.phone}
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
      )}
      {device.pendingPhone && device.allowed && (
        <section class="narrow" aria-label={words.device.phone}>
          <Form to={`${own}/phone/verify`}>
            <CodeField
              words={words}
              hint={words.device.phonePending(device.pendingPhone.masked)}
              error={errorOf('code')}
            />
            <button type="submit">{words.device.changePhone}</button>
          </Form>
          <Resend words={words} to={`${own}/codes`} resendAt={0} />
        </section>
      )}
      {verified && !device.isDefault && (
        <Act to={`${own}/default`} class="outline">
          {words.device.makeDefault}
        </Act>
      )}
      <section aria-labelledby="remove">
        <h2 id="remove">{words.device.remove}</h2>
        <p>{words.device.removeAbout}</p>
        <Act to={`${own}/remove`} class="danger">
          {words.device.remove}
        </Act>
      </section>
      <p>
        <a href="/security">{words.back}</a>
      </p>
    </>,
  );
}

/**
 * A device of the person who asks. Sallyport knows the tenant's devices; whose they are to touch is for the panel to see.
 * @throws {SallyportError} `not_found`
 * @throws {NotYours}
 */
async function ownDevice(c: PanelContext, deviceId: string): Promise<Device> {
  const { person } = signedIn(c);
  const { site, language } = c.var;
  const device = await site.doors.people.get('/v1/devices/{deviceId}', { params: { path: { deviceId } }, language });
  if (device.accountId !== person.accountId || device.userId !== person.id) throw new NotYours();
  return device;
}

/** Answered as if it did not exist. */
export class NotYours extends Error {}

export const devices = new Hono<Env>()
  .get('/devices/:deviceId{dev_[a-z0-9]+}', async (c) => devicePage(c, await ownDevice(c, c.req.param('deviceId'))))
  .post('/devices/:deviceId{dev_[a-z0-9]+}/:what{name|default}', async (c) => {
    const { words, site, language } = c.var;
    const { deviceId, what } = c.req.param();
    const device = await ownDevice(c, deviceId);
    const form = await readForm(c);
    const change = what === 'name' ? { name: (form['name'] ?? '').trim() } : { isDefault: true as const };
    try {
      await site.doors.people.patch('/v1/devices/{deviceId}', {
        params: { path: { deviceId } },
        body: change,
        language,
      });
      return goTo(c, '/security', what === 'name' ? words.device.renamed : words.device.madeDefault);
    } catch (error) {
      return devicePage(c, device, { field: 'name', ...refusedBy(c, error) });
    }
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/remove', async (c) => {
    const { id, name } = await ownDevice(c, c.req.param('deviceId'));
    return perform(c, signedIn(c), { kind: 'remove-device', deviceId: id, name });
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/phone', async (c) => {
    const { id } = await ownDevice(c, c.req.param('deviceId'));
    const { phone = '' } = await readForm(c);
    return perform(c, signedIn(c), { kind: 'change-phone', deviceId: id, phone });
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/phone/verify', async (c) => {
    const { words, site, language } = c.var;
    const device = await ownDevice(c, c.req.param('deviceId'));
    const code = codeIn(await readForm(c));
    if (code === undefined) {
      return devicePage(c, device, { field: 'code', words: words.secondStep.incomplete, status: 422 });
    }
    try {
      await site.doors.people.post('/v1/devices/{deviceId}/verify', {
        params: { path: { deviceId: device.id } },
        body: { code },
        language,
      });
      endOtherSessions(c, signedIn(c).person, device.id);
      goOn(c, device.id);
      return goTo(c, '/security', words.device.phoneChanged);
    } catch (error) {
      return devicePage(c, device, { field: 'code', ...refusedBy(c, error) });
    }
  })
  .post('/devices/:deviceId{dev_[a-z0-9]+}/codes', async (c) => {
    const { site, language } = c.var;
    const device = await ownDevice(c, c.req.param('deviceId'));
    try {
      await site.doors.people.post('/v1/devices/{deviceId}/codes', {
        params: { path: { deviceId: device.id } },
        language,
      });
      return goTo(c, `/devices/${device.id}`);
    } catch (error) {
      return devicePage(c, device, { field: 'code', ...refusedBy(c, error) });
    }
  });
