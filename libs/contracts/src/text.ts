/** What takes no room: Unicode's own list, and the one blank letter of Braille, which is not on it. */
const unseen = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Whether a text has something to see: a letter, a digit or another sign, not only spaces, joiners and marks. */
export function isVisible(text: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(unseen, ''));
}

/** Characters of the GSM 7-bit default alphabet that cost one septet each (3GPP TS 23.038 §6.2.1). */
const gsm7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/u;

/** Whether a text fits the GSM 7-bit default alphabet, without its extension table. */
export function isGsm7(text: string): boolean {
  return gsm7.test(text);
}
