import type { Sealer } from '#persistence';

/** What is paid, and to whom. */
export interface Transaction {
  /** A decimal number with the decimals of its currency (ISO 4217). */
  readonly amount: { readonly value: string; readonly currency: string };
  readonly payee: string;
}

/** What the user of a challenge confirms. */
export interface Confirmed {
  readonly detail: string | null;
  readonly transaction: Transaction | null;
}

/** No detail holds a control character: what begins with one is a transaction. */
const mark = '\0';

/** As it stands in the row of the challenge; null where there is nothing to confirm. */
export function sealConfirmed(sealer: Sealer, challengeId: string, confirmed: Confirmed): Buffer | null {
  const { detail, transaction } = confirmed;
  if (transaction !== null) return sealer.seal('detail', challengeId, mark + JSON.stringify(confirmed));
  return detail === null ? null : sealer.seal('detail', challengeId, detail);
}

export function openConfirmed(sealer: Sealer, challengeId: string, sealed: Buffer | null): Confirmed {
  const text = sealed && sealer.openText('detail', challengeId, sealed);
  if (text?.startsWith(mark)) return JSON.parse(text.slice(mark.length)) as Confirmed;
  return { detail: text, transaction: null };
}

/** The words that show all of it. The amount comes first: nothing that a payee is called can stand before it. */
export function shownText({ detail, transaction }: Confirmed): string | null {
  if (transaction === null) return detail;
  const { amount, payee } = transaction;
  return `${amount.value} ${amount.currency}, ${payee}${detail === null ? '' : `: ${detail}`}`;
}
