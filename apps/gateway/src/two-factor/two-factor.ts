import { Injectable } from '@nestjs/common';
import { Problem, type Method, type PersonalFields } from '#contracts';
import { isRequired, standAlone, type Purpose } from '#auth-core';
import {
  appendEvents,
  Database,
  event,
  eventsParameter,
  noOutcomes,
  Sealer,
  statement,
  type NewEvent,
} from '#persistence';
import { z } from 'zod';
import { smsNotices, SmsNotices, type NoticedPhone } from '../codes/sms-notice.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { line, time } from '../http/schemas.js';
import { Proofs, useProof, type TakenProof } from '../proofs/proofs.js';
import { openAddress, someMayAnswer } from '../rows/device-row.js';
import {
  assertClock,
  effectivePolicy,
  localeOf,
  namedUser,
  userColumns,
  UserContext,
  type UserRow,
} from '../rows/user-row.js';
import { revocationPatch } from '../trusted-browsers/remember-browser.js';
import { challengeFacts } from '../verification/charge.js';

const actor = line(200)
  .optional()
  .meta({ description: 'The administrator who does it, for the audit trail; sealed there' });

export const switchBody = z.strictObject({ enabled: z.boolean(), actor });
export type SwitchTwoFactor = z.infer<typeof switchBody>;

export const resetBody = z.strictObject({
  reason: line(500).meta({ description: 'Why, for the audit trail; sealed there' }),
  actor,
});
export type ResetTwoFactor = z.infer<typeof resetBody>;

export const twoFactorAnswer = z
  .object({ status: z.enum(['enabled', 'disabled']), since: time.nullable() })
  .meta({ id: 'TwoFactor' });
export type TwoFactorAnswer = z.infer<typeof twoFactorAnswer>;

/** The row's version tells whether it is still what was read when the statement that acts on it holds its lock. */
const readUser = statement(
  'two-factor.read',
  `select ${userColumns}, u.xmin::text as version,
     (select coalesce(json_agg(json_build_object('id', d.id, 'method', d.method, 'name', d.name, 'status', d.status,
        'phone', case when d.method = 'sms' and d.verified_at is not null then encode(d.address_sealed, 'base64') end)
        order by d.id), '[]')
      from device d where d.user_id = u.id) as devices,
     (select coalesce(json_agg(json_build_object('id', c.id, 'purpose', c.purpose, 'application', c.application)
        order by c.id), '[]')
      from challenge c where c.user_id = u.id and c.status = 'pending' and c.expires_at > now()) as challenges,
     (select coalesce(json_agg(json_build_object('id', l.id, 'subject', l.subject, 'deviceId', l.device_id)
        order by l.id), '[]')
      from lockout l where l.user_id = u.id and l.ended_at is null and l.locked_until > now()) as lockouts
   from app_user u join account a on a.id = u.account_id join tenant t on t.id = u.tenant_id
   where ${namedUser}`,
);

const switchOn = statement(
  'two-factor.switch-on',
  `with u as (select id from app_user where id = $1 and two_factor_since is null for no key update),
   -- Locked, so that a device whose removal is under way does not count.
   d as (
     select d.id, d.method, d.status, d.verified_at from u, device d where d.user_id = u.id order by d.id for update of d
   ),
   switched as (
     update app_user a set two_factor_since = clock_timestamp() from u
     where a.id = u.id and ${someMayAnswer('d', '$3', '$4')}
     returning a.two_factor_since
   ),
   guard as (select ${noOutcomes} from switched), ${appendEvents('$2', 'guard')}
   select two_factor_since as since from switched`,
);

/**
 * Off, by a proof or by an administrator; $5 says whether all that was enrolled goes too. What has an event of its own
 * for each row goes by the ids that were read before ($7, $8): they are in the events already. A row that came meanwhile
 * is as one that comes afterwards: a device begun then is the first one of a user who has none, a challenge opened then
 * runs out. A browser that is becoming trusted just then is told by `trust_revoked_at`, and goes with its device.
 */
