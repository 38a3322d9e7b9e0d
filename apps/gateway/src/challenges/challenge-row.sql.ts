import type { Purpose } from '#auth-core';
import { joinOwnerAndTenant, sql } from '#persistence';

/** Columns of a challenge that is to be answered, for a query over `challenge c` with `ofChallenge`. */
export const challengeColumns = sql`
  c.id as "challengeId", c.status as "challengeStatus", c.purpose, c.application, c.expires_at as "challengeExpiresAt",
  c.checks, c.max_checks as "maxChecks", c.detail_sealed as "detailSealed",
  c.user_agent_sealed as "userAgentSealed", c.tenant_id as "tenantId",
  t.policy::text as "tenantPolicy", a.policy::text as "accountPolicy", a.external_id as "accountId",
  u.locale as "userLocale", a.locale as "accountLocale",
  u.external_id as "userId", u.id as "userRef", clock_timestamp() as now`;

export const ofChallenge = sql`
  ${joinOwnerAndTenant('c.user_id', 'c.tenant_id')}`;

export interface ChallengeRow {
  readonly challengeId: string;
  readonly challengeStatus: string;
  readonly purpose: Purpose;
  readonly application: string | null;
  readonly challengeExpiresAt: Date;
  readonly checks: number;
  readonly maxChecks: number;
  readonly detailSealed: Buffer | null;
  readonly userAgentSealed: Buffer | null;
  readonly tenantId: string;
  readonly tenantPolicy: string;
  readonly accountPolicy: string;
  readonly userLocale: string | null;
  readonly accountLocale: string | null;
  readonly accountId: string;
  readonly userId: string;
  readonly userRef: string;
  readonly now: Date;
}
