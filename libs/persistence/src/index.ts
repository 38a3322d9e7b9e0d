export {
  Database,
  declaredStatements,
  isConnectionFault,
  statement,
  statementChannel,
  type DatabaseOptions,
  type Statement,
} from './database.js';
export * as tables from './tables.js';
export {
  appendEvents,
  event,
  eventsParameter,
  noOutcomes,
  type Doer,
  type EventContext,
  type NewEvent,
} from './events.js';
export { jobFacts } from './job-facts.js';
export { grantRights } from './grant-rights.js';
export { assertMigrated, migrate } from './migrate.js';
export { roles } from './roles.js';
export {
  Finder,
  newEventKey,
  openPersonal,
  sealPersonal,
  Sealer,
  UnsealError,
  type KeyRing,
  type SealPurpose,
} from './sealing.js';
export {
  createApiKey,
  createTenant,
  findApiKeyOwner,
  revokeApiKey,
  scopes,
  type ApiKeyOwner,
  type NewApiKey,
  type Scope,
} from './api-keys.js';
