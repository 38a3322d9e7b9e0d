import { Injectable } from '@nestjs/common';
import { deliveryStates, Problem } from '#contracts';
import { mayAnswer, purposes, type Purpose } from '#auth-core';
import { appendEvents, Database, event, eventsParameter, noOutcomes, Sealer, statement } from '#persistence';
import { z } from 'zod';
import { SendCode, type SendAnswer } from '../codes/send-code.js';
import { sendCodeParts, sendingColumns, sendingOutcomes, type SendingRow } from '../codes/send-code.sql.js';
import { eventsOf, isOwn, type Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { id, time } from '../http/schemas.js';
import { knowsAny, lockedUntil } from '../places/places.js';
import { hasAuthority } from '../proofs/authority.js';
import { admits, openAddress, provedMethods, type DeviceRow } from '../rows/device-row.js';
import { assertClock, effectivePolicy, userColumns, UserContext, type UserRow } from '../rows/user-row.js';
import { challengeFacts } from '../verification/charge.js';
import { refuseDisabled, refuseLocked, refuseMethod } from '../verification/refuse-code.js';

export const challengeAnswer = z
  .object({
    id: id('chl'),
    accountId: z.string(),
    userId: z.string(),
    status: z.enum(['pending', 'approved', 'canceled', 'expired', 'max_attempts_reached']),
    purpose: z.enum(purposes),
    application: z.string().nullable(),
    attemptsLeft: z.int(),
    createdAt: time,
    expiresAt: time,
    endedAt: time.nullable(),
    approvedBy: id('dev').nullable(),
    inForce: z.boolean().meta({
      description:
        'Whether the challenge is approved and what approved it is still valid. It becomes false when the device is removed, replaced or disabled, changes its number or uses a method that is no longer allowed, when the recovery codes are replaced, and after a reset. Then end the session that it opened',
    }),
    deliveries: z.array(
      z.object({
        id: id('dlv'),
        deviceId: id('dev'),
        channel: z.enum(['sms', 'email']),
        status: z.enum(deliveryStates),
        createdAt: time,
      }),
    ),
  })
  .meta({ id: 'Challenge' });
export type ChallengeAnswer = z.infer<typeof challengeAnswer>;

export const sendChallengeCodeBody = z.strictObject({ deviceId: id('dev') });

const selectChallenge = statement(
  'challenge.find',
  `select c.id, c.status, c.purpose, c.application, c.checks, c.max_checks as "maxChecks", c.created_at as "createdAt",
     c.expires_at as "expiresAt", c.ended_at as "endedAt", c.approved_device_id as "approvedBy", now() as now,
     u.locale as "userLocale", a.locale as "accountLocale", a.external_id as "accountId", u.external_id as "userId",
     t.policy::text as "tenantPolicy", a.policy::text as "accountPolicy", ${hasAuthority('$1')} as "inForce",
     (select coalesce(json_agg(json_build_object('id', l.id, 'deviceId', l.device_id, 'channel', l.channel,
        'status', l.status, 'createdAt', l.created_at) order by l.id), '[]')
      from delivery l where l.challenge_id = c.id) as deliveries
   from challenge c join app_user u on u.id = c.user_id join account a on a.id = u.account_id
   join tenant t on t.id = c.tenant_id
   where c.id = $1 and c.tenant_id = $2`,
);

const cancelChallenge = statement(
  'challenge.cancel',
  `with canceled as (
     update challenge set status = 'canceled', ended_at = now()
     where id = $1 and tenant_id = $2 and status = 'pending' and expires_at > now()
     returning id
   ), guard as (select ${noOutcomes} from canceled), ${appendEvents('$3', 'guard')}
   select id from canceled`,
);

const readForSend = statement(
  'challenge.send-read',
  `select ${userColumns},
     c.status as "challengeStatus", c.purpose, c.application, c.detail_sealed as "detailSealed", c.expires_at as "challengeExpiresAt",
     d.id as "deviceId", d.method, d.status, d.address_sealed as "addressSealed", d.address_mac as "addressMac",
     d.quota_key as "quotaKey", c.known, d.reused or not c.known and ${knowsAny('c.user_id')} as "othersOnly",
     ${lockedUntil('c.known')} as "lockedUntil", ${provedMethods('c.user_id')},
     -- What went to the number that the device had before is not sent again.
     k.id as "codeId", k.sends, k.last_sent_at as "lastSentAt",
     case when k.last_sent_at > coalesce(d.address_changed_at, '-infinity') then k.expires_at else k.last_sent_at end
       as "codeExpiresAt"
   from challenge c join app_user u on u.id = c.user_id join account a on a.id = u.account_id
   join tenant t on t.id = c.tenant_id
   left join device d on d.user_id = c.user_id and d.id = $3 and (c.device_id is null or d.id = c.device_id)
     and ${admits('d', 'c.application')}
   left join code k on k.subject_id = c.id and k.device_id = d.id
   where c.id = $1 and c.tenant_id = $2`,
);

const sendForChallenge = statement(
  'challenge.send',
  `with open_challenge as (
     select id from challenge where id = $1 and status = 'pending' and expires_at > now() for no key update
   ), ${sendCodeParts('$2', 'open_challenge', 'verified')},
   guard as (select ${sendingOutcomes} from sending), ${appendEvents('$3', 'guard')}
   select ${sendingColumns} from sending`,
);

interface ChallengeRow {
  readonly id: string;
  readonly status: ChallengeAnswer['status'];
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly checks: number;
  readonly maxChecks: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly approvedBy: string | null;
  readonly inForce: boolean;
  readonly now: Date;
  readonly accountId: string;
  readonly userId: string;
  readonly userLocale: string | null;
  readonly accountLocale: string | null;
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly deliveries: ChallengeAnswer['deliveries'];
}

interface SendRead extends UserRow {
  readonly challengeStatus: string;
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly detailSealed: Buffer | null;
  readonly challengeExpiresAt: Date;
  readonly deviceId: string | null;
  readonly method: DeviceRow['method'];
  readonly status: DeviceRow['status'];
  readonly addressSealed: Buffer | null;
  readonly addressMac: Buffer | null;
  readonly quotaKey: Buffer | null;
  readonly known: boolean;
  readonly othersOnly: boolean;
  readonly lockedUntil: Date | null;
  readonly provedMethods: DeviceRow['provedMethods'];
  readonly codeId: string | null;
  readonly sends: number;
  readonly lastSentAt: Date;
  readonly codeExpiresAt: Date;
}

/** A challenge that exists: shown, canceled, or given a code. */
@Injectable()
export class Challenges {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly codes: SendCode,
  ) {}

  async get(caller: Caller, challengeId: string): Promise<ChallengeAnswer> {
    const row = await this.find(caller, challengeId);
    const over = row.status === 'pending' && row.expiresAt <= row.now;
    return {
      id: row.id,
      accountId: row.accountId,
      userId: row.userId,
      status: over ? 'expired' : row.status,
      purpose: row.purpose,
      application: row.application,
      attemptsLeft: row.maxChecks - row.checks,
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
      approvedBy: row.approvedBy,
      inForce: row.inForce,
      deliveries: row.deliveries.map((item) => ({ ...item, createdAt: new Date(item.createdAt).toISOString() })),
    };
  }

  async cancel(caller: Caller, challengeId: string): Promise<ChallengeAnswer> {
    const row = await this.find(caller, challengeId);
    const { accountId, userId } = row;
    const context = { ...eventsOf(caller), accountId, userId };
    const facts = challengeFacts(challengeId, row.purpose, row.application);
    const events = eventsParameter(context, [event('challenge.canceled', facts)]);
    const done = await this.database.one(cancelChallenge, [challengeId, caller.tenantId, events]);
    if (!done) {
      const over = row.status === 'expired' || (row.status === 'pending' && row.expiresAt <= row.now);
      throw refusal(effectivePolicy(row), over ? 'challenge_expired' : 'challenge_not_pending');
    }
    return this.get(caller, challengeId);
  }

  /** Sends or resends: while the code is alive, the same one. */
  async sendCode(caller: Caller, challengeId: string, deviceId: string): Promise<SendAnswer> {
    const row = await this.database.one<SendRead>(readForSend, [challengeId, caller.tenantId, deviceId]);
    if (!row || !isOwn(caller, row.application)) {
      throw new Problem('not_found', { detail: 'There is no such challenge.' });
    }
    assertClock(row.now);
    const policy = effectivePolicy(row);
    if (row.challengeStatus === 'expired' || (row.challengeStatus === 'pending' && row.challengeExpiresAt <= row.now)) {
      throw refusal(policy, 'challenge_expired');
    }
    if (row.challengeStatus !== 'pending') throw refusal(policy, 'challenge_not_pending');
    const address = openAddress(this.sealer, caller.tenantId, { deviceId, addressSealed: row.addressSealed });
    if (row.deviceId === null) throw new Problem('not_found', { detail: 'This challenge has no such device.' });
    if (row.status === 'unverified') throw refusal(policy, 'device_not_verified');
    if ((row.method !== 'sms' && row.method !== 'email') || address === null || row.addressMac === null) {
      throw refusal(policy, 'method_not_allowed', {
        detail: 'This device generates its own codes. No code can be sent to it.',
      });
    }
    if (!mayAnswer(policy.methods, row.method, row.provedMethods)) throw refuseMethod(policy);
    if (row.status === 'disabled') throw refuseDisabled(policy);
    // A code that could not be entered would only cost the user one of the day's messages.
    if (row.lockedUntil && row.now < row.lockedUntil) throw refuseLocked(policy, row.lockedUntil, row.now);
    const last =
      row.codeId === null
        ? null
        : { id: row.codeId, sends: row.sends, lastSentAt: row.lastSentAt, expiresAt: row.codeExpiresAt };
    this.codes.assertMaySend(last, policy, row.now);
    const { method, addressMac, quotaKey, known, othersOnly, purpose } = row;
    const device = { deviceId, method, verified: true, address, addressMac, quotaKey, source: { known, othersOnly } };
    const detail = row.detailSealed && this.sealer.openText('detail', challengeId, row.detailSealed);
    const prepared = this.codes.prepare(row, device, policy, { challengeId, purpose, detail }, last, caller);
    const events = eventsParameter(this.users.events(caller, row), prepared.events);
    const sending = await this.database.one<SendingRow>(sendForChallenge, [challengeId, prepared.parameter, events]);
    if (!sending) throw refusal(policy, 'challenge_not_pending');
    const outcome = this.codes.outcome(prepared, sending);
    if (outcome instanceof Problem) throw outcome;
    return outcome;
  }

  private async find(caller: Caller, challengeId: string): Promise<ChallengeRow> {
    const row = await this.database.one<ChallengeRow>(selectChallenge, [challengeId, caller.tenantId]);
    if (!row || !isOwn(caller, row.application)) {
      throw new Problem('not_found', { detail: 'There is no such challenge.' });
    }
    return row;
  }
}
