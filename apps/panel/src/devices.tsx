import { Hono } from 'hono';
import type { Device } from './answers.js';
import { codeIn } from './check.js';
import { devicePage } from './device-page.js';
import { perform } from './perform.js';
import { refusedBy } from './refused.js';
import { signedIn } from './security.js';
import { endOtherSessions, goOn, goTo, readForm, type Env, type PanelContext } from './site.js';

/**
 * A device of the person who is signed in. Sallyport knows all the tenant's devices; whose this one is, the panel checks.
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
