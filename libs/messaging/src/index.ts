export { type Consumer, openQueues, type Queues } from './queues.js';
export { migrateQueues } from './postgres-backend.js';
export type { Handlers, Publication } from './jobs.js';
