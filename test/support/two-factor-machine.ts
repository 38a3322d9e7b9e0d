/**
 * The state machine of docs/states.md as a program: what each call answers, and what it makes of a user. It knows no HTTP
 * and no database; `test/integration/two-factor/states.spec.ts` compares it with what the gateway does.
 */

export interface MachinePolicy {
  readonly onDisable: 'keep' | 'remove';
  readonly required: boolean;
  readonly exclusive: boolean;
  readonly recoveryCodes: number;
  readonly acknowledgementRequired: boolean;
  readonly trustedBrowsers: boolean;
}

export type MachineMethod = 'totp' | 'webauthn';

export interface MachineDevice {
  /** Numbered as they come. */
  readonly label: number;
  readonly method: MachineMethod;
  state: 'unverified' | 'verified' | 'disabled';
  /** Whether it was ever verified. */
  proved: boolean;
  readonly replaces: number | null;
  /** Who proved that it may be added. */
  readonly by: number | 'recovery code' | null;
}

/** Recovery codes: in force, or shown by an enrolment that has not been verified. */
export interface MachineCodes {
  readonly set: number;
  left: number;
  shownBy: number | null;
  saved: boolean;
}

export interface Expected {
  readonly status: number;
  readonly code?: string;
  /** Whether the answer shows recovery codes. */
  readonly showsCodes?: boolean;
}

const done: Expected = { status: 200 };
const refused = (status: number, code: string): Expected => ({ status, code });

export class TwoFactorMachine {
  on = false;
  enrolled = false;
  devices: MachineDevice[] = [];
  codes: MachineCodes | null = null;
  /** Labels of the devices that made a browser trusted; one for each. */
  browsers: number[] = [];
  readonly seeds = new Set<number>();
  /** Types of the events so far; a removal with its reason. */
  readonly events: string[] = ['user.created'];
  private labels = 0;
  private sets = 0;

  constructor(readonly policy: MachinePolicy) {}

  get state(): 'new' | 'kept' | 'on' {
    if (this.on) return 'on';
    return this.enrolled ? 'kept' : 'new';
  }

  device(label: number): MachineDevice {
    const found = this.devices.find((device) => device.label === label);
    if (!found) throw new Error(`There is no device ${label}.`);
    return found;
  }
  get verified(): MachineDevice[] {
    return this.devices.filter(({ state }) => state === 'verified');
  }
  get codesLeft(): number {
    return this.codes?.shownBy === null ? this.codes.left : 0;
  }

  /** Who can approve a step-up: a device, else a recovery code where it may. */
  approver(purpose: string): number | 'recovery code' | null {
    const [device] = this.verified;
    if (device) return device.label;
    return this.codesLeft > 0 && ['add_device', 'disable'].includes(purpose) ? 'recovery code' : null;
  }

  /** The decision before login. */
  decision(trusted: boolean): string {
    const { required } = this.policy;
    if (this.state === 'new' && required) return 'enroll required_by_policy';
    if (!this.on && !required) return 'allow two_factor_off';
    if (trusted) return 'allow trusted_browser';
    if (this.verified.length > 0 || this.codesLeft > 0) {
      return `challenge ${this.on ? 'two_factor_on' : 'required_by_policy'}`;
    }
    return 'deny all_devices_disabled';
  }
  /** Whether the browser that a device made trusted is let in. */
  trusts(label: number): boolean {
    return this.browsers.includes(label) && this.device(label).state === 'verified';
  }

  begin(method: MachineMethod, replaces: number | null, by: MachineDevice['by']): Expected & { label?: number } {
    if (this.conflicts(method, replaces)) return refused(409, 'method_conflict');
    if (this.enrolled && by === null) return refused(422, 'proof_required');
    const label = (this.labels += 1);
    this.devices.push({ label, method, state: 'unverified', proved: false, replaces, by });
    this.events.push('device.enrolment_started');
    const showsCodes = this.savesFirst();
    if (showsCodes) this.newCodes(label);
    return { status: 201, label, showsCodes };
  }

  /** What a verification meets before its code is looked at. */
  obstacle({ label, method, replaces }: MachineDevice): Expected | null {
    if (this.conflicts(method, replaces)) return refused(409, 'method_conflict');
    if (this.savesFirst() && !(this.codes?.shownBy === label && this.codes.saved)) {
      return refused(409, 'recovery_codes_not_acknowledged');
    }
    return null;
  }

  verify(label: number): Expected {
    const device = this.device(label);
    const obstacle = this.obstacle(device);
    if (obstacle) return obstacle;
    const saved = this.savesFirst();
    const first = !this.enrolled;
    this.prove(device, 'device.verified');
    if (device.replaces !== null) this.replace(device.replaces);
    if (!first) return { ...done, showsCodes: false };
    if (saved && this.codes) this.codes.shownBy = null;
    const showsCodes = !saved && this.policy.recoveryCodes > 0;
    if (showsCodes) this.newCodes(null);
    return { ...done, showsCodes };
  }

  import(seed: number): Expected & { label?: number } {
    if (this.conflicts('totp', null)) return refused(409, 'method_conflict');
    if (this.seeds.has(seed)) return refused(409, 'device_already_verified');
    this.seeds.add(seed);
    const label = (this.labels += 1);
    const device = { label, method: 'totp', state: 'verified', proved: true, replaces: null, by: null } as const;
    this.devices.push({ ...device });
    this.prove(this.device(label), 'device.imported');
    if (this.codes && this.codes.shownBy !== null) this.codes = null;
    return { status: 201, label };
  }

