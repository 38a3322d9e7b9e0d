export { JobProcessor } from './job-processor.js';
export { JobPublisher } from './job-publisher.js';
export { JobStore } from './job-store.js';
export type { Handlers, Publication, Published } from './jobs.js';
export { lookAgain, type Again } from './look-again.js';
export { MessagingModule, PublishingModule } from './messaging.module.js';
export { openJobStore } from './open-job-store.js';
export { openQueues, type OpenQueues, type QueueDepth } from './open-queues.js';
export { migrateQueues } from './postgres-store.js';
