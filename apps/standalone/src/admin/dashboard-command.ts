import { once } from 'node:events';
import type { Command } from 'commander';
import { pino } from 'pino';
import { openJobStore, openQueues } from '#messaging';
import { codeOf, optionalSetting, reaching, type HttpServer } from '#runtime';
import { parseCount } from './arguments.js';
import { assertTenant } from './assert-tenant.js';
import { keyDoor, oneTimeDoor } from './dashboard/enter.js';
import { Refusal, withDatabase, withExamples, type Shell } from './shell.js';

interface DashboardCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly tenant?: string;
}

export function addDashboardCommand(program: Command, shell: Shell): void {
  withExamples(
    program
      .command('dashboard')
      .description('serve a page that shows the queues and their jobs, to look at only, until Ctrl-C')
      .option('--host <address>', 'address to listen on; must not be public', '127.0.0.1')
      .option('--port <number>', 'port; 0 for any free port', parseCount(0, 65_535), 3004)
      .option(
        '--tenant <id>',
        'tenant whose API keys with the scope admin are the password; else one is created and printed',
      )
      .addHelpText(
        'after',
        `
Sign in with any user name. The page shows jobs of all tenants: their ids and states, and nothing of what is sent.
It speaks HTTP: from another machine, reach it through SSH (ssh -L 3004:127.0.0.1:3004 HOST) or a proxy with TLS.`,
      ),
    'dashboard',
    'dashboard --host 10.0.0.5 --port 8081 --tenant tnt_1',
  ).action(async ({ host, port, tenant }: DashboardCommandOptions) =>
    withDatabase(async (database, url) => {
      if (tenant !== undefined) await assertTenant(database, tenant);
      const chosen = optionalSetting('QUEUE_URL');
      const opening = openJobStore(chosen ?? url, pino({ level: 'silent' }));
      const store = await reaching(chosen === undefined ? 'DATABASE_URL' : 'QUEUE_URL', opening);
      const queues = await openQueues(store, () => undefined);
      const own = tenant === undefined ? oneTimeDoor() : undefined;
      // The page and its server take a while to load: only this command needs them.
      const { serveDashboard } = await import('./dashboard/serve-dashboard.js');
      let server: HttpServer | undefined;
      try {
        server = await serveDashboard({
          queues,
          host,
          port,
          mayEnter: own?.door ?? keyDoor(database, tenant ?? ''),
          onFault: () => shell.say('the page could not be answered; "doctor" says whether the queue is well.'),
        }).catch((error: unknown) => {
          throw codeOf(error) === 'EADDRINUSE'
            ? new Refusal(`port ${port} is in use. Use --port; 0 is any free port.`)
            : error;
        });
        shell.print({ url: server.url, ...(own && { password: own.password }) });
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      } finally {
        await server?.stop();
        await queues.close();
        await store.close();
      }
    }),
  );
}
