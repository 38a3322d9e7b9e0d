import { afterAll, beforeAll, expect } from '@jest/globals';
import { startPanel, totp, wrongTotp, type Call, type TestPanel } from './gateway-harness.js';
import { SoftwareAuthenticator } from './software-authenticator.js';
import type { Answer } from './system.js';
import {
  TwoFactorMachine,
  type Expected,
  type MachineDevice,
  type MachineMethod,
  type MachinePolicy,
} from './two-factor-machine.js';

/** One user of the gateway beside the machine of docs/states.md, for the file that imports this. */

export const path = process.env['MODEL_PATH'];

export let panel: TestPanel;
let call: Call;
beforeAll(async () => {
  panel = await startPanel();
  call = panel.call;
});
afterAll(() => panel.stop());

const origin = 'http://localhost:3001';
export const seeds = ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'];

interface Held {
  readonly id: string;
  /** Of an app. */
  readonly secret?: string;
  /** Of a passkey. */
  readonly key?: SoftwareAuthenticator;
  readonly options?: Parameters<SoftwareAuthenticator['register']>[0];
}

let users = 0;

/** A user of the gateway beside what the machine says of one. */
export class Walker {
  readonly machine: TwoFactorMachine;
  private readonly held = new Map<number, Held>();
  /** Every recovery code that was ever shown, by set; null once it is used. */
  private readonly shown: (string | null)[][] = [];
  private readonly tokens = new Map<number, string>();

  private constructor(
    private readonly accountId: string,
    private readonly userId: string,
    policy: MachinePolicy,
  ) {
    this.machine = new TwoFactorMachine(policy);
  }

  static async pair(policy: MachinePolicy): Promise<Walker[]> {
    users += 1;
    const accountId = `walk-${users}`;
    await call('PUT', `/v1/accounts/${accountId}`, {});
    const { status } = await call('PUT', `/v1/accounts/${accountId}/policy`, {
      twoFactor: { required: policy.required ? 'all' : 'none', onDisable: policy.onDisable },
      methods: { allowed: ['totp', 'webauthn'], exclusive: policy.exclusive },
      recoveryCodes: { count: policy.recoveryCodes, acknowledgementRequired: policy.acknowledgementRequired },
      trustedBrowser: { allowed: policy.trustedBrowsers },
      lockout: { free: 1, disableAt: 1 },
    });
    expect(status).toBe(200);
    const walkers = ['a', 'b'].map((userId) => new Walker(accountId, userId, policy));
    for (const walker of walkers) await call('PUT', walker.path, {});
    return walkers;
  }

  private get path(): string {
    return `/v1/accounts/${this.accountId}/users/${this.userId}`;
  }

  begin = async (method: MachineMethod, replaces: MachineDevice | undefined) => {
    const by = this.machine.enrolled ? this.machine.approver('add_device') : null;
    const proof = await this.proof('add_device', by);
    const body = { method, name: method, ...(replaces ? { replaces: this.of(replaces).id } : {}) };
    const answer = await call('POST', `${this.path}/devices`, body, proof);
    const expected = this.machine.begin(method, replaces?.label ?? null, by);
    this.compare(answer, expected);
    if (expected.label === undefined) return;
    const { id, totp: app, webauthn } = answer.body;
    this.held.set(expected.label, {
      id,
      ...(app ? { secret: app.secret } : { key: new SoftwareAuthenticator(), options: webauthn }),
    });
  };

  verify = async (device: MachineDevice) => {
    const { id, secret, key, options } = this.of(device);
    const body =
      secret === undefined && key && options
        ? { webauthn: key.register(options, origin) }
        : { code: totp(secret ?? '') };
    const answer = await call('POST', `/v1/devices/${id}/verify`, body);
    this.compare(answer, this.machine.verify(device.label));
  };

  import = async (index: number) => {
    // Of one user: the seed of another's app would be the same otherwise.
    const secret = seeds[index] ?? '';
    const answer = await call('POST', `${this.path}/devices/import`, { name: 'Imported', secret });
    const expected = this.machine.import(index);
    this.compare(answer, expected);
    if (expected.label === undefined) return;
    this.held.set(expected.label, { id: answer.body.id, secret });
    // Nobody saw recovery codes: the user is advised to make some.
    const { body } = await call('GET', this.path);
    const codes: string[] = body.advice.map((advice: { code: string }) => advice.code);
    const { recoveryCodes } = this.machine.policy;
    expect(codes.includes('recovery_codes_missing')).toBe(recoveryCodes > 0 && this.machine.codes === null);
  };

