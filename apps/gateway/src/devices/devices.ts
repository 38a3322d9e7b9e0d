import { Injectable } from '@nestjs/common';
import { Problem, type Policy } from '#contracts';
import { isRequired, mayAnswer, standAlone } from '#auth-core';
import { appendEvents, Database, event, eventsParameter, noOutcomes, Sealer, statement } from '#persistence';
import { z } from 'zod';
import {
  SendCode,
  sendCodeParts,
  sendingColumns,
  sendingOutcomes,
  type SendAnswer,
  type SendingRow,
} from '../codes/send-code.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { line } from '../http/schemas.js';
import { Proofs, useProof, type TakenProof } from '../proofs/proofs.js';
import { openAddress, someMayAnswer } from '../rows/device-row.js';
import { assertClock, effectivePolicy, UserContext } from '../rows/user-row.js';
import { revocationOutcomes } from '../trusted-browsers/remember-browser.js';
import { refuseLocked, refuseMethod } from '../verification/refuse-code.js';
import { ChangePhone } from './change-phone.js';
import { viewDevice, type DeviceAnswer } from './device-view.js';
import { FindDevices, type FoundDevice } from './find-devices.js';
import { lockOwner } from './proved-device.js';

export const changeDeviceBody = z.strictObject({
  name: line(100).optional(),
  isDefault: z.literal(true).optional().meta({ description: 'Offered first at login; the former default steps back' }),
});
export type ChangeDevice = z.infer<typeof changeDeviceBody>;

/**
 * The user and all of their devices, locked. Whoever waited here sees the devices as they are now, where the rest of
 * the statement would see them as they were when it began.
 *
 * The user's lock is the weaker one: the stronger would also stop whoever holds a device and adds a row of the user's,
 * a lockout or a delivery, and the two would wait for each other.
 */
const lockDevices = (userRef: string) => `
   u as (select id, two_factor_since from app_user where id = ${userRef} for no key update),
   mine as (
     select d.id, d.method, d.status, d.is_default, d.verified_at, d.applications from u, device d where d.user_id = u.id
     order by d.id for update of d
   )`;

const changeDevice = statement(
  'device.change',
  `with ${lockDevices('$3')},
   changed as (
     update device d set name = coalesce($2, d.name), is_default = d.is_default or $4
     from mine where d.id = $1 and d.id = mine.id
     returning d.id
   ),
   stepped_back as (
     update device d set is_default = false
     from mine, changed c where $4 and d.id = mine.id and mine.is_default and d.id <> c.id
   ),
   guard as (select ${noOutcomes} from changed where $2::text is not null), ${appendEvents('$5', 'guard')}
   select id from changed`,
);

/**
 * With the last proved device of a user whose two-factor authentication is off goes all that hangs on it: recovery codes,
 * enrolments that are under way. Who is left is as one who has never enrolled (docs/states.md). A device that came
 * meanwhile is not among `mine`; then the user's row has changed, and the call begins again. With an enrolment go the
 * recovery codes that it showed.
 */
const removeDevice = statement(
  'device.remove',
  `with ${lockOwner('$2')},
   d as (
     select m.id, m.is_default, m.applications,
       u.two_factor_since is null and m.verified_at is not null and not exists (
         select from mine x where x.id <> m.id and x.verified_at is not null) as last_proved,
       u.version <> seen.version as changed,
       u.two_factor_since is not null and m.status <> 'unverified' and not exists (
         select from mine x where x.id <> m.id and x.status = 'verified') as last,
       -- Some may answer now, none of the others may without this one.
       u.two_factor_since is not null and ${someMayAnswer('mine', '$6', '$7')}
         and not ${someMayAnswer('(select * from mine where id <> m.id)', '$6', '$7')} as last_alone
     from u, seen, mine m where m.id = $1
   ),
   removable as (select * from d where not last and not last_alone and not (last_proved and changed)),
   ${useProof('$3', '$4', { purpose: 'remove_device', user: '$2', gate: 'removable', reach: 'g.applications' })},
   gone as (
     delete from device x using mine m, removable r, proof
     where x.id = m.id and (x.id = r.id or r.last_proved and m.verified_at is null)
     returning x.id
   ),
   removed as (select r.* from gone join removable r using (id)),
   user_row as (update app_user a set enrolled_at = null from removed r where r.last_proved and a.id = $2),
   pool_row as (
     delete from recovery_pool p using removed r
     where p.user_id = $2 and (r.last_proved or p.enrolment_device_id = r.id)
     returning p.user_id
   ),
   code_row as (delete from recovery_code c using pool_row p where c.user_id = p.user_id),
   successor as (
     update device set is_default = true
     where id = (
       select x.id from mine x, removable r, proof
       where r.is_default and x.id <> r.id and x.status = 'verified'
       order by x.verified_at limit 1)
   ),
   browsers as (delete from trusted_browser b using removed r where b.device_id = r.id returning b.id),
   guard as (select ${revocationOutcomes} from removed), ${appendEvents('$5', 'guard')}
   select d.last, d.last_alone as "lastAlone", d.last_proved and d.changed as again,
     exists (select from removed) as removed
   from d`,
);

const resendCode = statement(
  'device.resend',
  `with open_device as (
     select id from device where id = $1 and status = 'unverified' and enrolment_expires_at > now() for no key update
   ), ${sendCodeParts('$2', 'open_device', 'unverified')},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents('$3', 'guard')}
   select ${sendingColumns} from sending`,
);

