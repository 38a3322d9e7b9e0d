export { Database, statementChannel, type PoolState } from './database.js';
export { isConnectionFault, isDiskFull, isWaitFault } from './faults.js';
export { writeDownPatiently } from './write-down.js';
export type { DatabaseOptions } from './pool.js';
export {
  declaredStatements,
  sql,
  statement,
  subsets,
  type Nothing,
  type Placeholders,
  type Statement,
} from './statement.js';
export { auditHashes, isKeptLevel, MissingHashesError } from './audit-hashes.js';
export { askedByOne, Batch, batchStatement, changingBatchStatement } from './batch.js';
export {
  appendEvents,
  event,
  eventOfEach,
  eventOwner,
  eventsParameter,
  eventsToWrite,
  noOutcomes,
  recordEvents,
  type Doer,
  type EventContext,
  type NewEvent,
} from './events.js';
export { isoMicroseconds, isoTime } from './iso-time.js';
export { jobFacts } from './job-facts.js';
export { acceptKeys, assertKnownKeys, strangeKeys, type HeldKeys } from './known-keys.js';
export { firstUnsealed, unpublishedLines } from './backlog.sql.js';
export { ownJobs } from './webhook-jobs.sql.js';
export { unpublishedAge } from './backlog.js';
export { joinOwner, joinOwnerAndTenant, userTables } from './owner-joins.js';
export { knownQueueStore } from './known-queue.js';
export { grantRights } from './grant-rights.js';
export { assertMigrated, migrate } from './migrate.js';
export type { NamedMigration } from './migrations/index.js';
export { processBounds, type SessionBounds } from './session-bounds.js';
export { eventsOfAddresses } from './role-rights.js';
export { refuseKey } from './retired-keys.js';
export { roles } from './roles.js';
export {
  deviceSeal,
  Finder,
  newEventKey,
  openPersonal,
  sealPersonal,
  Sealer,
  sealHeader,
  UnsealError,
  type KeyRing,
  type SealPurpose,
} from './sealing.js';
export { loggedEventColumns, sealedEvent, storedEventColumns, type StoredEvent } from './stored-event.js';
export { createApiKey, createTenant, findApiKey, findApiKeyOwner, revokeApiKey, type NewApiKey } from './api-keys.js';
export { scopes, type ApiKeyOwner, type FoundApiKeyOwner, type Scope } from './api-keys.sql.js';
