import type { Policy, SendingRule } from '#contracts';
import { sql, type Finder } from '#persistence';
import type { UserRow } from '../rows/user-row.sql.js';
import { domainOf, isCostlyNumber, rangesOf } from './addresses.js';

/** Codes to one unproven number or address a day, across the whole tenant: enrolling a stranger's must stay dull. */
const unprovenAddressPerDay = 15;

/** Sends in an hour before the share of those that were entered says anything. */
export const ratioFrom = 50;

/** A number or address that somebody logged in with so lately is never blocked by the pumping guard. */
export const provenDays = 30;

/**
 * One bound on what is sent. Two statements charge their limits in this order, so that they never wait for each other:
 * what is about the address alone first, what many share last.
 */
export interface SendLimit {
  readonly n: number;
  /** MAC, base 64. */
  readonly key: string;
  readonly bound: number;
  /**
   * What is compared with the bound: all that was sent, what of it nobody has entered, the percentage of it that somebody
   * has, or the money of the tenant's day; `never` refuses whatever was sent.
   */
  readonly counts: 'sent' | 'unanswered' | 'ratio' | 'spend' | 'never';
  /** The day in the account's time zone, the hour, or the day in UTC. */
  readonly lasts: 'day' | 'hour' | 'utc_day';
  /** Null for quotas, which are no rules of the pumping guard. */
  readonly rule: SendingRule | null;
  /** For who looks at a block. */
  readonly label: string | null;
}

/** Places in the order. Those of `checked` are only looked at, never charged. */
const places = {
  number_kind: 0,
  address: 1,
  others: 2,
  own: 3,
  per_user: 4,
  per_prefix: 5,
  per_account: 6,
  approved_ratio: 7,
  per_tenant: 8,
  spend: 9,
} as const;

export const ownQuota = places.own;

/** The limits that a statement charges, by whether the device is verified. */
export const chargedPlaces = {
  verified: [places.others, places.own],
  unverified: [
    places.address,
    places.own,
    places.per_user,
    places.per_prefix,
    places.per_account,
    places.approved_ratio,
    places.per_tenant,
  ],
} as const;

/** Whom a code is for, and where it goes. */
export interface SendTarget {
  readonly method: 'sms' | 'email';
  readonly address: string;
  readonly addressMac: Buffer;
  readonly quotaKey: Buffer;
  readonly verified: boolean;
  /** Whether part of the day's messages is kept back from this send, for whom they belong to. */
  readonly othersOnly: boolean;
}

type Owner = Pick<UserRow, 'tenantId' | 'accountRef' | 'accountId' | 'userRef' | 'userId'>;

/** Messages of a day that are kept for the owner: a third, where there is somebody to keep them from. */
function forOthers(perDay: number): number {
  return Math.ceil((perDay * 2) / 3);
}

/** The bounds that a send has to keep, in their order. */
export function sendLimits(finder: Finder, owner: Owner, policy: Policy, target: SendTarget): SendLimit[] {
  const { method, address, addressMac, quotaKey, verified, othersOnly } = target;
  const { sending } = policy;
  const perDay = method === 'sms' ? policy.phone.smsPerDevicePerDay : policy.email.perDevicePerDay;
  const key = (rule: SendingRule | 'others', ...parts: string[]) =>
    finder.mac('send-window', owner.tenantId, method, rule, ...parts).toString('base64');
  const quota = (place: number, mac: string, bound: number): SendLimit => ({
    n: place,
    key: mac,
    bound,
    counts: 'sent',
    lasts: 'day',
    rule: null,
    label: null,
  });
  const own = quota(places.own, quotaKey.toString('base64'), perDay);
  const limits = verified
    ? [...(othersOnly ? [quota(places.others, key('others', own.key), forOthers(perDay))] : []), own]
    : [
        quota(places.address, addressMac.toString('base64'), unprovenAddressPerDay),
        own,
        ...guardedWindows(finder, owner, policy, method, address),
      ];
  if (method === 'email') return limits;
  const daily = { lasts: 'utc_day' } as const;
  if (isCostlyNumber(address)) {
    const { prefix } = rangesOf(address);
    const rule = 'number_kind';
    limits.unshift({
      n: places[rule],
      key: key(rule, prefix),
      bound: 0,
      counts: 'never',
      ...daily,
      rule,
      label: prefix,
    });
  }
  if (sending.spendPerDay !== null) {
    const rule = 'spend';
    limits.push({
      n: places[rule],
      key: key(rule),
      bound: sending.spendPerDay,
      counts: 'spend',
      ...daily,
      rule,
      label: null,
    });
  }
  return limits;
}