  /** One wrong code is one too many: the policy of the test disables at the first. */
  wrongCode(label: number): Expected {
    const device = this.device(label);
    const obstacle = device.state === 'unverified' ? this.obstacle(device) : null;
    if (obstacle) return obstacle;
    if (device.state === 'unverified') this.events.push('device.verification_failed');
    device.state = 'disabled';
    this.events.push('device.disabled');
    return refused(422, 'code_invalid');
  }

  /** Whether a removal asks for a proof. */
  removalNeedsProof(label: number): boolean {
    return this.device(label).state !== 'unverified' && (this.on || (this.enrolled && this.policy.required));
  }

  remove(label: number, by: MachineDevice['by']): Expected {
    const device = this.device(label);
    const others = this.devices.filter((other) => other !== device);
    if (this.on && device.state !== 'unverified' && !others.some(({ state }) => state === 'verified')) {
      return refused(409, 'last_device');
    }
    if (this.removalNeedsProof(label) && by === null) return refused(422, 'proof_required');
    const last = !this.on && device.proved && !others.some(({ proved }) => proved);
    if (last && others.length > 0) this.events.push('device.enrolments_ended');
    this.events.push(`device.removed ${device.state === 'unverified' ? 'enrolment_canceled' : 'requested'}`);
    if (this.browsers.includes(label)) this.events.push('trusted_browser.revoked');
    this.forget(label);
    if (this.codes?.shownBy === label) this.codes = null;
    if (last) this.pristine();
    return { status: 204 };
  }

  switchOff(by: MachineDevice['by']): Expected {
    if (!this.on) return done;
    if (this.policy.required) return refused(409, 'two_factor_required');
    if (by === null) return refused(422, 'proof_required');
    this.events.push('two_factor.disabled');
    this.revokeBrowsers();
    this.on = false;
    if (this.policy.onDisable === 'remove') this.removeAll('two_factor_disabled');
    return done;
  }

  switchOn(): Expected {
    if (this.on) return done;
    if (this.verified.length === 0) return refused(409, 'device_not_verified');
    this.on = true;
    this.events.push('two_factor.enabled');
    return done;
  }

  reset(): Expected {
    this.events.push('two_factor.reset');
    this.revokeBrowsers();
    this.removeAll('reset');
    return done;
  }

  /** Erased, and created again under the same id. */
  erase(): Expected {
    this.events.push('user.erased', 'user.created');
    this.pristine();
    return { status: 204 };
  }

  regenerate(by: MachineDevice['by']): Expected {
    if (this.policy.recoveryCodes === 0) return refused(422, 'method_not_allowed');
    if (by === null) return refused(422, 'proof_required');
    this.newCodes(null);
    return { status: 201, showsCodes: true };
  }

  acknowledge(): Expected {
    if (this.codes && !this.codes.saved) {
      this.codes.saved = true;
      this.events.push('recovery_codes.acknowledged');
    }
    return done;
  }

  spendCode(): void {
    if (this.codes) this.codes.left -= 1;
  }

  trust(label: number): void {
    this.browsers.push(label);
    this.events.push('trusted_browser.added');
  }

  private conflicts(method: MachineMethod, replaces: number | null): boolean {
    return this.policy.exclusive && this.verified.some((one) => one.method !== method && one.label !== replaces);
  }

  /** Whether the codes have to be saved before the user's first device counts. */
  private savesFirst(): boolean {
    return !this.enrolled && this.policy.acknowledgementRequired && this.policy.recoveryCodes > 0;
  }

  private newCodes(shownBy: number | null): void {
    this.sets += 1;
    this.codes = { set: this.sets, left: this.policy.recoveryCodes, shownBy, saved: false };
    this.events.push('recovery_codes.generated');
  }

  private prove(device: MachineDevice, event: string): void {
    device.state = 'verified';
    device.proved = true;
    this.events.push(event);
    if (this.enrolled) return;
    this.enrolled = true;
    this.on = true;
    this.events.push('two_factor.enabled');
    // The user's other enrolments end.
    if (this.devices.some(({ state }) => state === 'unverified')) this.events.push('device.enrolments_ended');
    this.devices = this.devices.filter(({ state }) => state !== 'unverified');
  }

  private replace(label: number): void {
    if (!this.devices.some((one) => one.label === label && one.state !== 'unverified')) return;
    this.events.push('device.removed replaced');
    if (this.browsers.includes(label)) this.events.push('trusted_browser.revoked');
    this.forget(label);
  }

  private forget(label: number): void {
    this.devices = this.devices.filter((device) => device.label !== label);
    this.browsers = this.browsers.filter((by) => by !== label);
  }

  private revokeBrowsers(): void {
    if (this.browsers.length > 0) this.events.push('trusted_browser.revoked');
    this.browsers = [];
  }

  private removeAll(reason: string): void {
    for (const _ of this.devices) this.events.push(`device.removed ${reason}`);
    this.pristine();
  }

  private pristine(): void {
    this.on = false;
    this.enrolled = false;
    this.devices = [];
    this.codes = null;
    this.browsers = [];
  }
}
