import { Injectable } from '@nestjs/common';
import { invalidRequest, Problem } from '#contracts';
import { decide, mayAnswer, recoveryCodeMayApprove, type Decision } from '#auth-core';
import { Batch, Database, event, eventsToWrite, Finder } from '#persistence';
import { languageFor } from '#words';
import { eventsOf, type Caller } from '../http/caller.js';
import { placeOf } from '../places/places.js';
import { noSuch, refusal } from '../refusals/refusals.js';
import { policyNow, type PolicyInForce } from '../rows/user-row.js';
import { trustedBrowserHash } from '../trusted-browsers/remember-browser.js';
import type { DecisionAnswer } from './challenge-view.js';
import type { CreateChallengeBody } from './create-challenge.schema.js';
import { pendingElsewhereLimit, pendingLimit, readUser, type ReadCall, type ReadRow } from './create-challenge.sql.js';
import { deny } from './deny.js';
import { OpenChallenge, type AdmittedDevice } from './open-challenge.js';

/** The call before login: decides, and opens a challenge where one is due. */
@Injectable()
export class CreateChallenge {
  private readonly reads: Batch<ReadRow, ReadCall>;

  constructor(
    database: Database,
    private readonly finder: Finder,
    private readonly opening: OpenChallenge,
  ) {
    this.reads = new Batch(database, readUser);
  }

  async run(caller: Caller, body: CreateChallengeBody): Promise<DecisionAnswer> {
    const application = applicationOf(caller, body);
    const place = placeOf(this.finder, caller.tenantId, body.context?.ip);
    const rows = await this.read(caller, body, application, place);
    const [user] = rows;
    if (!user) throw noSuch('user');
    const policy = policyNow(user);
    assertConfirmable(body, policy);
    const devices = admitted(rows, policy);
    if (body.deviceId !== undefined && devices.length === 0) {
      throw new Problem('not_found', { detail: 'The user has no such verified device for this application.' });
    }
    // Those that the statement has decided by too.
    const decision = decide(user.facts);
    if (decision.decision === 'allow') return allow(decision, policy);
    if (decision.decision === 'deny') {
      return deny(decision, devices, policy, user.now, languageFor(policy.locale ?? caller.language));
    }
    assertRoom(user, policy);
    const enroll = decision.decision === 'enroll';
    const challenge = await this.opening.run({ caller, body, application, place, user, devices, enroll, policy });
    return decision.decision === 'enroll'
      ? { decision: 'enroll', reason: decision.reason, challenge }
      : { decision: 'challenge', reason: decision.reason, challenge };
  }

  /** The user with their devices, one a row. It writes down what was decided, too, where no challenge is due. */
  private read(
    caller: Caller,
    { accountId, userId, purpose, trustedBrowser, deviceId }: CreateChallengeBody,
    application: string | null,
    place: Buffer | null,
  ): Promise<ReadRow[]> {
    const login = { purpose, ...(application === null ? {} : { application }) };
    const token = trustedBrowser === undefined ? null : trustedBrowserHash(trustedBrowser);
    return this.reads.ask({
      tenant_id: caller.tenantId,
      account_id: accountId,
      user_id: userId,
      token_hash: token?.toString('base64'),
      application,
      place: place?.toString('base64'),
      device_id: deviceId,
      purpose,
      recoverable: recoveryCodeMayApprove(purpose),
      process_time: Date.now() / 1000,
      events: eventsToWrite({ ...eventsOf(caller), accountId, userId }, [
        event('login.allowed', login, { when: 'allow' }),
        event('login.denied', login, { when: 'deny' }),
      ]),
    });
  }
}

/** The devices that serve the application, with what the policy says of their methods. */
function admitted(rows: readonly ReadRow[], policy: PolicyInForce): AdmittedDevice[] {
  const devices = rows.filter((row): row is ReadRow & { readonly deviceId: string } => row.deviceId !== null);
  const proved = devices.filter(({ verifiedAt }) => verifiedAt !== null).map(({ method }) => method);
  return devices
    .filter((device) => device.admitted)
    .map((device) => ({ ...device, allowed: mayAnswer(policy.methods, device.method, proved) }));
}

/** @throws {Problem} `invalid_request` where it is not said what is paid, or said where nothing is */
function assertConfirmable({ purpose, transaction }: CreateChallengeBody, policy: PolicyInForce): void {
  if (transaction !== undefined && purpose !== 'transaction') {
    throw invalidRequest('/transaction', 'belongs to the purpose "transaction" alone');
  }
  if (purpose === 'transaction' && transaction === undefined && policy.transaction.amountAndPayee === 'required') {
    throw invalidRequest('/transaction', 'must name amount and payee: the policy requires them');
  }
}

/** @throws {Problem} `rate_limited` where too many challenges of the user are pending */
function assertRoom(user: ReadRow, policy: PolicyInForce): void {
  if (user.pendingHere < pendingLimit && (user.known || user.pendingElsewhere < pendingElsewhereLimit)) return;
  throw refusal(policy, 'rate_limited', {
    detail: 'This user has too many open challenges. Cancel some, or wait until they expire.',
    retryAfter: policy.challenge.ttlSeconds,
  });
}

function allow({ reason }: Extract<Decision, { decision: 'allow' }>, policy: PolicyInForce): DecisionAnswer {
  const { graceUntil } = policy.twoFactor;
  const grace = reason === 'grace_period' && graceUntil !== null;
  return { decision: 'allow', reason, ...(grace ? { graceUntil: new Date(graceUntil).toISOString() } : {}) };
}

/**
 * The front door that asks: a key that names its application can't speak for another one.
 * @throws {Problem} `invalid_request`
 */
function applicationOf(caller: Caller, body: CreateChallengeBody): string | null {
  const { application } = caller;
  if (application !== null && body.application !== undefined && body.application !== application) {
    throw invalidRequest('/application', `must be "${application}" or left out: this API key names its application`);
  }
  return application ?? body.application ?? null;
}
