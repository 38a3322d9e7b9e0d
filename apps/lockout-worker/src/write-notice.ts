import { z } from 'zod';
import {
  deliveryRow,
  newId,
  resolvePolicy,
  type DeliveryPayload,
  type NoticeName,
  type Policy,
  type PolicyOverride,
} from '#contracts';
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
  /** The database's time. */
  readonly now: Date;
}

/** Columns of an `Owner`, from `app_user u`, `account a` and `tenant t`. */
export const ownerColumns = `
  u.id as "userId", u.tenant_id as "tenantId", coalesce(u.locale, a.locale) as locale,
  u.profile_sealed as "profileSealed", t.policy as "tenantPolicy", a.policy as "accountPolicy",
  now() as "now"`;

export interface Notice {
  readonly notice: NoticeName;
  readonly deviceId: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

/** As the gateway seals it. */
const profileSchema = z.object({
  email: z.string().nullish(),
  formerEmails: z.array(z.object({ address: z.string(), until: z.iso.datetime() })).optional(),
});

/** The switch of the policy for each notice. */
const switches: Readonly<Record<NoticeName, keyof Policy['notices']>> = {
  lockout: 'lockout',
  account_pattern: 'lockout',
  device_added: 'deviceAdded',
  device_removed: 'deviceRemoved',
  phone_changed: 'phoneChanged',
  email_changed: 'emailChanged',
  two_factor_disabled: 'twoFactorDisabled',
  reset: 'reset',
  recovery_code_used: 'recoveryCodeUsed',
};

const insertNotice = statement(
  'insert-notice',
  `with written as (
     insert into delivery (id, tenant_id, user_id, device_id, channel, kind, payload_sealed, request_id, expires_at)
     values ($1, $2, $3, $4, 'email', 'notice', $5, $6, now() + interval '24 hours')
   )
   insert into outbox (id, job, payload) values ($1, 'deliver-notice', $7::jsonb)`,
);

/**
 * Writes a mail to a user, to be sent after the commit; also to the addresses that the user had until lately, so that
 * nobody gets rid of the notices by changing the address first. Call it inside the transaction of what it tells.
 * @returns whether there is one: not where the user has no e-mail address or the policy does not want this notice
 */
export async function writeNotice(
  parts: NoticeParts,
  owner: Owner,
  notice: Notice,
  requestId: string | undefined,
): Promise<boolean> {
  const policy: Policy = resolvePolicy(owner.tenantPolicy, owner.accountPolicy).effective;
  if (!policy.notices[switches[notice.notice]]) return false;
  const addresses = addressesOf(parts.sealer, owner);
  for (const to of addresses) {
    const id = newId('delivery');
    const payload: DeliveryPayload = {
      kind: 'notice',
      to,
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
  }
  return addresses.length > 0;
}

function addressesOf(sealer: Sealer, owner: Owner): string[] {
  const profile = profileSchema.parse(JSON.parse(sealer.openText('profile', owner.userId, owner.profileSealed)));
  const former = (profile.formerEmails ?? []).filter(({ until }) => owner.now < new Date(until));
  const all = [...(profile.email ? [profile.email] : []), ...former.map(({ address }) => address)];
  return [...new Set(all)];
}