const withdraw = statement(
  'two-factor.withdraw',
  `with u as (select id from app_user where id = $1 and xmin::text = $2 for no key update),
   mine as (select d.id from u, device d where d.user_id = u.id order by d.id for update of d),
   pool as (
     select p.user_id from u, recovery_pool p
     where p.user_id = u.id for update of p
   ),
   pending as (
     select c.id from u, challenge c
     where c.user_id = u.id and c.id = any ($7::text[]) and c.status = 'pending'
     order by c.id for update of c
   ),
   held as (
     select u.id, (select count(*) from mine) + (select count(*) from pool) + (select count(*) from pending) as n from u
   ),
   ${useProof('$3', '$4', { purpose: 'disable', user: '$1', gate: 'held', reach: 'null::text[]' })},
   go as (select held.id, clock_timestamp() as at from held, proof where held.n >= 0),
   user_row as (
     update app_user a set two_factor_since = null, trust_revoked_at = go.at,
       enrolled_at = case when $5 then null else a.enrolled_at end
     from go where a.id = go.id
     returning a.id
   ),
   removed as (delete from device d using go where $5 and d.user_id = go.id returning d.id),
   pool_row as (delete from recovery_pool p using go where $5 and p.user_id = go.id),
   code_row as (delete from recovery_code r using go where $5 and r.user_id = go.id),
   browsers as (delete from trusted_browser b using go where b.user_id = go.id returning b.id),
   canceled as (
     update challenge c set status = 'canceled', ended_at = go.at
     from pending, go where c.id = pending.id
     returning c.id
   ),
   unlocked as (
     update lockout l set ended_at = go.at, end_reason = 'removed'
     from go where $5 and l.id = any ($8::text[]) and l.user_id = go.id and l.ended_at is null and l.locked_until > go.at
     returning l.id
   ),
   ${smsNotices('$9', 'user_row')},
   guard as (
     select array(select id from removed union all select id from canceled union all select id from unlocked
         union all select 'browsers' where exists (select from browsers)) as outcomes, ${revocationPatch()}
     from user_row
   ), ${appendEvents('$6', 'guard')}
   select exists (select from u) as current, exists (select from user_row) as done`,
);

interface ReadRow extends UserRow {
  readonly version: string;
  readonly devices: readonly {
    readonly id: string;
    readonly method: Method;
    readonly name: string;
    readonly status: 'unverified' | 'verified' | 'disabled';
    /** Sealed number of a phone that was verified, in base 64. */
    readonly phone: string | null;
  }[];
  readonly challenges: readonly {
    readonly id: string;
    readonly purpose: Purpose;
    readonly application: string | null;
  }[];
  readonly lockouts: readonly {
    readonly id: string;
    readonly subject: 'device' | 'recovery_codes';
    readonly deviceId: string | null;
  }[];
}

interface Withdrawal {
  readonly reason: 'two_factor_disabled' | 'reset';
  readonly remove: boolean;
  readonly proof: TakenProof | null;
  readonly event: NewEvent;
}

/** How often a call begins again because the user's row changed under it. */
const attempts = 5;

