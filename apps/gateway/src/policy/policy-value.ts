import { defaultPolicy, fallsWith, type Policy } from '#contracts';
import { sql } from '#persistence';

/** A time that both PostgreSQL and `Date` read alike; `policySchema` takes no other. */
export const readableTime = '^(19[7-9]|2[0-9]{2})[0-9]-[0-9T:.-]+(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$';

type Section = keyof Policy;

const usual = (section: Section, key: string) =>
  `'${JSON.stringify((defaultPolicy[section] as Record<string, unknown>)[key])}'::jsonb`;
const path = (section: Section, key: string) => `'{${section},${key}}'`;

const ofTenant = (section: Section, key: string) =>
  sql`coalesce(t.policy #> ${path(section, key)}, ${usual(section, key)})`;
const ofAccount = (section: Section, key: string) =>
  sql`coalesce(a.policy #> ${path(section, key)}, t.policy #> ${path(section, key)}, ${usual(section, key)})`;

const overrideUntil = `a.policy #>> '{exemptions,override,until}'`;
/** Whether the exemption for what is weaker in an account has ended: `overrideEnds` of `#contracts`. */
export const overrideEnded = sql`
  (${overrideUntil} is not null and ${ofTenant('exemptions', 'required')} = 'true'
    and coalesce(case when ${overrideUntil} ~ '${readableTime}' then now() >= (${overrideUntil})::timestamptz end, true))`;

/** Methods that may stand alone, as a JSON array. */
const alone = (of: typeof ofTenant) =>
  sql`${of('methods', 'allowed')} - array(select jsonb_array_elements_text(${of('methods', 'notAlone')}))`;
const otherThan = (strict: string, section: Section, key: string) =>
  sql`(${ofTenant(section, key)} = '${strict}' and ${ofAccount(section, key)} <> '${strict}')`;

/** Whether an account's value is weaker than its tenant's: `weakerValues` of `#contracts`, as far as statements ask. */
const weaker: Readonly<Record<string, string>> = {
  'methods.allowed': sql`not ${ofTenant('methods', 'allowed')} @> ${ofAccount('methods', 'allowed')}`,
  'methods.notAlone': sql`not (${alone(ofTenant)}) @> (${alone(ofAccount)})`,
  'twoFactor.required': otherThan('"all"', 'twoFactor', 'required'),
  'trustedBrowser.allowed': otherThan('false', 'trustedBrowser', 'allowed'),
  'trustedBrowser.days': sql`(${ofAccount('trustedBrowser', 'allowed')} = 'true'
    and (${ofAccount('trustedBrowser', 'days')})::int > (${ofTenant('trustedBrowser', 'days')})::int)`,
  'exemptions.required': otherThan('true', 'exemptions', 'required'),
};

/**
 * A value of the policy in force, as `jsonb`, in a query over `tenant t` and `account a`.
 * @param ended column that holds `overrideEnded`, where a query asks for several values
 */
export function policyValue<S extends Section>(
  section: S,
  key: keyof Policy[S] & string,
  ended = overrideEnded,
): string {
  const name = `${section}.${key}`;
  const reasons = Object.keys(weaker).filter((other) => other === name || fallsWith[other]?.includes(name));
  if (reasons.length === 0) return ofAccount(section, key);
  const falls = reasons.map((reason) => weaker[reason]).join(' or ');
  return sql`case when ${ended} and (${falls}) then ${ofTenant(section, key)} else ${ofAccount(section, key)} end`;
}
