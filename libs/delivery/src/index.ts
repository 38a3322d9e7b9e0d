export { deliver } from './deliver.js';
export { DeliveryProcessor } from './delivery-processor.js';
export { deliveryWorker, type DeliveryWorkerParts } from './delivery-worker.js';
export { fitsSms, mailFor, smsText, type Mail } from './words.js';
