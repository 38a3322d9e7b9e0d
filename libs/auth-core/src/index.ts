export { advise, type AdviceInput } from './advise.js';
export { codeDigits, sentCode } from './code.js';
export {
  decide,
  decisionRules,
  isRequired,
  purposes,
  recoveryCodeMayApprove,
  type Decision,
  type DecisionFacts,
  type Purpose,
} from './decide.js';
export { mayAnswer, standAlone, type MethodRules } from './may-answer.js';
export { lockSchedule, type LockoutRules } from './lockout.js';
export {
  passkeyCreationOptions,
  passkeyRequestOptions,
  passkeyUserHandle,
  verifyPasskeyAssertion,
  verifyPasskeyRegistration,
  type NewPasskey,
  type PasskeyAssertion,
  type PasskeyDescriptor,
  type PasskeyRegistration,
  type PasskeyVerdict,
  type RelyingParty,
  type UsedPasskey,
} from './passkey.js';
export { systemRandom, type Clock, type Random } from './ports.js';
export { newRecoveryCodes, normalizeRecoveryCode, recoveryCodeMac } from './recovery-code.js';
export {
  matchTotp,
  newTotpSecret,
  parseTotpSecret,
  seedLengths,
  totpDefaults,
  totpSecretText,
  totpUri,
  type TotpAlgorithm,
  type TotpMatch,
  type TotpParameters,
} from './totp.js';
export { verify, type Authenticator, type Verdict } from './verify.js';
