import { Injectable } from '@nestjs/common';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import type { Caller } from '../http/caller.js';
import { openAddress } from '../rows/device-row.js';
import { UserContext } from '../rows/user-row.js';
import { readPersonal } from './read-personal.sql.js';
import { profileIfReadable } from './user-summary.js';

/** What is personal of a user, in full. */
export interface PersonalOfUser {
  readonly displayName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly devices: readonly { readonly id: string; readonly name: string; readonly address: string | null }[];
}

/** Shows an operator what the masks hide, once the log has it that it was shown. */
@Injectable()
export class ReadPersonal {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
  ) {}

  /**
   * @param reason of the operator, which is sealed in the event
   * @throws {Problem} `not_found`
   */
  async read(caller: Caller, accountId: string, userId: string, reason: string): Promise<PersonalOfUser> {
    const row = await this.users.find(caller, accountId, userId);
    const told = event('user.personal_read', {}, { personal: { reason } });
    const devices = await this.database.query(readPersonal, {
      userRef: row.userRef,
      events: eventsParameter(this.users.events(caller, row), [told]),
    });
    const profile = profileIfReadable(this.users, row);
    return {
      displayName: profile?.displayName ?? null,
      email: profile?.email ?? null,
      phone: profile?.phone ?? null,
      devices: devices.map((device) => ({
        id: device.deviceId,
        name: device.name,
        address: openAddress(this.sealer, caller.tenantId, device),
      })),
    };
  }
}
