import { methods, eventNames } from '#contracts';
import { count } from '#runtime';
import type { EventRow } from './event-rows.sql.js';

const types = new Set<string>(eventNames);
const knownMethods = new Set<string>([...methods, 'recovery_code']);

/**
 * Counts events once their seal is committed: each is sealed once, whichever process wrote it, so the sum over all audit
 * workers is what happened. The statements that write them pay nothing for it.
 */
export function countSealed(events: readonly Pick<EventRow, 'type' | 'data'>[]): void {
  // Of a newer version, or of somebody's own hand: as many series as there are types, not more.
  const byType = Map.groupBy(events, ({ type }) => (types.has(type) ? type : 'unknown'));
  for (const [type, list] of byType) count('sallyport_events_total', { type }, list.length);
  const byMethod = Map.groupBy(byType.get('challenge.approved') ?? [], ({ data }) => methodOf(data));
  for (const [method, list] of byMethod) count('sallyport_challenges_approved_total', { method }, list.length);
}

function methodOf(data: string | null): string {
  const { method } = JSON.parse(data ?? '{}') as { readonly method?: unknown };
  return typeof method === 'string' && knownMethods.has(method) ? method : 'unknown';
}
