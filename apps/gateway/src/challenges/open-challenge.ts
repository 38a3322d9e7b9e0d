import { Injectable } from '@nestjs/common';
import { newId, Problem, type Policy } from '#contracts';
import { passkeyRequestOptions, recoveryCodeMayApprove } from '#auth-core';
import { Batch, Database, event, eventsToWrite, Sealer, type NewEvent } from '#persistence';
import type { Language } from '#words';
import { maskAddress } from '../codes/addresses.js';
import type { SendAnswer } from '../codes/code.schema.js';
import { messageDevice } from '../codes/message-device.js';
import { Pepper } from '../codes/pepper.js';
import { SendCode, type CodeRequest } from '../codes/send-code.js';
import type { Caller } from '../http/caller.js';
import { userMessage } from '../refusals/refusals.js';
import { sealConfirmed, shownText, type Confirmed } from '../rows/confirmed.js';
import { lockOf, openAddress, type PasskeyColumn } from '../rows/device-row.js';
import { UserContext, type PolicyInForce } from '../rows/user-row.js';
import { challengeFacts } from '../verification/charge.js';
import { relyingParty, requestOptions } from '../verification/passkey.js';
import type { ChallengeDevice, OpenedChallenge } from './challenge-view.js';
import type { CreateChallengeBody } from './create-challenge.schema.js';
import type { ReadRow } from './create-challenge.sql.js';
import {
  openChallenge,
  openChallengeAndSend,
  type NewChallenge,
  type OpenedRow,
  type SendingChallenge,
} from './open-challenge.sql.js';

/** A device of the user that serves the application, with what the policy says of its method. */
export type AdmittedDevice = ReadRow & { readonly deviceId: string; readonly allowed: boolean };

/** A login, or another act, for which a challenge is due. */
export interface Asked {
  readonly caller: Caller;
  readonly body: CreateChallengeBody;
  /** The front door that asks. */
  readonly application: string | null;
  /** MAC of where it comes from. */
  readonly place: Buffer | null;
  readonly user: ReadRow;
  readonly devices: readonly AdmittedDevice[];
  /** Whether a first device is to be enrolled, which then answers. */
  readonly enroll: boolean;
  readonly policy: PolicyInForce;
}

/** Opens a challenge, and sends its code at once where only one device can answer. */
@Injectable()
export class OpenChallenge {
  private readonly openings: Batch<Pick<OpenedRow, 'expiresAt'>, NewChallenge>;
  private readonly sendings: Batch<OpenedRow, SendingChallenge>;

  constructor(
    database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly codes: SendCode,
    private readonly pepper: Pepper,
  ) {
    this.openings = new Batch(database, openChallenge);
    this.sendings = new Batch(database, openChallengeAndSend);
  }

  async run(asked: Asked): Promise<OpenedChallenge> {
    const { caller, body, application, user, devices, enroll, policy } = asked;
    const challengeId = newId('challenge');
    const { purpose } = body;
    const detail = shownText(confirmedBy(body));
    const verified = enroll ? [] : devices.filter((device) => device.status === 'verified');
    const usable = verified.filter((device) => device.allowed && lockOf(device.lockedUntil, user.now) === null);
    // By whichever phone it is answered: the others of the user may be chosen later.
    if (detail !== null && verified.some(({ method }) => method === 'sms')) {
      this.codes.assertShown(user, policy, { purpose, detail }, caller, body.transaction ? '/transaction' : '/detail');
    }
    const target = sendsAtOnce(usable, body.deviceId);
    const opened = target
      ? await this.insertAndSend(asked, challengeId, target)
      : await this.insert(asked, challengeId);
    const passkeys = usable.flatMap(({ passkey }) => passkey ?? []);
    return {
      id: challengeId,
      status: 'pending',
      purpose,
      application,
      devices: verified.map((device) => this.view(device, user.now)),
      recoveryCodesAvailable: !enroll && codesLeft(user, policy) > 0 && recoveryCodeMayApprove(purpose),
      expiresAt: opened.expiresAt.toISOString(),
      ...(purpose === 'login' && policy.trustedBrowser.allowed
        ? { trustedBrowserDays: policy.trustedBrowser.days }
        : {}),
      ...(passkeys.length > 0 ? { webauthn: this.requestOptions(policy, application, challengeId, passkeys) } : {}),
      ...(opened.send ? { send: opened.send } : {}),
    };
  }

