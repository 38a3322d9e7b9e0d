import { defaultPolicy, type Policy } from '#contracts';

/** A value of the policy in force, as `jsonb`, in a query over `tenant t` and `account a`. */
export function policyValue<S extends keyof Policy>(section: S, key: keyof Policy[S] & string): string {
  const path = `'{${section},${key}}'`;
  const usual = JSON.stringify((defaultPolicy[section] as Record<string, unknown>)[key]);
  return `coalesce(a.policy #> ${path}, t.policy #> ${path}, '${usual}'::jsonb)`;
}
