/** Rules of the pumping guard, by the names that events and lists of blocks give them. */
export const sendingRules = [
  /** A kind of number that costs whoever sends to it: premium rate, satellite, and the like. */
  'number_kind',
  'per_user',
  'per_prefix',
  'per_account',
  'approved_ratio',
  'per_tenant',
  'spend',
] as const;
export type SendingRule = (typeof sendingRules)[number];
