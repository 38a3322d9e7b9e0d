import { sql } from '#persistence';
import { decisionRules, type DecisionFacts } from '#auth-core';
import { clockToleranceMs } from '#process';
import { overrideEnded, policyValue, readableTime } from '../policy/policy-value.js';

/**
 * The decision before login as parts of the statement that reads its user: an `allow` or a `deny` is written down by the
 * statement that finds it, so that none is lost and none takes another round trip. The rules are those of `decide`.
 */

const value: typeof policyValue = (section, key) => policyValue(section, key, 'x.override_ended');

/** What of the policy decides, for a query over `tenant t`, `account a` and `overrides`. */
export const decidingPolicy = sql`
  (${value('twoFactor', 'required')}) = '"all"' as required,
  (${value('twoFactor', 'graceUntil')}) #>> '{}' as grace_text,
  ${value('methods', 'allowed')} as methods_allowed, ${value('methods', 'notAlone')} as methods_not_alone,
  ${value('recoveryCodes', 'count')} <> '0' as has_codes,
  (${value('trustedBrowser', 'allowed')}) = 'true' as trusts,
  (${value('trustedBrowser', 'days')})::int as trust_days,
  (${value('exemptions', 'required')}) = 'true' as exemptions_required,
  ${value('exemptions', 'serviceUsers')} #>> '{until}' as service_until,
  ${value('exemptions', 'trustedBrowser')} #>> '{until}' as trust_until`;

/** Looked at once for all of them. */
export const overrides = sql`(select ${overrideEnded} as override_ended offset 0) x`;

const decided = `case ${decisionRules
  .map(({ when, unless = [], decision, reason }) => {
    const fact = (name: keyof DecisionFacts) => `"${name}"`;
    const conditions = ['true', ...when.map(fact), ...unless.map((name) => `not ${fact(name)}`)];
    return sql`when ${conditions.join(' and ')} then array['${decision}', '${reason}']`;
  })
  .join(' ')} end`;

/** Whether somebody still answers for a way past the second factor, where somebody has to. */
const exempt = (until: string) => sql`(not exemptions_required
          or coalesce(case when ${until} ~ '${readableTime}' then r.now < ${until}::timestamptz end, false))`;

/**
 * Parts of a statement with the queries
 * - `asked`: what each call asks, with `purpose`, `device_id` (the one device that may answer), `recoverable` (whether a
 *   recovery code may approve that purpose), `process_time` (seconds since 1970 by this process, which decides nothing if
 *   they are wrong) and `events`
 * - `reading`: the user of each, with `decidingPolicy`, and who vouches for the browser as `trust_id`, `trust_device`,
 *   `trust_method` and `trusted_since`
 * - `devices`: theirs, with `admitted` (by the application, and as the one that was named)
 *
 * They yield `facts`, the columns of `DecisionFacts` and all of them as `facts`, and the guard `login` for `appendEvents`: a
 * row where the decision opens no challenge. Where the named device is none of the user's, nothing is decided.
 */
export const decideParts = sql`
  judged as (
    select *, allowed and not_alone as only_with_another, allowed and not not_alone as by_itself,
      admitted and status = 'verified' and allowed as usable
    from (
      select d.*, r.methods_allowed ? d.method as allowed, r.methods_not_alone ? d.method as not_alone,
        d."lockedUntil" is null or d."lockedUntil" <= r.now as free
      from reading r join devices d using (n)
    ) d
  ),
  standing as (
    -- mayAnswer: some methods may only where another one has been proved.
    select n, count(*) filter (where admitted) > 0 as some_admitted,
      bool_or("verifiedAt" is not null and by_itself) as has_another,
      bool_or(usable and by_itself) as verified, bool_or(usable and only_with_another) as verified_beside,
      bool_or(usable and by_itself and free) as free, bool_or(usable and only_with_another and free) as free_beside,
      bool_and(status = 'disabled') filter (where admitted) as disabled
    from judged group by n
  ),
  facts as (
    select r.n, r."userRef" as user_ref, r.trust_id, r.trust_device, a.events,
      (a.device_id is null or s.some_admitted)
        and abs(extract(epoch from r.now)::float8 - a.process_time) * 1000 <= ${clockToleranceMs} as counts,
      f.*, to_jsonb(f) as facts
    from asked a join reading r using (n) left join standing s using (n)
    cross join lateral (
      select required and not coalesce(
        case when grace_text ~ '${readableTime}' then r.now < grace_text::timestamptz end, false) as now offset 0
    ) due
    cross join lateral (
      select r.kind = 'service' as service, ${exempt('service_until')} as exempt, a.purpose = 'login' as login, a.purpose = 'api_login' as "apiLogin",
        r."twoFactorSince" is not null as "on", r."enrolledAt" is not null as enrolled, due.now as due,
        required and not due.now as grace,
        coalesce(trusts and ${exempt('trust_until')} and methods_allowed ? trust_method and (not methods_not_alone ? trust_method or s.has_another)
          and r.now < trusted_since + make_interval(secs => trust_days * 86400), false) as trusted,
        coalesce(s.free or s.free_beside and s.has_another, false)
          or has_codes and r."codesLeft" > 0 and a.recoverable as checkable,
        coalesce(s.verified or s.verified_beside and s.has_another, false) as locked,
        coalesce(s.disabled, false) as "allDisabled"
      offset 0
    ) f
  ),
  login as (
    select array[decision[1]] as outcomes, user_ref, events,
      jsonb_build_object(
        'login.denied', jsonb_build_object('reason', decision[2]),
        'login.allowed', jsonb_strip_nulls(jsonb_build_object('reason', decision[2],
          'trustedBrowserId', case when decision[2] = 'trusted_browser' then trust_id end,
          'deviceId', case when decision[2] = 'trusted_browser' then trust_device end))) as patch
    from (select *, ${decided} as decision from facts where counts offset 0) decided
    where decision[1] in ('allow', 'deny')
  )`;
