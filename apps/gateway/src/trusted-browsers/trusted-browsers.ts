import { Injectable } from '@nestjs/common';
import { Problem } from '#contracts';
import { Database, event, eventsParameter, Sealer } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { id, time } from '../http/schemas.js';
import { effectivePolicy, UserContext } from '../rows/user-row.js';
import { stillTrusts } from './remember-browser.js';
import { revokeAll, revokeOne, selectBrowsers } from './trusted-browsers.sql.js';

export const trustedBrowserAnswer = z
  .object({
    id: id('tbr'),
    deviceId: id('dev').meta({ description: 'The device that approved the login' }),
    userAgent: z.string().nullable().meta({ description: 'As sent by the panel when the login started' }),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'TrustedBrowser' });
export type TrustedBrowserAnswer = z.infer<typeof trustedBrowserAnswer>;

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
    const rows = await this.database.query(selectBrowsers, { userRef: user.userRef, application: caller.application });
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
    const values = {
      userRef: row.userRef,
      browserId,
      events: this.revoked(caller, row),
      application: caller.application,
    };
    if (!(await this.database.one(revokeOne, values))) {
      throw new Problem('not_found', { detail: 'This user has no such trusted browser.' });
    }
  }

  async revokeAll(caller: Caller, accountId: string, userId: string): Promise<void> {
    const row = await this.users.find(caller, accountId, userId);
    await this.database.query(revokeAll, { userRef: row.userRef, events: this.revoked(caller, row) });
  }

  private revoked(caller: Caller, row: Parameters<UserContext['events']>[1]): string {
    const revoked = event('trusted_browser.revoked', { reason: 'requested' }, { when: 'browsers' });
    return eventsParameter(this.users.events(caller, row), [revoked]);
  }
}
