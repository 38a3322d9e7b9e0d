export { Sallyport, type SallyportOptions } from './sallyport.js';
export { SallyportError, type ErrorCode } from './sallyport-error.js';
export type { AnswerOf, CallOptions, Method, PathOf, Schemas } from './calls.js';
export { verifyWebhook, WebhookVerificationError, type WebhookEvent, type WebhookHeaders } from './webhook.js';
export type { ExpectedProof, ProofClaims, Purpose } from './proof.js';
