import { sql } from '#persistence';

/**
 * When the code of an attempt was entered: that approved the challenge of the delivery `l`, or verified its device. Derived from
 * what stands there anyway, so that no check of a code writes anything for it. Null where nobody did.
 * @param l a row of `delivery`
 * @param startedAt when the attempt began
 */
export const enteredAt = (l: string, startedAt: string) => sql`
  case when ${l}.challenge_id is not null then (
    select g.ended_at from challenge g
    where g.id = ${l}.challenge_id and g.status = 'approved' and g.approved_device_id = ${l}.device_id and g.ended_at >= ${startedAt})
  else (
    select min(x.at) from device v cross join lateral (values (v.verified_at), (v.address_changed_at)) x(at)
    where v.id = ${l}.device_id and x.at >= ${startedAt} and x.at <= ${l}.expires_at)
  end`;

/** Whether an attempt to bring the same code began after this one and before a moment: then it was that one's code that was entered. */
export const triedAgain = (l: string, startedAt: string, before: string) => sql`
  case when ${l}.challenge_id is not null then exists (
    select from delivery o join delivery_attempt a on a.delivery_id = o.id
    where o.challenge_id = ${l}.challenge_id and o.device_id = ${l}.device_id and a.started_at > ${startedAt} and a.started_at < ${before})
  else exists (
    select from delivery o join delivery_attempt a on a.delivery_id = o.id
    where o.device_id = ${l}.device_id and o.challenge_id is null and o.kind = 'code' and a.started_at > ${startedAt} and a.started_at < ${before})
  end`;
