export { Deliverer } from './deliverer.js';
export { DeliveryProcessor } from './delivery-processor.js';
export { deliveryWorker, type DeliveryWorkerParts } from './delivery-worker.js';
export type { AttemptFigures, RouteFigures } from './routes/route.js';
export { anywhere, RouteTable, type AttemptCount, type RouteOrder } from './routes/route-table.js';
export { sealNotice, wantsNotice } from './notices.js';
export { noticeFields, writeNotices } from './write-notices.sql.js';
export { fitsSms, mailFor, smsText, type Mail } from './words.js';
