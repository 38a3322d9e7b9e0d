import { Injectable } from '@nestjs/common';
import { Database, event, eventsParameter } from '#persistence';
import { AddressKeys } from '../codes/address-keys.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../refusals/refusals.js';
import { effectivePolicy, UserContext } from '../rows/user-row.js';
import { FindDevices } from './find-devices.js';
import { restoreQuota } from './sms-quota.sql.js';

/** The SMS that a device may get in a day. */
@Injectable()
export class SmsQuota {
  constructor(
    private readonly database: Database,
    private readonly users: UserContext,
    private readonly findDevices: FindDevices,
    private readonly keys: AddressKeys,
  ) {}

  /** Begins the day anew. Where nothing was used, nothing happens. */
  async restore(caller: Caller, deviceId: string): Promise<void> {
    const row = await this.findDevices.one(caller, deviceId);
    if (row.method !== 'sms') {
      throw refusal(effectivePolicy(row), 'method_not_allowed', { detail: 'This device does not use SMS.' });
    }
    const restored = event('code.quota_restored', { deviceId, method: row.method });
    const events = eventsParameter(this.users.events(caller, row), [restored]);
    await this.database.query(restoreQuota, { deviceId, events, paceKeys: this.keys.ofPaces(row) });
  }
}