  private async insert(
    asked: Asked,
    challengeId: string,
  ): Promise<{ expiresAt: Date; send?: NonNullable<OpenedChallenge['send']> }> {
    const { caller, user } = asked;
    const events = eventsToWrite(this.users.events(caller, user), [created(asked, challengeId)]);
    const [row] = await this.openings.ask({ ...this.values(asked, challengeId), events });
    if (!row) throw new Error('A challenge was not opened.');
    return row;
  }

  private async insertAndSend(asked: Asked, challengeId: string, target: AdmittedDevice) {
    const { caller, body, user, policy } = asked;
    const { purpose } = body;
    const detail = shownText(confirmedBy(body));
    const source = { known: user.known, othersOnly: target.reused || target.othersOnly === true };
    const request: CodeRequest = {
      caller,
      owner: user,
      policy,
      device: { ...messageDevice(this.sealer, target, policy), verified: true, source },
      challenge: { challengeId, purpose, detail },
      events: [created(asked, challengeId)],
    };
    const values = this.values(asked, challengeId);
    const done = await this.codes.attempt(request, async (sending, { key, bound }) => {
      const [row] = await this.sendings.ask({ ...values, ...sending, quota_key: key, quota_bound: bound });
      return row;
    });
    if (!done) throw new Error('A challenge was not opened.');
    return { expiresAt: done.row.expiresAt, send: viewSend(target.deviceId, done.sent, caller.language) };
  }

  private values({ caller, body, application, place, user, enroll, policy }: Asked, challengeId: string) {
    const { purpose, deviceId = null, context } = body;
    return {
      challenge_id: challengeId,
      tenant_id: caller.tenantId,
      user_ref: user.userRef,
      purpose,
      application,
      device_id: deviceId,
      enroll,
      max_checks: policy.challenge.maxChecks,
      detail_sealed: base64(sealConfirmed(this.sealer, challengeId, confirmedBy(body))),
      seconds: policy.challenge.ttlSeconds,
      // Nobody will ask for it where no browser can become trusted.
      user_agent_sealed:
        policy.trustedBrowser.allowed && purpose === 'login' && context?.userAgent !== undefined
          ? base64(this.sealer.seal('user-agent', challengeId, context.userAgent))
          : null,
      place: base64(place),
      known: user.known,
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

const base64 = (bytes: Buffer | null) => bytes && bytes.toString('base64');

function confirmedBy({ detail, transaction }: CreateChallengeBody): Confirmed {
  return { detail: detail ?? null, transaction: transaction ?? null };
}

function created({ body: { purpose, context }, application }: Asked, challengeId: string): NewEvent {
  const { ip, userAgent } = context ?? {};
  const personal = { ...(ip ? { ip } : {}), ...(userAgent ? { userAgent } : {}) };
  return event('challenge.created', challengeFacts(challengeId, purpose, application), { personal });
}

/** The device whose code goes out without being asked for: the only usable one, or the named one. */
function sendsAtOnce(usable: readonly AdmittedDevice[], named: string | undefined): AdmittedDevice | undefined {
  const [device] = usable;
  if (!device || (usable.length > 1 && named === undefined)) return undefined;
  return device.method === 'sms' || device.method === 'email' ? device : undefined;
}

function viewSend(
  deviceId: string,
  sent: SendAnswer | Problem,
  language: Language,
): NonNullable<OpenedChallenge['send']> {
  if (!(sent instanceof Problem)) return { deviceId, ...sent };
  const { retryAfter } = sent.details;
  const words = userMessage(sent, language);
  return {
    deviceId,
    code: sent.code,
    detail: sent.message,
    ...(words === undefined ? {} : { userMessage: words }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** A set of a time when the policy had recovery codes counts no more where it has none. */
const codesLeft = (user: ReadRow, policy: Policy) => (policy.recoveryCodes.count > 0 ? user.codesLeft : 0);