/** Two-factor authentication of a user: switched off and on, and reset by an administrator. */
@Injectable()
export class TwoFactor {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly proofs: Proofs,
    private readonly notices: SmsNotices,
  ) {}

  /** What is so already stays so, and takes no proof. */
  async switch(caller: Caller, accountId: string, userId: string, body: SwitchTwoFactor): Promise<TwoFactorAnswer> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const row = await this.read(caller, accountId, userId);
      const on = row.twoFactorSince !== null;
      if (on === body.enabled) return answer(row.twoFactorSince);
      if (!body.enabled) {
        if (await this.switchOff(caller, row, body.actor)) return answer(null);
        continue;
      }
      const policy = effectivePolicy(row);
      const events = eventsParameter(this.users.events(caller, row), [event('two_factor.enabled', {})]);
      const { methods } = policy;
      const values = [row.userRef, events, methods.allowed, standAlone(methods)];
      const switched = await this.database.one<{ since: Date }>(switchOn, values);
      if (switched) return answer(switched.since);
      // Nothing to switch on with; or another call was faster, which the next reading shows.
      const { twoFactorSince, devices } = await this.read(caller, accountId, userId);
      if (twoFactorSince === null) {
        if (devices.some(({ status }) => status === 'verified')) {
          throw refusal(policy, 'method_not_allowed', {
            detail: 'The policy lets none of the verified devices answer. Add another one first, then switch it on.',
            wordsFor: 'not_alone',
          });
        }
        throw refusal(policy, 'device_not_verified', {
          detail:
            'There is no verified device to switch it on with. Add one: verifying it switches two-factor authentication on.',
        });
      }
    }
    throw new Problem('unavailable');
  }

  /** Leaves the user as one who has never enrolled: where the company requires it, the next login enrols again. */
  async reset(caller: Caller, accountId: string, userId: string, body: ResetTwoFactor): Promise<TwoFactorAnswer> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const row = await this.read(caller, accountId, userId);
      const personal = { reason: body.reason, ...(body.actor === undefined ? {} : { actor: body.actor }) };
      const deviceIds = row.devices.map((device) => device.id);
      const reset = event('two_factor.reset', { deviceIds }, { personal });
      const done = await this.withdraw(caller, row, { reason: 'reset', remove: true, proof: null, event: reset });
      if (done) return answer(null);
    }
    throw new Problem('unavailable');
  }

  /**
   * Where only an administrator may do it, the key's scope `admin` stands for the administrator and no proof is asked
   * for: the device that would give one is the user's. Elsewhere an administrator has `reset`.
   * @returns whether it was done; else the user has changed, and the call begins again
   */
  private async switchOff(caller: Caller, row: ReadRow, by: string | undefined): Promise<boolean> {
    const policy = effectivePolicy(row);
    const admin = policy.twoFactor.disableBy === 'admin';
    if (admin && !caller.scopes.includes('admin')) {
      throw refusal(policy, 'insufficient_scope', {
        detail:
          'Only an administrator may switch two-factor authentication off here: this call needs an API key with the scope "admin".',
        wordsFor: 'disabled_by_admin',
      });
    }
    if (isRequired(policy.twoFactor, row.now)) {
      throw refusal(policy, 'two_factor_required', {
        detail: 'The company requires two-factor authentication: it can not be switched off.',
      });
    }
    const proof =
      admin || !policy.proofRequired.disable ? null : await this.proofs.take(caller, 'disable', row, policy);
    const remove = policy.twoFactor.onDisable === 'remove';
    const personal: PersonalFields = by === undefined ? {} : { actor: by };
    const facts = { by: admin ? 'admin' : 'user', devices: remove ? 'removed' : 'kept' } as const;
    const disabled = event('two_factor.disabled', facts, { personal });
    return this.withdraw(caller, row, { reason: 'two_factor_disabled', remove, proof, event: disabled });
  }

  /** @throws {Problem} `proof_invalid` where the proof was used meanwhile, or allows it no more */
  private async withdraw(caller: Caller, row: ReadRow, { reason, remove, proof, event: told }: Withdrawal) {
    const challenges = row.challenges.map(({ id, purpose, application }) =>
      event('challenge.canceled', challengeFacts(id, purpose, application), { when: id }),
    );
    const devices = row.devices.map(({ id, method, name }) =>
      event('device.removed', { deviceId: id, method, reason }, { when: id, personal: { deviceName: name } }),
    );
    const lockouts = row.lockouts.map(({ id, subject, deviceId }) =>
      event(
        'lockout.ended',
        { lockoutId: id, subject, ...(deviceId === null ? {} : { deviceId }), reason: 'removed' },
        { when: id },
      ),
    );
    const browsers = event('trusted_browser.revoked', { reason }, { when: 'browsers' });
    const events = [...challenges, told, ...devices, ...lockouts, browsers];
    const result = await this.database.one<{ current: boolean; done: boolean }>(withdraw, [
      row.userRef,
      row.version,
      proof?.id ?? null,
      proof?.grounds ?? null,
      remove,
      eventsParameter(this.users.events(caller, row), events),
      row.challenges.map(({ id }) => id),
      row.lockouts.map(({ id }) => id),
      this.notices.parameter(
        { ...row, locale: localeOf(row, caller.language) },
        caller,
        effectivePolicy(row),
        'reset',
        reason === 'reset' ? this.phones(row) : [],
      ),
    ]);
    if (result?.current && !result.done) throw await this.proofs.refused(proof, effectivePolicy(row), null);
    return result?.done === true;
  }

  /** The numbers that the user's phones had until now. */
  private phones(row: ReadRow): NoticedPhone[] {
    return row.devices.flatMap(({ id: deviceId, phone }) => {
      if (phone === null) return [];
      const addressSealed = Buffer.from(phone, 'base64');
      const number = openAddress(this.sealer, row.tenantId, { deviceId, addressSealed });
      return number === null ? [] : [{ deviceId, number }];
    });
  }

  private async read(caller: Caller, accountId: string, userId: string): Promise<ReadRow> {
    const row = await this.database.one<ReadRow>(readUser, [caller.tenantId, accountId, userId]);
    if (!row) throw new Problem('not_found', { detail: 'There is no such user.' });
    assertClock(row.now);
    return row;
  }
}

function answer(since: Date | null): TwoFactorAnswer {
  return { status: since === null ? 'disabled' : 'enabled', since: since?.toISOString() ?? null };
}
