import { Injectable } from '@nestjs/common';
import { Database, eventsParameter, Finder } from '#persistence';
import { proofValues } from '../../proofs/proofs.js';
import { refusal } from '../../refusals/refusals.js';
import { UserContext } from '../../rows/user-row.js';
import { enrollWithoutSending, type Enrolled } from '../enroll-device.sql.js';
import { generated, newDevice, started, type Enrolment } from '../enrolment.js';

/** Begins the enrolment of a device that makes its answers by itself. */
@Injectable()
export class BeginEnrolment {
  constructor(
    private readonly database: Database,
    private readonly finder: Finder,
    private readonly users: UserContext,
  ) {}

  /**
   * @param own columns of this kind of device
   * @returns undefined where the user is no longer as they were read, or the proof no longer allows it
   * @throws {Problem} `rate_limited`
   */
  async run(enrolment: Enrolment, own: object = {}): Promise<Enrolled | undefined> {
    const { caller, owner, policy, proof, recovery } = enrolment;
    const done = await this.database.one(enrollWithoutSending, {
      device: JSON.stringify({ ...newDevice(enrolment), ...own }),
      ...proofValues(proof),
      events: eventsParameter(this.users.events(caller, owner), [started(enrolment), ...generated(enrolment)]),
      codeMacs: recovery.macs,
      setId: recovery.setId,
      hourKey: this.finder.mac('send-window', owner.tenantId, 'enrolments', owner.userRef),
    });
    if (!done || done.createdAt !== null) return done;
    if (!done.allowed) return undefined;
    throw refusal(policy, 'rate_limited', {
      detail: 'This user has started too many enrolments. Finish one, or wait and try again.',
      retryAfter: 3600 - Math.floor((owner.now.getTime() / 1000) % 3600),
    });
  }
}
