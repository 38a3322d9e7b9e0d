import { sql } from '#persistence';

/**
 * Query `held`: the calls of `asked` whose delivery, their `id`, is there and held from now on.
 * @param orPass how a statement of several calls leaves out those that somebody else holds
 */
export const holdDeliveries = (orPass: string) => sql`
  held as materialized (
    select c.* from asked c join delivery d on d.id = c.id order by c.id for no key update of d ${orPass}
  )`;
