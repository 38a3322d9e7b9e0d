import type { Command } from 'commander';
import type { Database } from '#persistence';
import { discardDeadJobs, listDeadJobs, retryDeadJobs, showJob } from './dead-jobs.js';
import type { DeadJob } from './dead-jobs.sql.js';
import { Refusal, withDatabase, withExamples, type Shell } from './shell.js';

export function addJobCommands(program: Command, shell: Shell): void {
  const jobs = program.command('jobs').description('manage jobs that failed on every attempt and were set aside');

  withExamples(jobs.command('list').description('list all jobs that were set aside'), 'jobs list').action(async () =>
    shell.print(await withDatabase(listDeadJobs)),
  );

  withExamples(
    jobs.command('show').description('show an unfinished job').argument('<id>', 'as in evt_… or dlv_…'),
    'jobs show evt_1',
  ).action(async (id: string) => {
    const found = await withDatabase((database) => showJob(database, id));
    if (!found)
      throw new Refusal(`there is no job ${id}: it is done or never existed. "jobs list" shows the jobs set aside.`);
    shell.print(found);
  });

  withExamples(
    jobs
      .command('retry')
      .description('retry jobs: each is published again, and set aside again if it still fails')
      .argument('[id...]', 'as in evt_… or dlv_…')
      .option('--all', 'all jobs that were set aside'),
    'jobs retry evt_1',
    'jobs retry --all',
  ).action((ids: string[], options: { all?: true }) => withDeadJobs(shell, ids, options, retryDeadJobs));

  withExamples(
    jobs
      .command('discard')
      .description('discard jobs permanently; the audit log records it')
      .argument('[id...]', 'as in evt_… or dlv_…')
      .option('--all', 'all jobs that were set aside'),
    'jobs discard evt_1',
    'jobs discard --all',
  ).action((ids: string[], options: { all?: true }) => withDeadJobs(shell, ids, options, discardDeadJobs));
}

/** Does something with jobs that were set aside: those named, or all. */
async function withDeadJobs(
  shell: Shell,
  ids: readonly string[],
  { all }: { all?: true },
  work: (database: Database, ids: readonly string[]) => Promise<DeadJob[]>,
): Promise<void> {
  if (ids.length > 0 === (all === true)) throw new Refusal('name the jobs, or use --all.');
  const done = await withDatabase(async (database) =>
    work(database, all ? (await listDeadJobs(database)).map(({ id }) => id) : ids),
  );
  const missing = ids.filter((id) => !done.some((job) => job.id === id));
  shell.print(done);
  if (missing.length > 0) throw new Refusal(`not set aside: ${missing.join(', ')}. "jobs list" shows those that are.`);
}
