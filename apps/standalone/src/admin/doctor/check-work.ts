import { jobs, type JobName, type QueueName } from '#contracts';
import { unpublishedAge, type Database } from '#persistence';
import { faultyCollectors, overdueJobs, unsealedAge, unsignedLogs, waitForOperator } from './doctor.sql.js';
import { fault, find, ok, warning, type Finding } from './finding.js';

/** All of it is normally done within seconds. */
const longestSeconds = 60;
const longestUnsignedSeconds = 120;

/** Who takes the jobs of a queue. */
const workers: Readonly<Record<QueueName, string>> = {
  sms: 'sms-worker',
  email: 'email-worker',
  security: 'lockout-worker',
  audit: 'audit-worker',
  webhooks: 'webhook-worker',
};

/** Whether relay and workers do what is theirs, by what they have left undone. */
export function checkWork(database: Database): Promise<Finding[]> {
  return Promise.all([
    find('relay', 'Look at the log of the relay.', async () => {
      const seconds = await unpublishedAge(database);
      return seconds <= longestSeconds
        ? ok('no job waits for it')
        : fault(
            `no relay publishes: the oldest job has been waiting for ${Math.round(seconds)} s`,
            'Start the relay (npm run start:relay), or look at its log.',
          );
    }),
    find('workers', 'Look at the logs of the workers.', async () => {
      const overdue = await database.query(overdueJobs, { seconds: longestSeconds });
      if (overdue.length === 0) return ok('no job is overdue');
      const names = overdue.map(({ job, jobs: count, seconds }) => `${count} × ${job}, since ${Math.round(seconds)} s`);
      const queues = new Set(overdue.flatMap(({ job }) => (job in jobs ? jobs[job as JobName].queue : [])));
      const needed = [...queues].map((queue) => workers[queue]).join(', ');
      return fault(
        `jobs are not done: ${names.join('; ')}`,
        `Start ${needed || 'workers of this version'}, start more of them, or look at their logs.`,
      );
    }),
    find('sealing', 'Look at the log of the audit worker.', async () => {
      const seconds = (await database.one(unsealedAge))?.seconds ?? 0;
      return seconds <= longestSeconds
        ? ok('events are sealed into the audit logs')
        : fault(
            `the oldest event has been waiting for its seal for ${Math.round(seconds)} s`,
            'Start the audit worker, or look for a transaction that stays open (pg_stat_activity).',
          );
    }),
    find('signing', 'Look at the log of the audit worker.', async () => {
      const unsigned = await database.query(unsignedLogs, { seconds: longestUnsignedSeconds });
      return unsigned.length === 0
        ? ok('the audit logs are signed')
        : fault(
            `not signed: ${unsigned.map(({ tenantId }) => tenantId).join(', ')}`,
            '"npm run admin -- audit logs" says why, where the audit worker runs (docs/runbook.md, "A log is not signed").',
          );
    }),
    find('collectors', 'Look at the log of the audit worker.', async () => {
      const faulty = await database.query(faultyCollectors);
      return faulty.length === 0
        ? ok('none refuses events')
        : warning(
            faulty.map(({ name, fault: words }) => `${name}: ${words}`).join('; '),
            'docs/collectors.md, "When something is wrong".',
          );
    }),
    find('set-aside', '"npm run admin -- jobs list" and "audit set-aside" show them.', async () => {
      const { jobs: dead = 0, events = 0 } = (await database.one(waitForOperator)) ?? {};
      if (dead + events === 0) return ok('no job and no event was set aside');
      return warning(
        `${dead} job(s) and ${events} event(s) were set aside and wait for you`,
        '"npm run admin -- jobs list" and "npm run admin -- audit set-aside" show them.',
      );
    }),
  ]);
}
