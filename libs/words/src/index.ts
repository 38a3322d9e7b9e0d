export { fill } from './fill.js';
export { languageFor, languageOfRequest, languages, wordsFor, type Language } from './languages.js';
export { adviceWords, isRefusalName, refusalWords, type RefusalFacts } from './user-message.js';
export type { RefusalName, Words } from './words.js';
