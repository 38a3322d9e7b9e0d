import { Injectable } from '@nestjs/common';
import { Problem } from '#contracts';
import type { Method } from '#contracts';
import { appendEvents, Database, event, eventsParameter, Sealer, statement } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { id, time } from '../http/schemas.js';
import { admits, provedMethods } from '../rows/device-row.js';
import { effectivePolicy, UserContext } from '../rows/user-row.js';
import { revocationOutcomes, stillTrusted, stillTrusts } from './remember-browser.js';

export const trustedBrowserAnswer = z
  .object({
    id: id('tbr'),
    deviceId: id('dev').meta({ description: 'The device that approved it' }),
    userAgent: z.string().nullable().meta({ description: 'As the panel gave it when the login began' }),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'TrustedBrowser' });
export type TrustedBrowserAnswer = z.infer<typeof trustedBrowserAnswer>;

const selectBrowsers = statement(
  'trusted-browser.list',
  `select b.id, b.device_id as "deviceId", b.user_agent_sealed as "userAgentSealed", b.created_at as "createdAt",
     b.expires_at as "expiresAt", bd.method, ${provedMethods('u.id')}
   from app_user u join account a on a.id = u.account_id join tenant t on t.id = u.tenant_id
   join trusted_browser b on b.user_id = u.id join device bd on bd.id = b.device_id
   where u.id = $1 and ($2::text is null or ${admits('bd', '$2')}) and ${stillTrusted} order by b.id desc limit 1000`,
);

const revokeOne = statement(
  'trusted-browser.revoke',
  `with browsers as (
     delete from trusted_browser b using device bd
     where b.user_id = $1 and b.id = $2 and bd.id = b.device_id and ($4::text is null or ${admits('bd', '$4')})
     returning b.id
   ),
   guard as (select ${revocationOutcomes} from browsers), ${appendEvents('$3', 'guard')}
   select id from browsers`,
);

/** A login that is under way is not seen here: what it makes trusted is older than `trust_revoked_at`, or came after. */
const revokeAll = statement(
  'trusted-browser.revoke-all',
  `with u as (update app_user set trust_revoked_at = clock_timestamp() where id = $1 returning id),
   browsers as (delete from trusted_browser b using u where b.user_id = u.id returning b.id),
   guard as (select ${revocationOutcomes} from u), ${appendEvents('$2', 'guard')}
   select id from u`,
);

/** Browsers that are not asked for a code again: seen and revoked. Looking one up at login writes nothing. */
@Injectable()
export class TrustedBrowsers {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly users: UserContext,
  ) {}

  /** Those that still count, the latest first. */
  async list(caller: Caller, accountId: string, userId: string): Promise<TrustedBrowserAnswer[]> {
    const user = await this.users.find(caller, accountId, userId);
    const policy = effectivePolicy(user);
    const rows = await this.database.query<{
      id: string;
      deviceId: string;
      userAgentSealed: Buffer | null;
      createdAt: Date;
      expiresAt: Date;
      method: Method;
      provedMethods: readonly Method[];
    }>(selectBrowsers, [user.userRef, caller.application]);
    return rows
      .filter(({ method, createdAt, provedMethods: proved }) =>
        stillTrusts(policy, { method, since: createdAt }, proved, user.now),
      )
      .map(({ id: browserId, deviceId, userAgentSealed, createdAt, expiresAt }) => ({
        id: browserId,
        deviceId,
        userAgent: userAgentSealed && this.sealer.openText('user-agent', browserId, userAgentSealed),
        createdAt: createdAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      }));
  }

  async revoke(caller: Caller, accountId: string, userId: string, browserId: string): Promise<void> {
    const row = await this.users.find(caller, accountId, userId);
    const values = [row.userRef, browserId, this.revoked(caller, row), caller.application];
    if (!(await this.database.one(revokeOne, values))) {
      throw new Problem('not_found', { detail: 'This user has no such trusted browser.' });
    }
  }

  async revokeAll(caller: Caller, accountId: string, userId: string): Promise<void> {
    const row = await this.users.find(caller, accountId, userId);
    await this.database.query(revokeAll, [row.userRef, this.revoked(caller, row)]);
  }

  private revoked(caller: Caller, row: Parameters<UserContext['events']>[1]): string {
    const revoked = event('trusted_browser.revoked', { reason: 'requested' }, { when: 'browsers' });
    return eventsParameter(this.users.events(caller, row), [revoked]);
  }
}
