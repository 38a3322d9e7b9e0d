import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { HTTPException } from 'hono/http-exception';
import type { OpenQueues } from '#messaging';
import { serveHttp, type HttpServer } from '#runtime';

export interface DashboardOptions {
  readonly queues: OpenQueues;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Whether somebody with this password may look; the user name is not asked after. */
  mayEnter(password: string): Promise<boolean>;
  onFault(error: unknown): void;
}

const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'none'; base-uri 'self'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The page of bull-board asks a server of Google's for its letters: nobody is to learn from that who looks after us. */
const foreignLinks = /<link\b[^>]*\bhref="https?:[^>]*>/g;

/**
 * The queues as a page of bull-board, to look at and not to change: what is to be done stands in the outbox, and a job that
 * was changed in its queue would only come again.
 * @throws what `serveHttp` does
 */
export function serveDashboard({ queues, host, port, mayEnter, onFault }: DashboardOptions): Promise<HttpServer> {
  const adapter = new HonoAdapter(serveStatic);
  createBullBoard({
    // BullMQ's types differ by module system, the classes do not.
    queues: queues.all.map((queue) => new BullMQAdapter(queue as never, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Sallyport: queues',
        pollingInterval: { forceInterval: 5 },
        hideRedisDetails: true,
        // It counts them by the names of connections, which a user of Redis may not list; "doctor" says whether work is done.
        showWorkers: false,
      },
    },
  });
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
  });
  app.use(async (c, next) => {
    if (c.req.method === 'GET') return next();
    return c.json({ error: 'The queues can only be looked at. "npm run admin -- jobs" changes jobs.' }, 405, {
      allow: 'GET',
    });
  });
  app.use(basicAuth({ realm: 'Sallyport queues', verifyUser: (_user, password) => mayEnter(password) }));
  app.use(async (c, next) => {
    await next();
    if (c.res.headers.get('content-type')?.startsWith('text/html') !== true) return;
    const page = await c.res.text();
    c.res = new Response(page.replaceAll(foreignLinks, ''), c.res);
  });
  app.route('/', adapter.registerPlugin());
  app.notFound((c) => c.json({ error: 'There is no such page.' }, 404));
  app.onError((error) => {
    // Who has no password is refused so; of faults the server tells, in one way for all.
    if (error instanceof HTTPException) return error.getResponse();
    throw error;
  });
  return serveHttp({
    host,
    port,
    settings: { host: 'METRICS_HOST', port: 'METRICS_PORT' },
    answerer: () => app.fetch,
    onFault,
  });
}
