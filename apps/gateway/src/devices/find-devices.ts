import { Injectable } from '@nestjs/common';
import { Database } from '#persistence';
import { serves, type Caller } from '../http/caller.js';
import { noSuch } from '../refusals/refusals.js';
import type { DeviceRow } from '../rows/device-row.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { selectDevice, selectDevices, selectOwner, type DeviceOwner, type FoundDevice } from './find-devices.sql.js';

/** Reads devices with their users. */
@Injectable()
export class FindDevices {
  constructor(private readonly database: Database) {}

  /** @throws {Problem} `not_found` */
  async one(caller: Caller, deviceId: string): Promise<FoundDevice> {
    const row = await this.database.one(selectDevice, { deviceId, tenantId: caller.tenantId });
    if (!row || !serves(caller, row.applications)) {
      throw noSuch('device');
    }
    return row;
  }

  /** @throws {Problem} `not_found` */
  async owner(caller: Caller, accountId: string, userId: string): Promise<DeviceOwner> {
    const row = await this.database.one(selectOwner, { tenantId: caller.tenantId, accountId, userId });
    if (!row) throw noSuch('user');
    return row;
  }

  async ofUser(caller: Caller, accountId: string, userId: string): Promise<(UserRow & DeviceRow)[]> {
    const values = { tenantId: caller.tenantId, accountId, userId };
    const rows = await this.database.query(selectDevices, values);
    return rows.filter((row) => serves(caller, row.applications));
  }
}
