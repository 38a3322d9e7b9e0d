/** The codes of a user's present set that are still unused, for a subquery. An older set is dead whatever its rows say. */
export function liveCodes(select: string, userRef: string): string {
  return `(select ${select} from recovery_code r join recovery_pool rp on rp.user_id = r.user_id and rp.set_id = r.set_id
    where r.user_id = ${userRef} and r.used_at is null and rp.enrolment_device_id is null)`;
}
