export { deliver, type DeliverParts } from './deliver.js';
export { fitsSms, mailFor, smsText, type Mail } from './words.js';