/** The windows of the pumping guard that a code to an unverified device is counted in. */
export function guardedWindows(
  finder: Finder,
  owner: Owner,
  policy: Policy,
  method: 'sms' | 'email',
  address: string,
): SendLimit[] {
  const { sending } = policy;
  const { prefix, region } = method === 'sms' ? rangesOf(address) : { prefix: null, region: domainOf(address) };
  const window = (
    rule: Exclude<SendingRule, 'number_kind' | 'spend'>,
    counts: SendLimit['counts'],
    bound: number,
    part: string,
    label: string | null,
  ): SendLimit => ({
    n: places[rule],
    key: finder.mac('send-window', owner.tenantId, method, rule, part).toString('base64'),
    bound,
    counts,
    lasts: 'hour',
    rule,
    label,
  });
  return [
    window('per_user', 'unanswered', sending.perUserPerHour, owner.userRef, `${owner.accountId}/${owner.userId}`),
    ...(prefix === null ? [] : [window('per_prefix', 'unanswered', sending.perPrefixPerHour, prefix, prefix)]),
    window('per_account', 'unanswered', sending.perAccountPerHour, owner.accountRef, owner.accountId),
    window('approved_ratio', 'ratio', sending.minApprovedPercent, region, region),
    window('per_tenant', 'unanswered', sending.perTenantPerHour, '', null),
  ];
}

/** Keys of the windows in which an entered code counts as answered, in the order in which they are charged. */
export function answeredKeys(...args: Parameters<typeof guardedWindows>): Buffer[] {
  return guardedWindows(...args).map(({ key }) => Buffer.from(key, 'base64'));
}

/**
 * A part `name` that holds windows until the transaction ends, in their order, whether their rows are there yet or not: one
 * who has the row waits for nobody who is just adding it, and who holds another one. What reads their rows asks for
 * `windowsHeld`: a join would stop short where the other side is empty.
 * @param windows query with their `key` and their place `n`
 */
export const holdWindows = (name: string, windows: string) => sql`
  ${name} as (
    select count(pg_advisory_xact_lock(hashtextextended(encode(key, 'base64'), 0))) as count
    from (${windows} order by n offset 0) w
  )`;
export const windowsHeld = (name: string) => sql`(select count from ${name}) is not null`;

/**
 * The part of a statement that counts `spent_code`, just entered, as answered. It has `sends` and `last_sent_at`.
 * @param keys placeholder of `answeredKeys`
 */
export const countAnswered = (keys: string) => sql`
  window_wanted as (select w.n, w.key from spent_code, unnest(${keys}::bytea[]) with ordinality as w(key, n)),
  ${holdWindows('window_held', 'select n, key from window_wanted')},
  window_now as (
    select q.key, q.starts_at, spent_code.sends from spent_code, window_wanted w join send_window q on q.key = w.key
    where ${windowsHeld('window_held')} and q.starts_at = date_trunc('hour', spent_code.last_sent_at)
    order by w.n for update of q
  ),
  window_answered as (
    update send_window q set approved = least(q.sent, q.approved + h.sends)
    from window_now h where q.key = h.key and q.starts_at = h.starts_at
  )`;
