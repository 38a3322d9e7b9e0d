import { Injectable } from '@nestjs/common';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import { MakeRecoveryCodes } from '../../codes/make-recovery-codes.js';
import { SmsNotices } from '../../codes/sms-notice.js';
import { proofValues } from '../../proofs/proofs.js';
import { refusal } from '../../refusals/refusals.js';
import { UserContext } from '../../rows/user-row.js';
import type { EnrollDeviceAnswer } from '../enroll-device.schema.js';
import { enrollProven } from '../enroll-device.sql.js';
import { shownCodes, started, viewNew, type Enrolment } from '../enrolment.js';
import { fitsValues, provedEvents, replacedOf } from '../proved-device.js';

/** A number that was proved on the same account: verified without a code, with all that a code would bring. */
@Injectable()
export class ReuseProvenNumber {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly notices: SmsNotices,
    private readonly makeCodes: MakeRecoveryCodes,
  ) {}

  /** @returns undefined where nobody on the account has proved the number */
  async run(
    enrolment: Enrolment,
    device: object,
    { number, addressSealed }: { readonly number: string; readonly addressSealed: Buffer },
  ): Promise<EnrollDeviceAnswer | undefined> {
    const { caller, owner, policy, proof, deviceId, body } = enrolment;
    const first = owner.enrolledAt === null;
    const recovery = this.makeCodes.run(owner.userRef, first ? policy.recoveryCodes.count : 0);
    const { method, name } = body;
    const done = await this.database.one(enrollProven, {
      device: JSON.stringify(device),
      ...proofValues(proof),
      events: eventsParameter(this.users.events(caller, owner), [
        started(enrolment, 'verified'),
        event('device.verified', { deviceId, method }, { when: 'verified', personal: { deviceName: name } }),
        ...provedEvents(recovery.macs.length, replacedOf(owner.others, body.replaces)),
      ]),
      userRef: owner.userRef,
      ...fitsValues(policy),
      codeMacs: recovery.macs,
      setId: first ? recovery.setId : null,
      accountRef: owner.accountRef,
      notices: this.notices.parameter(owner, caller, policy, 'phone_reused', [{ deviceId, number }]),
    });
    if (!done?.fitting) return undefined;
    const { createdAt, enrolmentExpiresAt } = done;
    if (createdAt === null) throw refusal(policy, 'proof_invalid');
    return {
      ...viewNew(this.sealer, enrolment, { createdAt, enrolmentExpiresAt }, { addressSealed }),
      status: 'verified',
      verifiedAt: done.verifiedAt.toISOString(),
      isDefault: done.isDefault,
      enrolmentExpiresAt: null,
      ...(done.first === true ? shownCodes(recovery) : {}),
    };
  }
}
