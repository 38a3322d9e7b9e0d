export { deliver } from './deliver.js';
export { Deliverer, type DelivererParts } from './deliverer.js';
export { fitsSms, mailFor, smsText, type Mail } from './words.js';
