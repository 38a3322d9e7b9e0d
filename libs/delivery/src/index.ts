export { LateAnswers } from './late-answers.js';
export { deliver, type DeliverParts } from './deliver.js';
export { fitsSms, mailFor, smsText, type Mail } from './words.js';
