/** The entities by their names, for reads through MikroORM. */
export { DeviceEntity as Device, LockoutEntity as Lockout } from './entities/authenticator.entity.js';
export { ChallengeEntity as Challenge } from './entities/challenge.entity.js';
export { DeliveryAttemptEntity as DeliveryAttempt, DeliveryEntity as Delivery } from './entities/delivery.entity.js';
export {
  AccountEntity as Account,
  ApiKeyEntity as ApiKey,
  TenantEntity as Tenant,
  UserEntity as User,
} from './entities/tenancy.entity.js';
export {
  WebhookAttemptEntity as WebhookAttempt,
  WebhookDeliveryEntity as WebhookDelivery,
  WebhookEntity as Webhook,
} from './entities/webhook.entity.js';
