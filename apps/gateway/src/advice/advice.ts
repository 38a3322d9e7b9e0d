import { adviceCodes, type Method, type Policy } from '#contracts';
import { advise, type Verdict } from '#auth-core';
import { adviceWords, languageFor, type Language } from '#words';
import { z } from 'zod';
import type { PolicyInForce } from '../users/user-context.js';

export const adviceAnswer = z
  .array(z.object({ code: z.enum(adviceCodes), userMessage: z.string() }))
  .meta({ description: 'What the user had better do; never a reason to refuse' });
export type AdviceAnswer = z.infer<typeof adviceAnswer>;

/** A column for a query that knows the user anyway, so that advice costs no round trip. */
export const adviceColumn = (userRef: string) => `
  json_build_object(
    'devices', (select coalesce(json_agg(json_build_object('method', x.method, 'backedUp',
        case when x.method = 'webauthn' then (select w.backed_up from webauthn_credential w where w.device_id = x.id) end)), '[]')
      from device x where x.user_id = ${userRef} and x.status = 'verified'),
    'recoveryCodes', (select json_build_object('left', count(r.mac), 'acknowledged', y.acknowledged_at is not null)
      from recovery_pool y left join recovery_code r on r.user_id = y.user_id and r.set_id = y.set_id and r.used_at is null
      where y.user_id = ${userRef} and y.enrolment_device_id is null group by y.user_id)
  ) as "adviceFacts"`;

/** What `adviceColumn` yields. */
export interface AdviceFacts {
  readonly devices: readonly { readonly method: Method; readonly backedUp?: boolean | null }[];
  readonly recoveryCodes: { readonly left: number; readonly acknowledged: boolean } | null;
}

/** The check that was just passed, where its code came from an authenticator app. */
export interface PassedCheck {
  readonly verdict: Verdict;
  readonly period: number;
  readonly now: Date;
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
  const advice = advise({ ...facts, setSize: policy.recoveryCodes.count, totp });
  return advice.map((code) => ({ code, userMessage: adviceWords(language, code) }));
}
