import { Injectable } from '@nestjs/common';
import { appendEvents, Database, event, eventsParameter, statement } from '#persistence';
import { SendCode } from '../codes/send-code.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../http/refusal.js';
import { effectivePolicy, UserContext } from '../rows/user-row.js';
import { dayIn, zoneExpression } from './device-view.js';
import { FindDevices } from './find-devices.js';

/**
 * The rows are locked in the order in which sending locks them: the unproven number's, then the user's own. An
 * unproven device is bound by both, so giving back one alone would give nothing back.
 */
const restoreQuota = statement(
  'device.restore-quota',
  `with wanted as (
     select k.key, k.n, ${dayIn(zoneExpression)} as day
     from device d join app_user u on u.id = d.user_id join account a on a.id = u.account_id
     join tenant t on t.id = u.tenant_id
     cross join lateral (
       values (d.address_mac, 1, d.status = 'unverified'), (d.quota_key, 2, true)) as k(key, n, counts)
     where d.id = $1 and k.counts
   ),
   held as (
     select q.key, q.starts_at, q.sent, w.n from wanted w join send_window q on q.key = w.key and q.starts_at = w.day
     where q.sent > 0 order by w.n for update of q
   ),
   -- Or the first of the new messages would have to wait.
   paced as (update send_pace set ready_at = now(), hour_sent = 0 where key = any ($3::bytea[])),
   restored as (
     update send_window q set sent = 0 from held h where q.key = h.key and q.starts_at = h.starts_at
     returning h.n, h.sent
   ),
   guard as (
     select array[]::text[] as outcomes,
       jsonb_build_object('code.quota_restored', jsonb_build_object('used', coalesce(max(sent) filter (where n = 2), 0)))
         as patch
     from restored having count(*) > 0
   ), ${appendEvents('$2', 'guard')}
   select count(*)::int as restored from restored`,
);

/** The SMS that a device may get in a day. */
@Injectable()
export class SmsQuota {
  constructor(
    private readonly database: Database,
    private readonly users: UserContext,
    private readonly found: FindDevices,
    private readonly codes: SendCode,
  ) {}

  /** Begins the day anew. Where nothing was used, nothing happens. */
  async restore(caller: Caller, deviceId: string): Promise<void> {
    const row = await this.found.one(caller, deviceId);
    if (row.method !== 'sms') {
      throw refusal(effectivePolicy(row), 'method_not_allowed', { detail: 'This device does not use SMS.' });
    }
    const restored = event('code.quota_restored', { deviceId, method: row.method });
    const events = eventsParameter(this.users.events(caller, row), [restored]);
    await this.database.query(restoreQuota, [deviceId, events, this.codes.paceKeys(row)]);
  }
}
