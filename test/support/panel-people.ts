import { expect } from '@jest/globals';
import { totp } from './gateway-harness.js';
import { preparedDataDir } from './prepared-data-dir.js';
import { receivedCodes, type ReceivedCodes } from './received-codes.js';
import { panelAccess, startSystem, type Answer, type PanelAccess, type System } from './system.js';
import { hiddenField, Visitor, type Page } from './visitor.js';

/** A person of the demo with an authenticator app. */
export interface Someone {
  readonly name: string;
  /** `/v1/accounts/…/users/…` */
  readonly path: string;
  readonly secret: string;
  readonly deviceId: string;
  readonly recoveryCodes: readonly string[];
}

/** The reference panel and the people who come to it, without a browser. */
export interface PanelPeople extends ReceivedCodes {
  readonly system: System;
  readonly access: PanelAccess;
  /** With the key of the administration. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Someone with an authenticator app and nothing else, whose present code is unused. */
  withApp(name: string, accountId?: string): Promise<Someone>;
  /** Someone without two-factor authentication. */
  without(name: string, accountId?: string): Promise<void>;
  /** A device beside the others. @returns its answer, verified */
  addDevice(someone: Someone, device: { method: 'sms' | 'email'; name: string; phone?: string }): Promise<string>;
  guest(): Visitor;
  signIn(who: Visitor, name: string, next?: string): Promise<Page>;
  /** Sends the form of the second step as it stands on its page. */
  answer(who: Visitor, fields: Record<string, string>, way?: string): Promise<Page>;
  /** Through both doors. */
  enter(who: Visitor, someone: Someone, next?: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startPanelPeople(): Promise<PanelPeople> {
  const folder = await preparedDataDir();
  const system = await startSystem(folder.path);
  const access = await panelAccess(folder.path);
  const call: PanelPeople['call'] = (method, path, body, headers) =>
    system.call(method, path, body, { authorization: `Bearer ${access.adminApiKey}`, ...headers });
  const pathOf = (name: string, accountId: string) => `/v1/accounts/${accountId}/users/${name}`;
  const inbox = receivedCodes(system);
  const signIn: PanelPeople['signIn'] = (who, name, next = '/') =>
    who.post('/sign-in', { name, password: access.password, next });
  const without: PanelPeople['without'] = async (name, accountId = 'harbour') => {
    await call('POST', `${pathOf(name, accountId)}/two-factor/reset`, { reason: 'A test begins.' });
  };
  const answer: PanelPeople['answer'] = async (who, fields, way = '') => {
    const path = `/second-step?way=${way}`;
    return who.post(path, { check: hiddenField((await who.get(path)).text, 'check'), ...fields });
  };
  return {
    ...inbox,
    system,
    access,
    call,
    without,
    async withApp(name, accountId = 'harbour') {
      await without(name, accountId);
      const path = pathOf(name, accountId);
      const { id, totp: shown } = (await call('POST', `${path}/devices`, { method: 'totp', name: 'App' })).body;
      // The step before, so that the present one is left. If that ends on the way, the one before is another.
      const verify = () => call('POST', `/v1/devices/${id}/verify`, { code: totp(shown.secret, -1) });
      const first = await verify();
      const { status, body } = first.status === 200 ? first : await verify();
      expect(status).toBe(200);
      return { name, path, secret: shown.secret, deviceId: id, recoveryCodes: body.recoveryCodes };
    },
    async addDevice(someone, device) {
      const [, , , accountId, , userId] = someone.path.split('/');
      const asked = { accountId, userId, purpose: 'add_device' };
      const { challenge } = (await call('POST', '/v1/challenges', asked)).body;
      const [recoveryCode] = someone.recoveryCodes.slice(-1);
      const { proof } = (await call('POST', `/v1/challenges/${challenge.id}/verify`, { recoveryCode })).body;
      const made = await call('POST', `${someone.path}/devices`, device, { 'sallyport-proof': proof });
      expect(made.status).toBe(201);
      const code = await inbox.received(device.phone ?? `${userId}@${accountId}.example`);
      expect((await call('POST', `/v1/devices/${made.body.id}/verify`, { code })).status).toBe(200);
      return made.body.id;
    },
    guest: () => new Visitor(system.panelUrl),
    signIn,
    answer,
    async enter(who, someone, next = '/') {
      expect((await signIn(who, someone.name, next)).location).toBe('/second-step');
      expect((await answer(who, { code: totp(someone.secret) })).location).toBe(next);
    },
    async stop() {
      await system.stop();
      await folder.remove();
    },
  };
}

/** A form of a page, as a browser finds it. */
export interface FoundForm {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

export function formsOf(text: string): FoundForm[] {
  return [...text.matchAll(/<form method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].map(
    ([, action = '', inner = '']) => ({
      action: action.replaceAll('&amp;', '&'),
      hidden: Object.fromEntries(
        [...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
          name,
          value,
        ]),
      ),
    }),
  );
}
