import { appendEvents, noOutcomes, sql, statement } from '#persistence';

/** Writes down that it is read, and reads it: one row for each device. */
export const readPersonal = statement<PersonalRow, { userRef: string; events: string }>(
  'user.read-personal',
  ($) => sql`with read_user as (select id from app_user where id = ${$.userRef} for key share),
   guard as (select ${noOutcomes} from read_user), ${appendEvents($.events, 'guard')}
   select d.id as "deviceId", d.name, d.address_sealed as "addressSealed"
   from read_user join device d on d.user_id = read_user.id order by d.id`,
);

interface PersonalRow {
  readonly deviceId: string;
  readonly name: string;
  readonly addressSealed: Buffer | null;
}
