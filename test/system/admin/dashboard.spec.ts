import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { scopes } from '#persistence';
import { adminRefusal, withoutBuild } from '../../support/admin.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { describeOnBackends, type QueueStore } from '../../support/queue-backends.js';
import { runProgram, type Program } from '../../support/system.js';

interface Dashboard extends Program {
  readonly url: string;
  readonly password?: string;
}

/** Starts it, and waits until it says where it is. */
async function open(args: readonly string[], env: Record<string, string>): Promise<Dashboard> {
  const program = runProgram('standalone/admin', ['dashboard', '--port', '0', ...args, '--json'], env);
  await new Promise<void>((done, fail) => {
    program.process.stdout?.on('data', () => {
      if (program.output.stdout.endsWith('}\n')) done();
    });
    void program.ended.then((status) => fail(new Error(`It ended with ${status}: ${program.output.stderr}`)));
  });
  return { ...program, ...(JSON.parse(program.output.stdout) as { url: string; password?: string }) };
}

/** Works with one that is open, and ends it as Ctrl-C would. */
async function whileOpen(
  args: readonly string[],
  env: Record<string, string>,
  work: (dashboard: Dashboard) => Promise<void>,
): Promise<void> {
  const dashboard = await open(args, env);
  try {
    await work(dashboard);
  } finally {
    dashboard.process.kill('SIGTERM');
    await dashboard.ended;
  }
  const said = withoutBuild(dashboard.output.stderr);
  expect({ status: await dashboard.ended, said }).toEqual({ status: 0, said: '' });
}

const as = (password: string) => ({ authorization: `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}` });

describeOnBackends('the page of the queues', (backend) => {
  let panel: TestPanel;
  let store: QueueStore;
  let env: Record<string, string>;
  beforeAll(async () => {
    panel = await startPanel();
    store = await backend.open(panel.databaseUrl);
    env = { DATABASE_URL: panel.databaseUrl, QUEUE_URL: store.url };
  });
  afterAll(async () => {
    await store.close();
    await panel.stop();
  });

  test('shows queues and jobs to who has the password, and to nobody else', async () => {
    await store.raw('sms').add('deliver-sms', { v: 1, deliveryId: 'dlv_shown' }, { jobId: 'dlv_shown', priority: 1 });
    await whileOpen([], env, async (dashboard) => {
      const get = (path: string, headers: Record<string, string> = as(dashboard.password ?? '')) =>
        fetch(`${dashboard.url}${path}`, { headers });
      for (const headers of [{}, as(''), as('wrong'), as(panel.apiKey), { authorization: 'Bearer x' }]) {
        for (const path of ['/', '/api/queues', '/static/images/logo.svg']) {
          const { status } = await get(path, headers as Record<string, string>);
          expect({ path, status }).toEqual({ path, status: 401 });
        }
      }
      const page = await get('/');
      const html = await page.text();
      expect(page.status).toBe(200);
      // Whoever opens it is told to no third party.
      expect(html).not.toMatch(/(src|href)="?(https?:)?\/\//);
      expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'/);
      const scripts = [...html.matchAll(/src="(static\/[^"]+)"/g)].map(([, path]) => path);
      expect(scripts.length).toBeGreaterThan(0);
      for (const path of scripts) expect((await get(`/${path}`)).status).toBe(200);

      const { queues } = (await (await get('/api/queues?activeQueue=sms&status=prioritized&page=1')).json()) as {
        queues: {
          name: string;
          readOnlyMode: boolean;
          counts: Record<string, number>;
          jobs: { id: string; data: object }[];
        }[];
      };
      expect(queues.map(({ name }) => name).toSorted()).toEqual(['audit', 'email', 'security', 'sms', 'webhooks']);
      expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
      const sms = queues.find(({ name }) => name === 'sms');
      expect(sms?.counts['prioritized']).toBe(1);
      expect(sms?.jobs).toMatchObject([{ id: 'dlv_shown', data: { deliveryId: 'dlv_shown' } }]);
      expect((await get('/api/queues/sms/dlv_shown')).status).toBe(200);
    });
  }, 240_000);

  test('changes nothing, whatever it is asked', async () => {
    await store.raw('email').add('deliver-email', { v: 1, deliveryId: 'dlv_kept' }, { jobId: 'dlv_kept', priority: 1 });
    await whileOpen([], env, async (dashboard) => {
      const calls = [
        ['PUT', '/api/queues/email/pause'],
        ['PUT', '/api/queues/email/empty'],
        ['PUT', '/api/queues/email/obliterate'],
        ['PUT', '/api/queues/email/dlv_kept/clean'],
        ['PUT', '/api/queues/pause'],
        ['POST', '/api/queues/email/add'],
        ['PATCH', '/api/queues/email/dlv_kept/update-data'],
        ['DELETE', '/api/queues/email'],
      ] as const;
      for (const [method, path] of calls) {
        const { status } = await fetch(`${dashboard.url}${path}`, { method, headers: as(dashboard.password ?? '') });
        expect({ path, status }).toEqual({ path, status: 405 });
      }
      expect(await store.raw('email').getJob('dlv_kept')).toMatchObject({ data: { deliveryId: 'dlv_kept' } });
    });
  }, 240_000);

  test('opens to API keys with the scope admin of the tenant that the operator names', async () => {
    const elsewhere = await panel.tenant();
    await whileOpen(['--tenant', panel.tenantId], env, async (dashboard) => {
      expect(dashboard.password).toBeUndefined();
      const status = async (key: string) => (await fetch(dashboard.url, { headers: as(key) })).status;
      const [admin, bound, other] = [
        await panel.key(['admin']),
        await panel.key(['admin'], 'one-door'),
        await panel.key(scopes.filter((scope) => scope !== 'admin')),
      ];
      expect(await status(admin)).toBe(200);
      for (const key of [other, bound, elsewhere.apiKey, 'sp_none', '']) expect(await status(key)).toBe(401);
      await panel.sql(`update api_key set revoked_at = now() where tenant_id = $1`, [panel.tenantId]);
      // One that was not seen yet is asked after.
      expect(await status(panel.apiKey)).toBe(401);
    });
  }, 240_000);

  test('says in one line where it cannot be served', async () => {
    await whileOpen([], env, async ({ url }) => {
      const { port } = new URL(url);
      expect(await adminRefusal(['dashboard', '--port', port], env)).toContain(`port ${port} is in use`);
      expect(await adminRefusal(['dashboard', '--port', '0', '--tenant', 'tnt_x'], env)).toContain('"tenant list"');
    });
  }, 240_000);
});
