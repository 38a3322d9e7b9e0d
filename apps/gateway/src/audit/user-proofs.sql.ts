import { sql, statement, userTables } from '#persistence';
import { namedUser } from '../rows/user-row.sql.js';
import { newestCheckpoint, type CheckpointRow } from './checkpoints.sql.js';

type Absent<Row> = { readonly [Column in keyof Row]: null };

/** A user, the place of one of its own sealed events, and the newest checkpoint of the log. */
type OwnPlaceRow = { readonly userRef: string } & (
  { readonly sequence: number; readonly time: Date } | { readonly sequence: null; readonly time: null }
) &
  (CheckpointRow | Absent<CheckpointRow>);

export const selectOwnPlace = statement<
  OwnPlaceRow,
  { tenantId: string; accountId: string; userId: string; eventId: string | null }
>(
  'audit.own-place',
  ($) => sql`select u.id as "userRef", own.sequence, own.time, newest.*
   from ${userTables} left join lateral (
     select n.sequence, e.time from audit_entry n join event e on e.id = n.event_id
     where n.event_id = ${$.eventId} and n.tenant_id = ${$.tenantId} and e.user_ref = u.id
   ) own on true left join lateral (${newestCheckpoint($.tenantId, '1')}) newest on true
   where ${namedUser($)}`,
);
