import { sql } from '#persistence';

/** Those that are asked together pass over a delivery that somebody else holds; one that is asked alone waits for it. */
export type Lock = 'skip locked' | '';

/**
 * Queries of a statement for several calls, each about the delivery `id`: `chosen` are calls of deliveries that are held by
 * now, one of each.
 */
export const chooseCalls = (lock: Lock) => sql`
  held as materialized (
    select d.id from delivery d where d.id in (select id from asked) order by d.id for no key update ${lock}
  ),
  chosen as materialized (
    select distinct on (a.id) a.* from asked a join held using (id) order by a.id, a.n
  )`;

/** Whether nothing was done for the call `a`, though its delivery is there. */
export const passedOver = sql`(
  not exists (select from chosen where n = a.n) and exists (select from delivery where id = a.id))`;