/** A user's devices: shown, renamed, removed, and given another verification code. */
@Injectable()
export class Devices {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly found: FindDevices,
    private readonly codes: SendCode,
    private readonly proofs: Proofs,
    private readonly phones: ChangePhone,
  ) {}

  async list(caller: Caller, accountId: string, userId: string): Promise<DeviceAnswer[]> {
    const rows = await this.found.ofUser(caller, accountId, userId);
    // No devices and no such user look alike to the first query.
    if (rows.length === 0) await this.users.find(caller, accountId, userId);
    return rows.map((row) => viewDevice(this.sealer, row, effectivePolicy(row), row));
  }

  async get(caller: Caller, deviceId: string): Promise<DeviceAnswer> {
    const row = await this.found.one(caller, deviceId);
    return viewDevice(this.sealer, row, effectivePolicy(row), row);
  }

  async change(caller: Caller, deviceId: string, body: ChangeDevice): Promise<DeviceAnswer> {
    const row = await this.found.one(caller, deviceId);
    const policy = effectivePolicy(row);
    if (body.isDefault && row.status !== 'verified') throw refusal(policy, 'device_not_verified');
    const { method, name: oldName } = row;
    const renamed = event('device.renamed', { deviceId, method }, { personal: { deviceName: body.name ?? oldName } });
    const events = eventsParameter(this.users.events(caller, row), [renamed]);
    const values = [deviceId, body.name ?? null, row.userRef, body.isDefault ?? false, events];
    if (!(await this.database.one(changeDevice, values))) throw new Problem('not_found');
    const change = { name: body.name ?? oldName, isDefault: row.isDefault || body.isDefault === true };
    return viewDevice(this.sealer, row, policy, { ...row, ...change });
  }

  /**
   * Ends the device's access at once, in open challenges too.
   * @param again how often it may begin again, where the user has changed since the statement began
   */
  async remove(caller: Caller, deviceId: string, again = 4): Promise<void> {
    const row = await this.found.one(caller, deviceId);
    const policy = effectivePolicy(row);
    // Who is asked at each login because the company requires it is protected alike.
    const asked = row.twoFactorSince !== null || (row.enrolledAt !== null && isRequired(policy.twoFactor, row.now));
    const needsProof = policy.proofRequired.removeDevice && row.status !== 'unverified' && asked;
    const proof = needsProof
      ? await this.proofs.takeLast(caller, 'remove_device', row, policy, () => this.end(caller, row, policy, null))
      : null;
    const done = await this.end(caller, row, policy, proof);
    if (done.again) {
      if (again === 0) throw new Problem('unavailable');
      return this.remove(caller, deviceId, again - 1);
    }
    if (!done.removed) throw await this.proofs.refused(proof, policy, row.applications);
  }

  /** @throws {Problem} `last_device`, `not_found` */
  private async end(
    caller: Caller,
    row: FoundDevice,
    policy: Policy,
    proof: TakenProof | null,
  ): Promise<{ readonly again: boolean; readonly removed: boolean }> {
    const { deviceId } = row;
    const { method, name } = row;
    const reason = row.status === 'unverified' ? 'enrolment_canceled' : 'requested';
    const removed = event('device.removed', { deviceId, method, reason }, { personal: { deviceName: name } });
    const browsers = event('trusted_browser.revoked', { reason: 'device_removed' }, { when: 'browsers' });
    const events = eventsParameter(this.users.events(caller, row), [removed, browsers]);
    const values = [
      deviceId,
      row.userRef,
      proof?.id ?? null,
      proof?.grounds ?? null,
      events,
      policy.methods.allowed,
      standAlone(policy.methods),
    ];
    const result = await this.database.one<{ last: boolean; lastAlone: boolean; again: boolean; removed: boolean }>(
      removeDevice,
      values,
    );
    if (!result) throw new Problem('not_found', { detail: 'There is no such device.' });
    if (result.last) throw refusal(policy, 'last_device');
    if (result.lastAlone) {
      throw refusal(policy, 'last_device', {
        detail: 'The policy does not allow the other devices, or not to stand alone. Add one of another method first.',
        wordsFor: 'not_alone',
      });
    }
    return result;
  }

  /** Sends the verification code again; while it is alive, the same one. */
  async resend(caller: Caller, deviceId: string): Promise<SendAnswer> {
    const row = await this.found.one(caller, deviceId);
    assertClock(row.now);
    const policy = effectivePolicy(row);
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    const sent = await this.phones.resend(caller, row);
    if (sent) return sent;
    const address = openAddress(this.sealer, row.tenantId, row);
    if ((row.method !== 'sms' && row.method !== 'email') || address === null || row.addressMac === null) {
      throw refusal(policy, 'method_not_allowed', {
        detail: 'This device makes its own codes: none can be sent to it.',
      });
    }
    if (row.status !== 'unverified') throw refusal(policy, 'device_already_verified');
    if (row.enrolmentExpiresAt <= row.now) throw refusal(policy, 'enrolment_expired');
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const { method, addressMac, quotaKey } = row;
    const last =
      row.codeId === null
        ? null
        : { id: row.codeId, sends: row.sends, lastSentAt: row.lastSentAt, expiresAt: row.codeExpiresAt };
    this.codes.assertMaySend(last, policy, row.now);
    const device = { deviceId, method, verified: false, address, addressMac, quotaKey };
    const prepared = this.codes.prepare(row, device, policy, null, last, caller);
    const events = eventsParameter(this.users.events(caller, row), prepared.events);
    const sending = await this.database.one<SendingRow>(resendCode, [deviceId, prepared.parameter, events]);
    if (!sending) throw refusal(policy, 'enrolment_expired');
    const outcome = this.codes.outcome(prepared, sending);
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }
}
