import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, Problem, type Policy } from '#contracts';
import { decide, mayAnswer, passkeyRequestOptions, purposes, recoveryCodeMayApprove, type Decision } from '#auth-core';
import { Batch, Database, event, eventsParameter, eventsToWrite, Finder, Sealer, type NewEvent } from '#persistence';
import { languageFor, refusalWords, type Language } from '#words';
import { z } from 'zod';
import { maskAddress } from '../codes/addresses.js';
import { Pepper } from '../codes/pepper.js';
import { SendCode, type PreparedSend } from '../codes/send-code.js';
import type { SendingRow } from '../codes/send-code.sql.js';
import { eventsOf, type Caller } from '../http/caller.js';
import { refusal, userMessage } from '../http/refusal.js';
import { externalId, id, line } from '../http/schemas.js';
import { loginContext } from '../places/context.js';
import { placeOf } from '../places/places.js';
import { lockOf, openAddress, type PasskeyColumn } from '../rows/device-row.js';
import { assertClock, effectivePolicy, UserContext } from '../rows/user-row.js';
import { trustedBrowserHash } from '../trusted-browsers/remember-browser.js';
import { challengeFacts } from '../verification/charge.js';
import { relyingParty, requestOptions } from '../verification/passkey.js';
import type { ChallengeDevice, DecisionAnswer, OpenedChallenge } from './challenge-view.js';
import {
  openChallenge,
  openChallengeAndSend,
  pendingElsewhereLimit,
  pendingLimit,
  readUser,
  type ReadCall,
  type ReadRow,
} from './create-challenge.sql.js';

export const createChallengeBody = z.strictObject({
  accountId: externalId,
  userId: externalId,
  purpose: z.enum(purposes).default('login'),
  application: line(64)
    .optional()
    .meta({ description: 'The application that asks. An API key that is bound to an application takes precedence' }),
  deviceId: id('dev')
    .optional()
    .meta({ description: 'The only device that can answer, apart from recovery codes. Its code is sent immediately' }),
  // As a browser's cookie has it: one that is damaged is as good as none.
  trustedBrowser: z
    .string()
    .optional()
    .transform((token) => (token !== undefined && /^[\x21-\x7e]{1,100}$/.test(token) ? token : undefined))
    .meta({
      description: 'Token of a browser that an earlier login trusted. An expired or unknown token is ignored',
    }),
  context: loginContext,
  detail: line(140).optional().meta({
    description:
      'What the user confirms. It is shown in full in the SMS and is part of the proof. Refused if it does not fit into a text message',
  }),
});
export type CreateChallenge = z.infer<typeof createChallengeBody>;

type DeviceRead = ReadRow & { readonly deviceId: string };
/** With what the policy says of its method. */
type AdmittedDevice = DeviceRead & { readonly allowed: boolean };

const denials: Readonly<Record<Extract<Decision, { decision: 'deny' }>['reason'], string>> = {
  service_user_interactive: 'This user is for the API only and cannot sign in here.',
  two_factor_user: 'This user has two-factor authentication on and cannot be used for the API. Use a service user.',
  required_by_policy: 'The company requires two-factor authentication: enrol a device first.',
  locked: 'Too many wrong codes. Wait until the lockout ends.',
  all_devices_disabled: 'All devices were disabled after too many wrong codes. Ask your administrator for help.',
  no_usable_device: 'There is no device that could be checked. Ask your administrator for help.',
};

