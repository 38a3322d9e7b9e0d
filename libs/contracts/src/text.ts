/** What takes no room: Unicode's own list, and the one blank letter of Braille, which is not on it. */
const unseen = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether a text has something to see: a letter, a digit or another sign, not only spaces, joiners and marks. */
export function isVisible(text: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(unseen, ''));
}
