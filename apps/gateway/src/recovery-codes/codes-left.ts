import { sql } from '#persistence';
/**
 * How many codes of the user's set in force are unused, for a query; 0 while an enrolment shows them. Kept where
 * codes are made and used, since every login asks for it.
 */
export const codesLeft = (userRef: string) => sql`
  coalesce((select rp.codes_left from recovery_pool rp
    where rp.user_id = ${userRef} and rp.enrolment_device_id is null), 0)`;
