import { Injectable } from '@nestjs/common';
import type { Policy } from '#contracts';
import { Database, deviceSeal, Sealer } from '#persistence';
import { AddressKeys } from '../../codes/address-keys.js';
import { assertCountryAllowed, requireAddress, toE164 } from '../../codes/addresses.js';
import { SendCode } from '../../codes/send-code.js';
import { proofValues } from '../../proofs/proofs.js';
import { UserContext } from '../../rows/user-row.js';
import type { UserRow } from '../../rows/user-row.sql.js';
import type { EnrollDeviceAnswer, EnrollDeviceBody } from '../enroll-device.schema.js';
import { enrollByMessage } from '../enroll-device.sql.js';
import { generated, newDevice, shownCodes, started, viewNew, type Enrolment } from '../enrolment.js';
import { ReuseProvenNumber } from './proven-number.js';

/** SMS and e-mail: the first code goes out with the enrolment. */
@Injectable()
export class EnrollByMessage {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly codes: SendCode,
    private readonly keys: AddressKeys,
    private readonly reuse: ReuseProvenNumber,
  ) {}

  async run(enrolment: Enrolment, method: 'sms' | 'email'): Promise<EnrollDeviceAnswer | undefined> {
    const { caller, owner, policy, proof, deviceId, body, recovery } = enrolment;
    const address = this.address(owner, policy, body);
    const keys = this.keys.ofDevice(owner, policy, method, address);
    const addressSealed = this.sealer.seal('address', deviceSeal(owner.tenantId, deviceId), address);
    const device = {
      ...newDevice(enrolment),
      address: addressSealed.toString('base64'),
      address_mac: keys.addressMac.toString('base64'),
      quota_key: keys.quotaKey.toString('base64'),
    };
    // Where recovery codes have to be saved first, nothing counts at once.
    if (method === 'sms' && policy.phone.reuseVerifiedOnAccount && recovery.macs.length === 0) {
      const reused = await this.reuse.run(enrolment, device, { number: address, addressSealed });
      if (reused) return reused;
    }
    const events = [started(enrolment, 'sent'), ...generated(enrolment, 'sent')];
    const target = { deviceId, method, verified: false, address, ...keys };
    const done = await this.codes.send({ caller, owner, policy, device: target, events }, (values) =>
      this.database.one(enrollByMessage, {
        device: JSON.stringify(device),
        ...proofValues(proof),
        ...values,
        codeMacs: recovery.macs,
        setId: recovery.setId,
      }),
    );
    if (!done) return undefined;
    const { row, sent: send } = done;
    return { ...viewNew(this.sealer, enrolment, row, { addressSealed, send }), send, ...shownCodes(recovery) };
  }

  private address(owner: UserRow, policy: Policy, { method, email, phone }: EnrollDeviceBody): string {
    const profile = this.users.profile(owner);
    if (method === 'email') return requireAddress(email ?? profile.email, 'email');
    const number = toE164(requireAddress(phone ?? profile.phone, 'phone'), policy);
    assertCountryAllowed(number, policy);
    return number;
  }
}
