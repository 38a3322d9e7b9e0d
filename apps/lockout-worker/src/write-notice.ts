import { z } from 'zod';
import { profileSchema, resolvePolicy, type EventNotice } from '#contracts';
import { sealNotice, wantsNotice } from '#delivery';
import type { Database, Sealer } from '#persistence';
import { countNotice, insertNotices, type Owner } from './write-notice.sql.js';

export interface NoticeParts {
  readonly database: Database;
  readonly sealer: Sealer;
}

export interface Notice {
  readonly notice: EventNotice;
  readonly deviceId: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

/** Without the rest, and whatever a newer version adds. */
const addressesSchema = z.object(profileSchema.shape).pick({ email: true, formerEmails: true }).partial();

/** Mails to one address an hour and a day (UTC) that come one by one; what is more comes as one, when the time is over. */
const perHour = 12;
const perDay = 30;

/**
 * Writes a mail to a user, to be sent after the commit; also to the addresses that the user had until lately, so that
 * nobody gets rid of the notices by changing the address first. Call it inside the transaction of what it reports.
 * @returns whether there is one: not where the user has no e-mail address or the policy does not want this notice
 */
export async function writeNotice(
  parts: NoticeParts,
  owner: Owner,
  notice: Notice,
  requestId: string | undefined,
): Promise<boolean> {
  const policy = resolvePolicy(owner.tenantPolicy, owner.accountPolicy, owner.now).effective;
  if (!wantsNotice(policy, notice.notice)) return false;
  const addresses = addressesOf(parts.sealer, owner);
  const sealed: object[] = [];
  for (const to of addresses) {
    const share = await shareOf(parts, owner.tenantId, to);
    if (share === null) continue;
    const content =
      share.at === null
        ? { notice: notice.notice, facts: notice.facts, at: null }
        : { notice: 'more_activity' as const, facts: {}, at: share.at.toISOString() };
    sealed.push(
      sealNotice(parts.sealer, policy, {
        ...content,
        tenantId: owner.tenantId,
        userRef: owner.userId,
        locale: owner.locale ?? 'en',
        deviceId: notice.deviceId,
        to,
        requestId: requestId ?? null,
      }),
    );
  }
  if (sealed.length > 0) await parts.database.query(insertNotices, { notices: JSON.stringify(sealed) });
  return addresses.length > 0;
}

/**
 * What an address gets of one more notice: the notice at once, one mail for all that is more (`at` says when), or
 * nothing, where that mail is on its way.
 */
export async function shareOf(
  { database, sealer }: NoticeParts,
  tenantId: string,
  to: string,
): Promise<{ at: Date | null } | null> {
  const key = (lasts: string) => sealer.fingerprint('notices', lasts, tenantId, to.toLowerCase());
  const counted = await database.one(countNotice, { hourKey: key('hour'), dayKey: key('day') });
  if (!counted) throw new Error('A notice was not counted.');
  const { inHour, hourEnds, inDay, dayEnds } = counted;
  if (inDay > perDay) return inDay === perDay + 1 ? { at: dayEnds } : null;
  if (inHour > perHour) return inHour === perHour + 1 ? { at: hourEnds } : null;
  return { at: null };
}

function addressesOf(sealer: Sealer, owner: Owner): string[] {
  const profile = addressesSchema.parse(JSON.parse(sealer.openText('profile', owner.userId, owner.profileSealed)));
  const former = (profile.formerEmails ?? []).filter(({ until }) => owner.now < new Date(until));
  const all = [...(profile.email ? [profile.email] : []), ...former.map(({ address }) => address)];
  return [...new Set(all)];
}
