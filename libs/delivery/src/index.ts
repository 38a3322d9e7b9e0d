export { deliver } from './deliver.js';
export { Deliverer, type DelivererParts } from './deliverer.js';
export { sealNotice, wantsNotice } from './notices.js';
export { noticeFields, writeNotices } from './write-notices.sql.js';
export { fitsSms, mailFor, smsText, type Mail } from './words.js';
