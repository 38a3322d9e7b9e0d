import { count } from '#runtime';

/** @param error short name of ours; null where the receiver took it */
export function countAttempt(error: string | null): void {
  count('sallyport_webhook_attempts_total', { outcome: outcomeOf(error) });
}

/** Statuses by their first digit: as many figures as there are kinds of fault, not more. */
function outcomeOf(error: string | null): string {
  return error === null ? 'taken' : error.replace(/^http-(\d)\d\d$/, 'http-$1xx');
}
