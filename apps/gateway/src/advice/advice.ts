import { sql } from '#persistence';
import { adviceCodes, type Policy } from '#contracts';
import { advise, seedLengths, type AdviceInput, type Verdict } from '#auth-core';
import { adviceWords, languageFor, type Language } from '#words';
import { z } from 'zod';
import type { PolicyInForce } from '../rows/user-row.js';

export const adviceAnswer = z
  .array(z.object({ code: z.enum(adviceCodes), userMessage: z.string() }).meta({ id: 'Advice' }))
  .meta({ description: 'What the user should do soon. Never a reason to refuse a login' });
export type AdviceAnswer = z.infer<typeof adviceAnswer>;

/** What is left of the user's recovery codes, as a column of a query that knows the user anyway. */
export const codesInForce = (userRef: string) => sql`
  (select json_build_object('left', y.codes_left, 'acknowledged', y.acknowledged_at is not null)
    from recovery_pool y where y.user_id = ${userRef} and y.enrolment_device_id is null) as "codesInForce"`;

/** Columns for a query that knows the user anyway, so that advice costs no round trip. */
export const adviceColumns = (userRef: string) => sql`
  (select coalesce(json_agg(json_build_object('method', x.method, 'backedUp', w.backed_up)), '[]')
    from device x left join webauthn_credential w on w.device_id = x.id
    where x.user_id = ${userRef} and x.status = 'verified') as "verifiedDevices",
  ${codesInForce(userRef)}`;

/** What `adviceColumns` yields. */
export interface AdviceFacts {
  readonly verifiedDevices: AdviceInput['devices'];
  readonly codesInForce: AdviceInput['recoveryCodes'];
}

/** The check that was just passed, where its code came from an authenticator app. */
export interface PassedCheck {
  readonly verdict: Verdict;
  readonly period: number;
  readonly now: Date;
  readonly shortSeed?: boolean;
}

/** Advice in the user's language. */
export function adviceFor(
  facts: AdviceFacts,
  policy: Policy & Partial<Pick<PolicyInForce, 'locale'>>,
  asked: Language,
  passed?: PassedCheck,
): AdviceAnswer {
  const step = passed?.verdict.result === 'match' ? passed.verdict.step : null;
  const totp = passed && step !== null ? { step, period: passed.period, at: passed.now } : null;
  const language = languageFor(policy.locale ?? asked);
  const advice = advise({
    devices: facts.verifiedDevices.filter(({ method }) => policy.methods.allowed.includes(method)),
    recoveryCodes: facts.codesInForce,
    setSize: policy.recoveryCodes.count,
    totp,
    shortSeed: passed?.shortSeed ?? false,
  });
  return advice.map((code) => ({ code, userMessage: adviceWords(language, code) }));
}

/** What there is to say of a seed that was imported. */
export function adviceOnSeed(seed: Uint8Array, policy: Pick<PolicyInForce, 'locale'>, asked: Language): AdviceAnswer {
  if (!isShortSeed(seed)) return [];
  return [{ code: 'short_seed', userMessage: adviceWords(languageFor(policy.locale ?? asked), 'short_seed') }];
}

export function isShortSeed(seed: Uint8Array): boolean {
  return seed.length < seedLengths.safe;
}
