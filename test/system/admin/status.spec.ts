import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adminAnswer, runAdmin } from '../../support/admin.js';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';
import { describeOnBackends } from '../../support/queue-backends.js';
import { runProgram } from '../../support/system.js';

interface Status {
  readonly versions: Readonly<Record<string, string>>;
  readonly lastMigration: string;
  readonly tenants: readonly Readonly<Record<string, unknown>>[];
  readonly queues?: readonly { readonly queue: string; readonly waiting: number; readonly oldestSeconds: number }[];
  readonly queueFault?: string;
  readonly deliveriesLastHour: readonly object[];
  readonly oldestUnpublishedSeconds: number;
  readonly lockoutsInForce: number;
  readonly smsToday: number;
  readonly smsCostToday: string;
  readonly jobsSetAside: number;
}

describeOnBackends('npm run admin -- status', (backend) => {
  let panel: TestPanel;
  let env: Record<string, string>;
  beforeAll(async () => {
    panel = await startPanel();
  });
  afterAll(() => panel.stop());

  test('counts what is there, and says how old the oldest is', async () => {
    const store = await backend.open(panel.databaseUrl);
    env = { DATABASE_URL: panel.databaseUrl, QUEUE_URL: store.url };
    try {
      await panel.totpUser();
      const phone = await panel.user();
      await panel.user(undefined, { kind: 'service' });
      const device = { method: 'sms', name: 'Phone', phone: '+31612345678' };
      expect((await panel.call('POST', `${phone.path}/devices`, device)).status).toBe(201);
      await store.raw('sms').add('deliver-sms', { v: 1, deliveryId: 'dlv_waits' }, { jobId: 'dlv_waits', priority: 1 });
      await panel.sql(`update outbox set created_at = now() - interval '2 minutes' where job = 'deliver-sms'`);
      await panel.sql(`insert into outbox (id, job, line, payload, published_at, set_aside_at)
        values ('evt_aside', 'notify-owner', '', '{"eventId":"evt_aside"}', now(), now())`);
      await panel.sql(`insert into sms_spend (tenant_id, day, part, messages, cost)
        select id, (now() at time zone 'UTC')::date, part, 3, 0.12 from tenant, (values (0), (1)) parts (part)`);
      // Of another day, and out of its hour.
      await panel.sql(`insert into sms_spend (tenant_id, day, part, messages, cost)
        select id, (now() at time zone 'UTC')::date - 1, 0, 50, 9 from tenant`);
      await panel.sql(
        `insert into delivery (id, tenant_id, channel, kind, status, expires_at)
        values ('dlv_00000000000000000000000000', $1, 'sms', 'code', 'sent', now())`,
        [panel.tenantId],
      );

      const status = await adminAnswer<Status>(['status'], env);
      expect(status.versions).toEqual({
        sallyport: expect.stringMatching(/^\d+\.\d+\.\d+/),
        node: process.versions.node,
        postgresql: expect.stringMatching(/^\d+\.\d+/),
      });
      expect(status.tenants).toEqual([
        {
          id: panel.tenantId,
          name: 'Test',
          users: 2,
          twoFactor: 1,
          twoFactorShare: 0.5,
          smsToday: 6,
          smsCostToday: '0.24000',
        },
      ]);
      expect(status).toMatchObject({
        lastMigration: '2026-11-27-schema',
        deliveriesLastHour: [{ channel: 'sms', kind: 'code', status: 'queued', deliveries: 1 }],
        lockoutsInForce: 0,
        smsToday: 6,
        smsCostToday: '0.24000',
        jobsSetAside: 1,
      });
      expect(status.oldestUnpublishedSeconds).toBeGreaterThanOrEqual(119);
      const sms = status.queues?.find(({ queue }) => queue === 'sms');
      expect(sms).toMatchObject({ waiting: 1, active: 0, failed: 0 });
      expect(sms?.oldestSeconds).toBeGreaterThanOrEqual(119);

      const { stdout, status: ended } = await runAdmin(['status', '--text'], env);
      expect(ended).toBe(0);
      expect(stdout).toMatch(/^sallyport +\d+\.\d+\.\d+$/m);
      expect(stdout).toMatch(/^ {2}sms +1 +0 +0 +0 +\d{3}/m);
      expect(stdout).not.toContain('12345678');
    } finally {
      await store.close();
    }
  }, 240_000);

  test('shows the rest where the queue is away, and goes on until it is stopped', async () => {
    const away = { ...env, QUEUE_URL: 'redis://:secret-word@127.0.0.1:1' };
    const status = await adminAnswer<Status>(['status'], away);
    expect(status.queues).toBeUndefined();
    expect(status.queueFault).toMatch(/did not|cannot be reached/);
    expect(status.queueFault).not.toContain('secret-word');
    expect(status.tenants).toHaveLength(1);

    const {
      process: program,
      output,
      ended,
    } = runProgram('standalone/admin', ['status', '--watch', '1', '--json'], {
      DATABASE_URL: panel.databaseUrl,
    });
    while (output.stdout.split('"lastMigration"').length < 3)
      await once(program.stdout as NodeJS.ReadableStream, 'data');
    program.kill('SIGINT');
    expect(await ended).toBe(0);
  }, 240_000);
});
