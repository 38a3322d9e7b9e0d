import type { Profile } from '#contracts';
import { event, type NewEvent } from '#persistence';
import { maskAddress } from '../codes/addresses.js';

/** What of a user can be changed by a call that names it. */
interface Changeable {
  /** Undefined where it could not be read. */
  readonly profile: Profile | undefined;
  readonly locale: string | null;
}

/** The parts of a profile that an event tells, each with the names of its fields there and how much of it they show. */
const told = {
  displayName: { now: 'displayName', former: 'formerDisplayName', show: (name: string) => name },
  email: { now: 'maskedEmail', former: 'formerMaskedEmail', show: maskAddress },
  phone: { now: 'maskedPhone', former: 'formerMaskedPhone', show: maskAddress },
} as const;
const parts = Object.keys(told) as (keyof typeof told)[];

export function userCreated(kind: 'person' | 'service', profile: Profile): NewEvent {
  const given = parts.filter((part) => profile[part] !== null);
  const personal = Object.fromEntries(given.map((part) => [told[part].now, shown(part, profile)]));
  return event('user.created', { kind }, { personal });
}

/** @returns none where nothing changes */
export function userChanged(
  old: Changeable,
  { profile, locale }: Changeable & { readonly profile: Profile },
): NewEvent[] {
  const changed = parts.filter((part) => (old.profile?.[part] ?? null) !== profile[part]);
  const relocated = old.locale !== locale;
  if (changed.length === 0 && !relocated) return [];
  const personal = Object.fromEntries(
    changed.flatMap((part) => [
      [told[part].now, shown(part, profile)],
      [told[part].former, shown(part, old.profile)],
    ]),
  );
  const names = relocated ? [...changed, 'locale' as const] : changed;
  const facts = { changed: names, ...(relocated ? { locale, formerLocale: old.locale } : {}) };
  const changedEmail = old.profile?.email && changed.includes('email');
  return [event('user.changed', facts, { personal }), ...(changedEmail ? [event('user.email_changed', {})] : [])];
}

/** Whether there is nothing to write. Former addresses are kept beside the e-mail address, and change with it. */
export function isSame(old: Profile | undefined, profile: Profile): boolean {
  return old !== undefined && parts.every((part) => old[part] === profile[part]);
}

function shown(part: keyof typeof told, profile: Profile | undefined): string | null {
  const value = profile?.[part] ?? null;
  return value === null ? null : told[part].show(value);
}