  wrongCode = async (device: MachineDevice) => {
    const { id, secret = '' } = this.of(device);
    const body = { code: wrongTotp(secret) };
    const at =
      device.state === 'unverified'
        ? `/v1/devices/${id}/verify`
        : `/v1/challenges/${await this.challenge('transaction', id)}/verify`;
    this.compare(await call('POST', at, body), this.machine.wrongCode(device.label));
  };

  remove = async (device: MachineDevice) => {
    const by = this.machine.removalNeedsProof(device.label) ? this.machine.approver('remove_device') : null;
    const answer = await call(
      'DELETE',
      `/v1/devices/${this.of(device).id}`,
      undefined,
      await this.proof('remove_device', by),
    );
    this.compare(answer, this.machine.remove(device.label, by));
  };

  switch = async (enabled: boolean) => {
    const { on, policy } = this.machine;
    const by = !enabled && on && !policy.required ? this.machine.approver('disable') : null;
    const answer = await call('PUT', `${this.path}/two-factor`, { enabled }, await this.proof('disable', by));
    this.compare(answer, enabled ? this.machine.switchOn() : this.machine.switchOff(by));
  };

  reset = async () => {
    const answer = await call('POST', `${this.path}/two-factor/reset`, { reason: 'A walk' });
    this.compare(answer, this.machine.reset());
  };

  erase = async () => {
    this.compare(await call('DELETE', this.path), this.machine.erase());
    expect((await call('GET', this.path)).status).toBe(404);
    expect((await call('PUT', this.path, {})).status).toBe(200);
  };

  regenerate = async () => {
    const { policy } = this.machine;
    const by = policy.recoveryCodes > 0 ? this.machine.approver('regenerate_recovery_codes') : null;
    const proof = await this.proof('regenerate_recovery_codes', by);
    this.compare(await call('POST', `${this.path}/recovery-codes`, undefined, proof), this.machine.regenerate(by));
  };

  acknowledge = async () => {
    this.compare(await call('POST', `${this.path}/recovery-codes/acknowledge`), this.machine.acknowledge());
  };

  spendCode = async () => {
    await this.proof('add_device', 'recovery code');
  };

  trust = async (device: MachineDevice) => {
    const answer = await this.approve(await this.opened('login'), device, { rememberBrowser: true });
    this.tokens.set(device.label, answer.body.trustedBrowser);
    this.machine.trust(device.label);
  };

  /** What is shown of the user, the decision before login, and what was written down. */
  async look(): Promise<void> {
    const { machine, accountId, userId } = this;
    const trusted = [...this.tokens].find(([label]) => machine.browsers.includes(label) && machine.trusts(label));
    const token = trusted ?? [...this.tokens][0];
    const asked = { accountId, userId, ...(token ? { trustedBrowser: token[1] } : {}) };
    const [{ body: user }, { body: decided }, events] = await Promise.all([
      call('GET', this.path),
      call('POST', '/v1/challenges', asked),
      panel.sql<{ what: string }>(
        `select case type when 'device.removed' then type || ' ' || (data ->> 'reason') else type end as what from event
         where account_id = $1 and user_id = $2
           and type ~ '^(user|device|two_factor|recovery_codes|trusted_browser)\\.'`,
        [accountId, userId],
      ),
    ]);
    const states = machine.devices.map((device) => `${this.of(device).id} ${device.state}`);
    expect({
      status: user.twoFactor.status,
      devices: user.devices.map(({ id, status }: { id: string; status: string }) => `${id} ${status}`).toSorted(),
      recoveryCodesLeft: user.recoveryCodesLeft,
    }).toEqual({
      status: machine.on ? 'enabled' : 'disabled',
      devices: states.toSorted(),
      recoveryCodesLeft: machine.codesLeft,
    });
    expect(`${decided.decision} ${decided.reason}`).toBe(machine.decision(trusted !== undefined));
    if (decided.decision === 'challenge') {
      expect(decided.challenge.devices.map(({ id }: { id: string }) => id).toSorted()).toEqual(
        machine.verified.map((device) => this.of(device).id).toSorted(),
      );
      expect(decided.challenge.recoveryCodesAvailable).toBe(machine.codesLeft > 0);
    }
    expect(events.map(({ what }) => what).toSorted()).toEqual(machine.events.toSorted());
  }