/** The call before login: decides, and opens a challenge where one is due. */
@Injectable()
export class CreateChallenges {
  private readonly reads: Batch<ReadRow, ReadCall>;

  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly codes: SendCode,
    private readonly pepper: Pepper,
    private readonly finder: Finder,
  ) {
    this.reads = new Batch(database, readUser);
  }

  async run(caller: Caller, body: CreateChallenge): Promise<DecisionAnswer> {
    const application = applicationOf(caller, body);
    const token = body.trustedBrowser === undefined ? null : trustedBrowserHash(body.trustedBrowser);
    const place = placeOf(this.finder, caller.tenantId, body.context?.ip);
    const { accountId, userId, purpose } = body;
    const login = { purpose, ...(application === null ? {} : { application }) };
    const events = eventsToWrite({ ...eventsOf(caller), accountId, userId }, [
      event('login.allowed', login, { when: 'allow' }),
      event('login.denied', login, { when: 'deny' }),
    ]);
    const rows = await this.reads.ask({
      tenant_id: caller.tenantId,
      account_id: accountId,
      user_id: userId,
      token_hash: token?.toString('base64'),
      application,
      place: place?.toString('base64'),
      device_id: body.deviceId,
      purpose,
      recoverable: recoveryCodeMayApprove(purpose),
      process_time: Date.now() / 1000,
      events,
    });
    const [user] = rows;
    if (!user) throw new Problem('not_found', { detail: 'There is no such user.' });
    assertClock(user.now);
    const policy = effectivePolicy(user);
    const known = rows.filter((row): row is DeviceRead => row.deviceId !== null);
    const proved = known.filter(({ verifiedAt }) => verifiedAt !== null).map(({ method }) => method);
    const devices = known
      .filter(({ admitted }) => admitted)
      .map((device) => ({ ...device, allowed: mayAnswer(policy.methods, device.method, proved) }));
    if (body.deviceId !== undefined && devices.length === 0) {
      throw new Problem('not_found', { detail: 'The user has no such verified device for this application.' });
    }
    // Those that the statement has decided by too.
    const decision = decide(user.facts);
    if (decision.decision === 'allow') {
      const { reason } = decision;
      const { graceUntil } = policy.twoFactor;
      return {
        decision: 'allow',
        reason,
        ...(reason === 'grace_period' && graceUntil !== null ? { graceUntil: new Date(graceUntil).toISOString() } : {}),
      };
    }
    if (decision.decision === 'deny') {
      const language = languageFor(policy.locale ?? caller.language);
      return denied(decision, devices, policy, user.now, language);
    }
    if (user.pendingHere >= pendingLimit || (!user.known && user.pendingElsewhere >= pendingElsewhereLimit)) {
      throw refusal(policy, 'rate_limited', {
        detail: 'This user has too many open challenges. Cancel some, or wait until they expire.',
        retryAfter: policy.challenge.ttlSeconds,
      });
    }
    const challenge = await this.open(caller, { ...body, application, place }, user, devices, decision, policy);
    return decision.decision === 'enroll'
      ? { decision: 'enroll', reason: decision.reason, challenge }
      : { decision: 'challenge', reason: decision.reason, challenge };
  }

  private async open(
    caller: Caller,
    body: Omit<CreateChallenge, 'application'> & { readonly application: string | null; readonly place: Buffer | null },
    user: ReadRow,
    devices: readonly AdmittedDevice[],
    decision: Decision,
    policy: Policy,
  ): Promise<OpenedChallenge> {
    const challengeId = newId('challenge');
    const { purpose, application, detail = null } = body;
    const enroll = decision.decision === 'enroll';
    const verified = enroll ? [] : devices.filter((device) => device.status === 'verified');
    const usable = verified.filter((device) => device.allowed && lockOf(device.lockedUntil, user.now) === null);
    // By whichever phone it is answered: the others of the user may be chosen later.
    if (detail !== null && verified.some(({ method }) => method === 'sms')) {
      this.codes.assertShown(user, policy, { purpose, detail }, caller);
    }
    const passkeys = usable.flatMap(({ passkey }) => passkey ?? []);
    const target = this.sendsAtOnce(usable, body.deviceId);
    const prepared =
      target &&
      this.codes.prepare(
        user,
        this.messageDevice(user, target),
        policy,
        { challengeId, purpose, detail },
        null,
        caller,
      );
    const created = event('challenge.created', challengeFacts(challengeId, purpose, application), {
      personal: {
        ...(body.context?.ip ? { ip: body.context.ip } : {}),
        ...(body.context?.userAgent ? { userAgent: body.context.userAgent } : {}),
      },
    });
    const values = {
      challengeId,
      tenantId: caller.tenantId,
      userRef: user.userRef,
      purpose,
      application,
      deviceId: body.deviceId ?? null,
      enroll,
      maxChecks: policy.challenge.maxChecks,
      detailSealed: detail === null ? null : this.sealer.seal('detail', challengeId, detail),
      seconds: policy.challenge.ttlSeconds,
      events: eventsParameter(this.users.events(caller, user), [
        created,
        ...(prepared?.events ?? []),
      ] satisfies NewEvent[]),
      // Nobody will ask for it where no browser can become trusted.
      userAgentSealed:
        policy.trustedBrowser.allowed && purpose === 'login' && body.context?.userAgent !== undefined
          ? this.sealer.seal('user-agent', challengeId, body.context.userAgent)
          : null,
      place: body.place,
      known: user.known,
    };
    const sent = prepared && (await this.database.one(openChallengeAndSend, { ...values, send: prepared.parameter }));
    const row = prepared ? sent : await this.database.one(openChallenge, values);
    if (!row) throw new Error('A challenge was not opened.');
    return {
      id: challengeId,
      status: 'pending',
      purpose,
      application,
      devices: verified.map((device) => this.view(device, user.now)),
      recoveryCodesAvailable: !enroll && codesLeft(user, policy) > 0 && recoveryCodeMayApprove(purpose),
      expiresAt: row.expiresAt.toISOString(),
      ...(purpose === 'login' && policy.trustedBrowser.allowed
        ? { trustedBrowserDays: policy.trustedBrowser.days }
        : {}),
      ...(passkeys.length > 0 ? { webauthn: this.requestOptions(policy, application, challengeId, passkeys) } : {}),
      ...(prepared && target && sent ? { send: this.sent(target.deviceId, prepared, sent, caller.language) } : {}),
    };
  }

  private requestOptions(
    policy: Policy,
    application: string | null,
    challengeId: string,
    passkeys: readonly PasskeyColumn[],
  ) {
    const party = relyingParty(policy, application);
    const seconds = policy.challenge.ttlSeconds;
    return requestOptions.parse(passkeyRequestOptions(party, this.pepper.key, challengeId, passkeys, seconds));
  }

  /** The device whose code goes out without being asked for: the only usable one, or the named one. */
  private sendsAtOnce(usable: readonly DeviceRead[], named: string | undefined): DeviceRead | undefined {
    const [device] = usable;
    if (!device || (usable.length > 1 && named === undefined)) return undefined;
    return device.method === 'sms' || device.method === 'email' ? device : undefined;
  }

  private messageDevice(user: ReadRow, device: DeviceRead) {
    const address = openAddress(this.sealer, user.tenantId, device);
    if (address === null || device.addressMac === null || (device.method !== 'sms' && device.method !== 'email')) {
      throw new Error('A device for messages has no address.');
    }
    const { deviceId, method, addressMac, quotaKey } = device;
    const source = { known: user.known, othersOnly: device.reused || device.othersOnly === true };
    return { deviceId, method, verified: true, address, addressMac, quotaKey, source };
  }

  private sent(
    deviceId: string,
    prepared: PreparedSend,
    row: SendingRow,
    language: Language,
  ): NonNullable<OpenedChallenge['send']> {
    const outcome = this.codes.outcome(prepared, row);
    if (!(outcome instanceof Problem)) return { deviceId, ...outcome };
    const { retryAfter } = outcome.details;
    const words = userMessage(outcome, language);
    return {
      deviceId,
      code: outcome.code,
      detail: outcome.message,
      ...(words === undefined ? {} : { userMessage: words }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    };
  }

  private view(device: AdmittedDevice, now: Date): ChallengeDevice {
    const address = openAddress(this.sealer, device.tenantId, device);
    return {
      id: device.deviceId,
      name: device.name,
      method: device.method,
      maskedAddress: address === null ? null : maskAddress(address),
      isDefault: device.isDefault,
      lockedUntil: lockOf(device.lockedUntil, now),
      allowed: device.allowed,
    };
  }
}

