import { Injectable } from '@nestjs/common';
import type { Policy } from '#contracts';
import { Finder, Sealer } from '#persistence';
import { openProfile } from '../rows/user-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { countedAddress } from './addresses.js';
import { answeredKeys } from './sending-limits.js';

interface PacedDevice {
  readonly deviceId: string;
  readonly addressMac: Buffer | null;
}

/** What numbers and addresses are found, counted and paced by: MACs, so that no row names them. */
@Injectable()
export class AddressKeys {
  constructor(
    private readonly sealer: Sealer,
    private readonly finder: Finder,
  ) {}

  /** What a device's address is found and counted by. */
  ofDevice(
    row: Pick<UserRow, 'tenantId' | 'accountRef' | 'userRef'>,
    policy: Policy,
    method: 'sms' | 'email',
    address: string,
  ) {
    // One quota for a number that others on the account may use without a code of their own.
    const shared = method === 'sms' && policy.phone.reuseVerifiedOnAccount;
    const counted = countedAddress(address);
    return {
      addressMac: this.finder.mac('address', row.tenantId, method, counted),
      quotaKey: this.finder.mac('send-quota', shared ? row.accountRef : row.userRef, method, counted),
    };
  }

  /** What a device's codes are paced by: those for places that the user is known from, and those for others. */
  ofPaces(device: PacedDevice): Buffer[] {
    return [true, false].map((known) => this.ofPace(device, known));
  }

  /** By its address, too: another number begins anew. */
  ofPace({ deviceId, addressMac }: PacedDevice, known: boolean): Buffer {
    return this.finder.mac('send-pace', deviceId, addressMac?.toString('base64') ?? '', known ? 'known' : '');
  }

  /**
   * Under which wrong codes for an address are counted while it is unproven. One that the panel told of its user has a
   * count of its own, so that nobody else's guesses stand in the owner's way.
   */
  ofGuesses(
    row: Pick<UserRow, 'tenantId' | 'userRef' | 'profileSealed'>,
    method: 'sms' | 'email',
    address: string,
  ): Buffer {
    const { phone, email } = openProfile(this.sealer, row);
    const told = method === 'sms' ? phone : email;
    const counted = countedAddress(address);
    const own = told !== null && countedAddress(told) === counted;
    return this.finder.mac('address-guess', row.tenantId, method, counted, own ? row.userRef : '');
  }

  /** The windows in which a code that was entered for an unproven address counts as answered. */
  ofAnswered(row: UserRow, policy: Policy, method: 'sms' | 'email', address: string): Buffer[] {
    return answeredKeys(this.finder, row, policy, method, address);
  }
}
