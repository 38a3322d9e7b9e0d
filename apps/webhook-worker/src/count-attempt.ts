import { Counter, register } from 'prom-client';

const name = 'sallyport_webhook_attempts_total';

/** @param error short name of ours; null where the receiver took it */
export function countAttempt(error: string | null): void {
  attemptCounter().inc({ outcome: outcomeOf(error) });
}

/** Statuses by their first digit: as many figures as there are kinds of fault, not more. */
function outcomeOf(error: string | null): string {
  return error === null ? 'taken' : error.replace(/^http-(\d)\d\d$/, 'http-$1xx');
}

export function attemptCounter(): Counter<'outcome'> {
  const known = register.getSingleMetric(name) as Counter<'outcome'> | undefined;
  if (known) return known;
  const help = 'Attempts that have ended, by how they did';
  const made = new Counter({ name, help, labelNames: ['outcome'] });
  made.inc({ outcome: 'taken' }, 0);
  return made;
}
