export { Deliverer } from './deliverer.js';
export { DeliveryProcessor } from './delivery-processor.js';
export { deliveryWorker, type DeliveryWorkerParts } from './delivery-worker.js';
export { sealNotice, wantsNotice } from './notices.js';
export { noticeFields, writeNotices } from './write-notices.sql.js';
export { fitsSms, mailFor, smsText, type Mail } from './words.js';
export { orderFor } from './probes.js';
export { rankRoutes, type KnownRoute, type RankedRoute } from './rank-routes.js';
export { learn, nothingKnown } from './route-knowledge.js';
