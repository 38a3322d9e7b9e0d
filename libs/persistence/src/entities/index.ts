import { AccountPatternNoticeEntity } from './account-pattern-notice.entity.js';
import {
  DeviceEntity,
  ImportedSeedEntity,
  LockoutEntity,
  RecoveryCodeEntity,
  RecoveryPoolEntity,
  WebauthnCredentialEntity,
} from './authenticator.entity.js';
import { ChallengeEntity, CodeEntity, IdempotentAnswerEntity, UsedProofEntity } from './challenge.entity.js';
import { DeliveryAttemptEntity, DeliveryEntity, ReceiptSourceEntity } from './delivery.entity.js';
import {
  AuditCheckpointEntity,
  AuditCollectorEntity,
  AuditCollectorPositionEntity,
  AuditCosignatureEntity,
  AuditCursorEntity,
  AuditEntryEntity,
  AuditKeyEntity,
  AuditLogEntity,
  AuditNodeEntity,
  AuditPrunedEntity,
  AuditWitnessedEntity,
  EventEntity,
  OutboxEntity,
  UnsealableEventEntity,
} from './event.entity.js';
import { KnownKeyEntity, KnownQueueEntity } from './known.entity.js';
import { RouteLearningEntity, RouteScoreEntity } from './route.entity.js';
import { AddressGuessEntity, SendPaceEntity, SendWindowEntity, SmsSpendEntity } from './sending.entity.js';
import { AccountEntity, ApiKeyEntity, TenantEntity, UserEntity } from './tenancy.entity.js';
import { TrustedBrowserEntity } from './trusted-browser.entity.js';
import { WebhookAttemptEntity, WebhookDeliveryEntity, WebhookEntity } from './webhook.entity.js';

/** Every table of Sallyport. */
export const entities = [
  TenantEntity,
  ApiKeyEntity,
  AccountEntity,
  UserEntity,
  DeviceEntity,
  ImportedSeedEntity,
  WebauthnCredentialEntity,
  RecoveryPoolEntity,
  RecoveryCodeEntity,
  LockoutEntity,
  ChallengeEntity,
  CodeEntity,
  SendWindowEntity,
  SendPaceEntity,
  SmsSpendEntity,
  AddressGuessEntity,
  UsedProofEntity,
  IdempotentAnswerEntity,
  DeliveryEntity,
  DeliveryAttemptEntity,
  ReceiptSourceEntity,
  RouteLearningEntity,
  RouteScoreEntity,
  EventEntity,
  OutboxEntity,
  AuditEntryEntity,
  AuditLogEntity,
  AuditNodeEntity,
  AuditPrunedEntity,
  AuditCheckpointEntity,
  AuditCosignatureEntity,
  AuditWitnessedEntity,
  AuditKeyEntity,
  AuditCollectorEntity,
  AuditCollectorPositionEntity,
  AuditCursorEntity,
  AccountPatternNoticeEntity,
  TrustedBrowserEntity,
  UnsealableEventEntity,
  KnownKeyEntity,
  KnownQueueEntity,
  WebhookEntity,
  WebhookDeliveryEntity,
  WebhookAttemptEntity,
];
