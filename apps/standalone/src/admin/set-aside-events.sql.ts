import { sql, statement } from '#persistence';

export const selectSetAside = statement<ListedEvent>(
  'list-set-aside-events',
  sql`select s.event_id as "eventId", s.tenant_id as "tenantId", e.type, s.reason, s.set_aside_at as "setAsideAt"
   from unsealable_event s left join event e on e.id = s.event_id
   order by s.set_aside_at, s.event_id`,
);

// The sealer reads from its cursor on: it has to come back to where they are.
export const sealAgain = statement<SetAsideEvent, { ids: readonly string[] }>(
  'seal-set-aside-events-again',
  ($) => sql`with back as (
     delete from unsealable_event where event_id = any (${$.ids}) returning event_id
   ),
   moved as (
     update audit_cursor c set tx = least(c.tx, f.tx)
     from (select e.tx from back b join event e on e.id = b.event_id order by e.tx limit 1) f
     where c.id = 1
   )
   select event_id as "eventId" from back`,
);

interface ListedEvent extends SetAsideEvent {
  readonly tenantId: string;
  /** Null where the event is gone. */
  readonly type: string | null;
  readonly reason: string;
  readonly setAsideAt: Date;
}

export interface SetAsideEvent {
  readonly eventId: string;
}
