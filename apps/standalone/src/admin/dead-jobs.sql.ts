import { eventOfEach, jobFacts, recordEvents, sql, statement } from '#persistence';

// Ids only: a payload holds nothing else.
const columns = sql`o.id, o.job, o.payload, o.created_at as "createdAt", o.publications, o.failure,
  o.set_aside_at as "setAsideAt"`;

export const selectDeadJobs = statement<ListedJob>(
  'list-dead-jobs',
  sql`select ${columns} from outbox o where o.set_aside_at is not null order by o.set_aside_at, o.id`,
);

export const selectJob = statement<ShownJob, { id: string }>(
  'show-job',
  ($) => sql`select ${columns}, o.published_at as "publishedAt", f.tenant_id as "tenantId", f.account_id as "accountId",
     f.user_id as "userId", jd.status as "deliveryStatus", je.type as "eventType"
   from outbox o ${jobFacts('o')}
   where o.id = ${$.id}`,
);

// Its number of publications stays: it is published once more, and if that fails too, set aside again.
export const retryJobs = statement<DeadJob, { ids: readonly string[] }>(
  'retry-dead-jobs',
  ($) => sql`update outbox o set set_aside_at = null, failure = null, published_at = null
   where o.set_aside_at is not null and o.id = any (${$.ids})
   returning o.id, o.job`,
);

export const discardJobs = statement<DeadJob, { ids: readonly string[]; eventIds: readonly string[] }>(
  'discard-dead-jobs',
  ($) => sql`with gone as (
     delete from outbox o where o.set_aside_at is not null and o.id = any (${$.ids})
     returning o.id, o.job, o.payload
   ),
   told as (
     select j.id, j.job, f.* from gone j ${jobFacts('j')}
   ),
   recorded as (${recordEvents(
     $.eventIds,
     eventOfEach('job.discarded', {
       from: sql`told t where t.tenant_id is not null`,
       columns: { tenant_id: 't.tenant_id', account_id: 't.account_id', user_id: 't.user_id', user_ref: 't.user_ref' },
       data: { jobId: 't.id', job: 't.job' },
     }),
   )})
   select id, job from told`,
);

interface ListedJob extends DeadJob {
  readonly payload: object;
  readonly createdAt: Date;
  readonly publications: number;
  readonly failure: string | null;
  readonly setAsideAt: Date | null;
}

interface ShownJob extends ListedJob {
  readonly publishedAt: Date | null;
  readonly tenantId: string | null;
  readonly accountId: string | null;
  readonly userId: string | null;
  readonly deliveryStatus: string | null;
  readonly eventType: string | null;
}

export interface DeadJob {
  readonly id: string;
  readonly job: string;
}