/** A set of a time when the policy had recovery codes counts no more where it has none. */
const codesLeft = (user: ReadRow, policy: Policy) => (policy.recoveryCodes.count > 0 ? user.codesLeft : 0);

/**
 * The front door that asks: a key that names its application can't speak for another one.
 * @throws {Problem} `invalid_request`
 */
function applicationOf(caller: Caller, body: CreateChallenge): string | null {
  const { application } = caller;
  if (application !== null && body.application !== undefined && body.application !== application) {
    throw invalidRequest('/application', `must be "${application}" or left out: this API key names its application`);
  }
  return application ?? body.application ?? null;
}

function denied(
  decision: Extract<Decision, { decision: 'deny' }>,
  devices: readonly AdmittedDevice[],
  policy: Policy,
  now: Date,
  language: Language,
): DecisionAnswer {
  const locks = devices
    .filter(({ allowed }) => allowed)
    .map(({ lockedUntil: until }) => lockOf(until, now))
    .filter((until) => until !== null)
    .toSorted();
  const first = decision.reason === 'locked' ? locks[0] : undefined;
  const { supportContact } = policy;
  const retryAfter = first === undefined ? undefined : Math.ceil((Date.parse(first) - now.getTime()) / 1000);
  return {
    decision: 'deny',
    reason: decision.reason,
    detail: denials[decision.reason],
    userMessage: refusalWords(language, decision.reason, { retryAfter, supportContact }),
    ...(first === undefined ? {} : { lockedUntil: first }),
    ...(supportContact === null ? {} : { supportContact }),
  };
}
