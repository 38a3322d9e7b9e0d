import { z } from 'zod';
import { deliveryRow, newId, resolvePolicy, type DeliveryPayload, type Policy, type PolicyOverride } from '#contracts';
import { statement, type Database, type Sealer } from '#persistence';

export interface NoticeParts {
  readonly database: Database;
  readonly sealer: Sealer;
}

/** Whom a notice is for, as `ownerColumns` reads it. */
export interface Owner {
  readonly userId: string;
  readonly tenantId: string;
  readonly locale: string | null;
  readonly profileSealed: Buffer;
  readonly tenantPolicy: PolicyOverride;
  readonly accountPolicy: PolicyOverride;
}

/** Columns of an `Owner`, from `app_user u`, `account a` and `tenant t`. */
export const ownerColumns = `
  u.id as "userId", u.tenant_id as "tenantId", coalesce(u.locale, a.locale) as locale,
  u.profile_sealed as "profileSealed", t.policy as "tenantPolicy", a.policy as "accountPolicy"`;

export interface Notice {
  readonly notice: Extract<DeliveryPayload, { kind: 'notice' }>['notice'];
  readonly deviceId: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

const profileSchema = z.object({ email: z.string().optional() });

const insertNotice = statement(
  'insert-notice',
  `with written as (
     insert into delivery (id, tenant_id, user_id, device_id, channel, kind, payload_sealed, request_id, expires_at)
     values ($1, $2, $3, $4, 'email', 'notice', $5, $6, now() + interval '24 hours')
   )
   insert into outbox (id, job, payload) values ($1, 'deliver-notice', $7::jsonb)`,
);

/**
 * Writes a mail to a user, to be sent after the commit. Call it inside the transaction of what it tells.
 * @returns whether there is one: not where the user has no e-mail address or the policy wants no notices of lockouts,
 *   which this switch decides for patterns too
 */
export async function writeNotice(
  parts: NoticeParts,
  owner: Owner,
  notice: Notice,
  requestId: string | undefined,
): Promise<boolean> {
  const policy: Policy = resolvePolicy(owner.tenantPolicy, owner.accountPolicy).effective;
  if (!policy.notices.lockout) return false;
  const profile = profileSchema.parse(JSON.parse(parts.sealer.openText('profile', owner.userId, owner.profileSealed)));
  if (!profile.email) return false;
  const id = newId('delivery');
  const payload: DeliveryPayload = {
    kind: 'notice',
    to: profile.email,
    notice: notice.notice,
    brand: policy.sms.brand,
    locale: owner.locale ?? 'en',
    facts: notice.facts,
    supportContact: policy.supportContact,
  };
  const row = deliveryRow(owner.tenantId, notice.deviceId, id);
  await parts.database.query(insertNotice, [
    id,
    owner.tenantId,
    owner.userId,
    notice.deviceId,
    parts.sealer.seal('delivery', row, JSON.stringify(payload)),
    requestId ?? null,
    JSON.stringify({ deliveryId: id, ...(requestId && { requestId }) }),
  ]);
  return true;
}