  /** Codes of the set in force approve, those of any other set never again. */
  async tryRecoveryCodes(): Promise<void> {
    const { accountId, userId, machine } = this;
    const inForce = machine.codesLeft > 0 ? (machine.codes?.set ?? 0) - 1 : -1;
    const live = this.shown[inForce]?.find((code) => code !== null);
    const dead = this.shown
      .filter((_, index) => index !== inForce)
      .flatMap((set) => set.find((code) => code !== null) ?? []);
    for (const recoveryCode of [...dead.slice(-3), ...(live === undefined ? [] : [live])]) {
      // Its lock is another matter.
      await panel.sql('update recovery_pool set wrong_codes = 0');
      const { body } = await call('POST', '/v1/challenges', { accountId, userId, purpose: 'add_device' });
      if (machine.verified.length === 0 && machine.codesLeft === 0) expect(body.decision).toBe('deny');
      const { status } = body.challenge
        ? await call('POST', `/v1/challenges/${body.challenge.id}/verify`, { recoveryCode })
        : { status: 0 };
      expect(status === 200).toBe(recoveryCode === live);
    }
  }

  private of(device: MachineDevice): Held {
    const held = this.held.get(device.label);
    if (!held) throw new Error(`Nobody holds device ${device.label}.`);
    return held;
  }

  private compare({ status, body }: Answer, expected: Expected): void {
    const code = status < 400 ? {} : { code: body.code };
    const { status: wanted, code: wantedCode } = expected;
    expect({ status, ...code }).toEqual({ status: wanted, ...(wantedCode === undefined ? {} : { code: wantedCode }) });
    const codes: string[] | undefined = body?.recoveryCodes;
    expect(codes?.length ?? 0).toBe(expected.showsCodes === true ? this.machine.policy.recoveryCodes : 0);
    if (codes) this.shown.push(codes);
  }

  private async opened(purpose: string, deviceId?: string) {
    const { accountId, userId } = this;
    const asked = { accountId, userId, purpose, ...(deviceId === undefined ? {} : { deviceId }) };
    const { body } = await call('POST', '/v1/challenges', asked);
    expect(body).toMatchObject({ decision: 'challenge' });
    return body.challenge;
  }
  private async challenge(purpose: string, deviceId: string): Promise<string> {
    return (await this.opened(purpose, deviceId)).id;
  }

  private async approve(challenge: Answer['body'], device: MachineDevice, more: object = {}): Promise<Answer> {
    const { id, secret, key } = this.of(device);
    // Many codes of one time step are needed: forget the used one.
    if (secret !== undefined) await panel.sql('update device set last_used_step = null where id = $1', [id]);
    const answered =
      secret === undefined && key ? { webauthn: key.assert(challenge.webauthn, origin) } : { code: totp(secret ?? '') };
    const body = { deviceId: id, ...answered, ...more };
    const answer = await call('POST', `/v1/challenges/${challenge.id}/verify`, body);
    expect(answer.status).toBe(200);
    return answer;
  }

  /** The header with a proof by whom the machine names. */
  private async proof(purpose: string, by: MachineDevice['by']): Promise<Record<string, string>> {
    if (by === null) return {};
    if (by !== 'recovery code') {
      const device = this.machine.device(by);
      const answer = await this.approve(await this.opened(purpose, this.of(device).id), device);
      return { 'sallyport-proof': answer.body.proof };
    }
    const set = this.shown[(this.machine.codes?.set ?? 0) - 1] ?? [];
    const index = set.findIndex((code) => code !== null);
    const { id } = await this.opened(purpose);
    const answer = await call('POST', `/v1/challenges/${id}/verify`, { recoveryCode: set[index] });
    expect(answer.status).toBe(200);
    set[index] = null;
    this.machine.spendCode();
    expect(answer.body.recoveryCodesLeft).toBe(this.machine.codesLeft);
    return { 'sallyport-proof': answer.body.proof };
  }
}
