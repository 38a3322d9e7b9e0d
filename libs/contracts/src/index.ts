export { currencyDecimals } from './currencies.js';
export { idTime, newId, idPrefixes, type IdKind } from './ids.js';
export {
  problems,
  problemCodes,
  Problem,
  invalidRequest,
  type ProblemCode,
  type ProblemDetails,
  type Quota,
  type RequestFault,
} from './problems.js';
export {
  deliveriesInJob,
  jobs,
  jobNames,
  queueNames,
  type JobName,
  type JobPayload,
  type OutboxPayload,
  type QueueName,
} from './jobs.js';
export {
  events,
  eventNames,
  eventTypePrefix,
  noticeOfEvent,
  type EventData,
  type EventName,
  type EventPersonal,
} from './events.js';
export { eventDataSchema, eventJsonSchema, eventSchemaPath } from './event-schemas.js';
export { demands } from './events/demands.js';
export { personalFields, type PersonalFields } from './events/event-row.js';
export { defaultPolicy } from './default-policy.js';
export {
  methods,
  policyOverrideSchema,
  policyPatchSchema,
  policySchema,
  presetNames,
  type Exemption,
  type Method,
  type Policy,
  type PolicyOverride,
  type PolicyPatch,
  type PresetName,
} from './policy.js';
export { profileSchema, type Profile } from './profile.js';
export {
  patchOverride,
  policyContradictions,
  resolvePolicy,
  type PolicySource,
  type ResolvedPolicy,
} from './resolve-policy.js';
export { fallsWith, overrideEnds, weakerValues } from './weaker-values.js';
export { isGsm7, isVisible } from './text.js';
export { sendingRules, type SendingRule } from './sending-rules.js';
export { adviceCodes, fewRecoveryCodes, type AdviceCode } from './advice.js';
export { applyPreset } from './presets/presets.js';
export {
  amountPattern,
  attemptOutcomes,
  deliveryPayloadSchema,
  deliveryRow,
  deliveryStates,
  notices,
  receiptStates,
  smsNotices,
  type DeliveryChannel,
  type RouteCheck,
  type Destination,
  type DeliveryPayload,
  type DeliveryState,
  type EventNotice,
  type NoticeName,
  type OutgoingMessage,
  type ReceiptState,
  type SendResult,
  type SmsNotice,
} from './deliveries.js';
