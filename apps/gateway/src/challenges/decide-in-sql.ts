import { decisionRules, type DecisionFacts } from '#auth-core';
import { clockToleranceMs } from '#service';
import { admits } from '../devices/device-view.js';
import { policyValue } from '../policy/policy-value.js';

/**
 * The decision before login as parts of the statement that reads its user: an `allow` or a `deny` is written down by the
 * statement that finds it, so that none is lost and none takes another round trip. The rules are those of `decide`.
 */

/** What of the policy decides, for a query over `tenant t` and `account a`. */
export const decidingPolicy = `
  ${policyValue('twoFactor', 'required')} = '"all"' as required,
  ${policyValue('twoFactor', 'graceUntil')} #>> '{}' as "graceText",
  ${policyValue('methods', 'allowed')} as "methodsAllowed", ${policyValue('methods', 'notAlone')} as "methodsNotAlone",
  ${policyValue('recoveryCodes', 'count')} <> '0' as "hasCodes",
  ${policyValue('trustedBrowser', 'allowed')} = 'true' as "trusts",
  (${policyValue('trustedBrowser', 'days')})::int as "trustDays"`;

/** `mayAnswer`, over the user `u` and what it has proved (`standing`). */
const mayAnswer = (method: string) => `
  (u."methodsAllowed" ? ${method} and (not u."methodsNotAlone" ? ${method} or standing.some))`;

/** Facts as columns, by their names. */
const quoted = (fact: keyof DecisionFacts) => `"${fact}"`;

const decided = `case ${decisionRules
  .map(({ when, unless = [], decision, reason }) => {
    const conditions = ['true', ...when.map(quoted), ...unless.map((fact) => `not ${quoted(fact)}`)];
    return `when ${conditions.join(' and ')} then array['${decision}', '${reason}']`;
  })
  .join(' ')} end`;

/** A time that both PostgreSQL and `Date` read alike; `policySchema` takes no other. */
const readableTime = '^(19[7-9]|2[0-9]{2})[0-9]-[0-9T:.-]+(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$';

/**
 * Parts of a statement with the query `reading`, which has a row for each device of the user, or one. They yield `facts`, the
 * columns of `DecisionFacts`, and the guard `login` for `appendEvents`: a row where the decision opens no challenge.
 * @param by.application placeholder of the front door that asks
 * @param by.deviceId placeholder of the one device that may answer; where it is none of the user's, nothing is decided
 * @param by.purpose placeholder
 * @param by.recoverable placeholder: whether a recovery code may approve that purpose
 * @param by.processTime placeholder of the seconds since 1970 by this process, which decides nothing if they are wrong
 */
export const decideParts = (by: {
  readonly application: string;
  readonly deviceId: string;
  readonly purpose: string;
  readonly recoverable: string;
  readonly processTime: string;
}) => `
  u as (select * from reading limit 1),
  standing as (
    select exists (
      select from reading p where p."verifiedAt" is not null
        and p."methodsAllowed" ? p.method and not p."methodsNotAlone" ? p.method) as some
  ),
  mine as (
    select r.status, ${mayAnswer('r.method')} as may, r."lockedUntil" is null or r."lockedUntil" <= u.now as free
    from u, standing, reading r
    where r."deviceId" is not null and ${admits('r', by.application)}
      and (${by.deviceId}::text is null or r."deviceId" = ${by.deviceId})
  ),
  found as (
    select count(*) > 0 as some, coalesce(bool_or(status = 'verified' and may), false) as verified,
      coalesce(bool_or(status = 'verified' and may and free), false) as free,
      coalesce(bool_and(status = 'disabled'), false) as disabled
    from mine
  ),
  due as (
    select required and not coalesce(
      case when "graceText" ~ '${readableTime}' then now < "graceText"::timestamptz end, false) as now
    from u
  ),
  facts as (
    select u.kind = 'service' as service, ${by.purpose}::text = 'login' as login,
      ${by.purpose}::text = 'api_login' as "apiLogin", u."twoFactorSince" is not null as "on",
      u."enrolledAt" is not null as enrolled, due.now as due, u.required and not due.now as grace,
      coalesce(u.trusts and ${mayAnswer(`(u."trustedBy" ->> 'method')`)} and u.now <
        (u."trustedBy" ->> 'since')::timestamptz + make_interval(secs => u."trustDays" * 86400), false) as trusted,
      found.free or (u."hasCodes" and u."codesLeft" > 0 and ${by.recoverable}::boolean) as checkable,
      found.verified as locked, found.disabled as "allDisabled"
    from u, standing, due, found
  ),
  decided as (select ${decided} as decision from facts),
  login as (
    select array[decision[1]] as outcomes, u."userRef" as user_ref,
      jsonb_build_object(
        'login.denied', jsonb_build_object('reason', decision[2]),
        'login.allowed', jsonb_strip_nulls(jsonb_build_object('reason', decision[2],
          'trustedBrowserId', case when decision[2] = 'trusted_browser' then u."trustedBy" ->> 'id' end,
          'deviceId', case when decision[2] = 'trusted_browser' then u."trustedBy" ->> 'deviceId' end))) as patch
    from decided, found, u
    where decision[1] in ('allow', 'deny') and (${by.deviceId}::text is null or found.some)
      and abs(extract(epoch from u.now)::float8 - ${by.processTime}::float8) * 1000 <= ${clockToleranceMs}
  )`;
