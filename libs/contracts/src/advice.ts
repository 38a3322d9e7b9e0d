/** What a user had better do, before it becomes a need: stable codes. */
export const adviceCodes = [
  'passkey_only',
  'recovery_codes_not_acknowledged',
  'recovery_codes_low',
  'recovery_codes_missing',
  'sms_only',
  'clock_drift',
  'short_seed',
] as const;
export type AdviceCode = (typeof adviceCodes)[number];

/** From how many recovery codes left on it is time for new ones. */
export const fewRecoveryCodes = 3;
