import { amountPattern } from '#contracts';
import { sql } from '#persistence';

/** A price as a provider told it, without its currency: `0.05` of `0.05 EUR`; null where it told none that is one. */
export const costOf = (price: string) => sql`substring(${price} from '^(${amountPattern})(?: [A-Z]{3})?$')::numeric`;

/**
 * Adds what changed of attempts to what SMS cost their tenants. In parts, so that deliveries of a tenant do not wait for each other,
 * and in one order, so that tenants do not wait in a circle.
 * @param changes query of attempts with `tenant_id`, `day` (UTC), and `spent` and `spent_before` of `delivery_attempt`
 */
export const addToSpend = (changes: string) => sql`
    insert into sms_spend as s (tenant_id, day, part, messages, cost)
    select tenant_id, day, (select floor(random() * 8)), count(*) filter (where spent_before is null),
      sum(spent - coalesce(spent_before, 0))
    from (${changes}) c
    where spent is distinct from spent_before
    group by tenant_id, day order by tenant_id, day
    on conflict (tenant_id, day, part) do update set messages = s.messages + excluded.messages, cost = s.cost + excluded.cost`;
