import { z } from 'zod';
import { deliveryRow, newId, resolvePolicy, type DeliveryPayload, type EventNotice, type Policy } from '#contracts';
import type { Database, Sealer } from '#persistence';
import { countNotice, insertNotice, type Owner } from './write-notice.sql.js';

export interface NoticeParts {
  readonly database: Database;
  readonly sealer: Sealer;
}

export interface Notice {
  readonly notice: EventNotice;
  readonly deviceId: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

/** As the gateway seals it. */
const profileSchema = z.object({
  email: z.string().nullish(),
  formerEmails: z.array(z.object({ address: z.string(), until: z.iso.datetime() })).optional(),
});

/** The switch of the policy for each notice. */
const switches: Readonly<Record<EventNotice, keyof Policy['notices']>> = {
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

/** Mails to one address an hour and a day (UTC) that come one by one; what is more comes as one, when the time is over. */
const perHour = 12;
const perDay = 30;

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
    const share = await shareOf(parts, owner, to);
    if (share === null) continue;
    const joined = share.at !== null;
    const id = newId('delivery');
    const payload: DeliveryPayload = {
      kind: 'notice',
      to,
      notice: joined ? 'more_activity' : notice.notice,
      brand: policy.sms.brand,
      locale: owner.locale ?? 'en',
      facts: joined ? {} : notice.facts,
      supportContact: policy.supportContact,
    };
    const row = deliveryRow(owner.tenantId, notice.deviceId, id);
    await parts.database.query(insertNotice, {
      id,
      tenantId: owner.tenantId,
      userId: owner.userId,
      deviceId: notice.deviceId,
      payloadSealed: parts.sealer.seal('delivery', row, JSON.stringify(payload)),
      requestId: requestId ?? null,
      job: JSON.stringify({ deliveryId: id, ...(requestId && { requestId }) }),
      at: share.at,
    });
  }
  return addresses.length > 0;
}

/**
 * What an address gets of one more notice: the notice at once, one mail for all that is more (`at` says when), or
 * nothing, where that mail is on its way.
 */
async function shareOf(
  { database, sealer }: NoticeParts,
  owner: Owner,
  to: string,
): Promise<{ at: Date | null } | null> {
  const key = (lasts: string) => sealer.fingerprint('notices', lasts, owner.tenantId, to.toLowerCase());
  const counted = await database.one(countNotice, { hourKey: key('hour'), dayKey: key('day') });
  if (!counted) throw new Error('A notice was not counted.');
  const { inHour, hourEnds, inDay, dayEnds } = counted;
  if (inDay > perDay) return inDay === perDay + 1 ? { at: dayEnds } : null;
  if (inHour > perHour) return inHour === perHour + 1 ? { at: hourEnds } : null;
  return { at: null };
}

function addressesOf(sealer: Sealer, owner: Owner): string[] {
  const profile = profileSchema.parse(JSON.parse(sealer.openText('profile', owner.userId, owner.profileSealed)));
  const former = (profile.formerEmails ?? []).filter(({ until }) => owner.now < new Date(until));
  const all = [...(profile.email ? [profile.email] : []), ...former.map(({ address }) => address)];
  return [...new Set(all)];
}
