import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { smtpChannel } from '../../../apps/email-worker/src/smtp-channel.js';
import { tellOfWebhook } from '../../../apps/lockout-worker/src/tell-of-webhook.js';
import { reconcile } from '../../../apps/relay/src/reconcile.js';
import { newId } from '#contracts';
import { Deliverer, RouteTable } from '#delivery';
import { startEmailWorker, startLockoutWorker, startRelay, startWebhookWorker } from '../../support/apps.js';
import { openQueues } from '../../support/queues.js';
import { startSmtpServer, type TestSmtpServer } from '../../support/smtp-server.js';
import { startReceiver, status, type Receiver } from '../../support/webhook-receiver.js';
import { deliveryTo, endpoint, occur, sender, webhookSealer } from '../../support/webhook-sending.js';
import { ends, lines, logger, open, run, sealer, sql, until, urlOf } from '../../support/worker-roles.js';

/** The mail to whoever looks after a webhook that was disabled, each process under its role. */

const to = 'ops@panel.example';
let gone: Receiver;
let smtp: TestSmtpServer;
beforeEach(async () => {
  await sql('truncate send_window');
  gone = await startReceiver();
  gone.answer(status(410));
  smtp = await startSmtpServer();
});
afterEach(async () => {
  await gone.close();
  await smtp.close();
});

const mailChannel = () => {
  const channel = smtpChannel({ url: smtp.url, from: 'Panel <2fa@panel.example>' });
  ends.push(async () => channel.close());
  return channel;
};

/** A webhook of the receiver that is gone. @returns its id */
async function looked(contact: string | null, locale: string | null = null): Promise<string> {
  const { id } = await endpoint(gone.url);
  const contactSealed = contact && sealer.seal('webhook-contact', id, contact);
  await sql('update webhook set contact_sealed = $2, contact_locale = $3 where id = $1', [id, contactSealed, locale]);
  return id;
}

/** It answers 410. @returns the event that tells of it, with the job that it starts */
async function disable(webhookId: string): Promise<string> {
  await occur();
  const worker = await sender();
  await worker.deliver((await deliveryTo(webhookId)).id);
  await worker.idle();
  const [told] = await sql<{ id: string }>(
    `select e.id from event e join outbox o on o.id = e.id and o.job = 'tell-of-webhook'
     where e.type = 'webhook.disabled' and e.data ->> 'webhookId' = $1`,
    [webhookId],
  );
  return told?.id ?? '';
}

const tell = async (eventId: string) =>
  tellOfWebhook({ database: await open('sallyport_lockout_worker'), sealer }, { eventId });
const mails = () =>
  sql<{ id: string; status: string; payload_sealed: Buffer | null }>(`select * from delivery order by id`);

test('comes by the relay, the queues and the workers as they run', async () => {
  const id = await looked(to, 'nl');
  await sql(`update tenant set policy = '{"sms": {"brand": "Acme"}, "supportContact": "help@acme.example"}'`);
  const parts = async (role: string) => {
    const queues = await openQueues(urlOf(role), logger);
    ends.push(() => queues.close());
    return { database: await open(role), queues, logger };
  };
  await run(
    startEmailWorker({ ...(await parts('sallyport_email_worker')), sealer, routes: new RouteTable([mailChannel()]) }),
  );
  await run(startLockoutWorker({ ...(await parts('sallyport_lockout_worker')), sealer }));
  const webhooks = { sealer: webhookSealer, allowPrivate: true as const };
  await run(startWebhookWorker({ ...(await parts('sallyport_webhook_worker')), ...webhooks }));
  await run(startRelay(await parts('sallyport_relay')));
  await occur();
  await until('the mail is there', () => smtp.mails.length > 0);
  const [mail] = smtp.mails;
  expect(mail?.envelope.to).toEqual([to]);
  expect(mail?.subject).toBe('Acme: een webhook is uitgeschakeld');
  for (const word of [id, new URL(gone.url).host, '410', 'enabled', `PATCH /v1/webhooks/${id}`, 'help@acme.example'])
    expect(mail?.text).toContain(word);
  // Neither the rest of its address, which may be a secret, nor anybody's name.
  expect(mail?.raw).not.toMatch(/\/hook|person|customer/);
  expect(lines.join('')).not.toContain(to);
  await until('nothing of it is left', async () => (await mails()).every((each) => each.payload_sealed === null));
  expect(await mails()).toMatchObject([{ status: 'sent' }]);
}, 120_000);

describe('the mail', () => {
  test('says that nothing was taken for five days, in English where no language was named', async () => {
    const id = await looked(to);
    // What an event says nobody can change: this one says so from the beginning.
    const eventId = newId('event');
    const data = { webhookId: id, host: new URL(gone.url).host, reason: 'failing' };
    await sql(`insert into event (id, tenant_id, type, data) values ($1, 'tnt_1', 'webhook.disabled', $2)`, [
      eventId,
      data,
    ]);
    await sql(`insert into outbox (id, job, line, payload) values ($1, 'tell-of-webhook', '', '{}')`, [eventId]);
    await sql(`update webhook set status = 'disabled' where id = $1`, [id]);
    await tell(eventId);
    const [mail] = await mails();
    const database = await open('sallyport_email_worker');
    await new Deliverer({ database, sealer, routes: new RouteTable([mailChannel()]), logger }).deliver(mail?.id ?? '');
    expect(smtp.mails[0]?.subject).toMatch(/: a webhook was disabled$/);
    expect(smtp.mails[0]?.text).toContain('has taken nothing for five days');
    expect(smtp.mails[0]?.text).not.toContain('410');
  });

  test('is written once, however often its job runs', async () => {
    const eventId = await disable(await looked(to));
    await Promise.all([tell(eventId), tell(eventId), tell(eventId)]);
    await tell(eventId);
    expect((await mails()).length).toBe(1);
  });

  test('goes to nobody where no address was named, the webhook is enabled again or is deleted', async () => {
    const [nobodys, again, deleted] = [await looked(null), await looked(to), await looked(to)];
    const events = [await disable(nobodys), await disable(again), await disable(deleted)];
    await sql(`update webhook set status = 'enabled' where id = $1`, [again]);
    await sql('delete from webhook where id = $1', [deleted]);
    for (const eventId of events) await tell(eventId);
    expect(await mails()).toEqual([]);
    expect(await sql(`select from outbox where job = 'tell-of-webhook'`)).toEqual([]);
  });

  test('comes no more often to one address than to a user', async () => {
    await tell(await disable(await looked(to)));
    // As many as a day has, and the next one too, should it begin meanwhile.
    await sql('update send_window set sent = 30');
    for (const lasts of ['1 hour', '1 day'])
      await sql(
        `insert into send_window (key, starts_at, sent) select key, starts_at + $1::interval, 30 from send_window
         on conflict do nothing`,
        [lasts],
      );
    await tell(await disable(await looked(to)));
    expect((await mails()).length).toBe(1);
    await tell(await disable(await looked('team@panel.example')));
    expect((await mails()).length).toBe(2);
  });

  test('that fails, or is not sent in time, is told of by an event about nobody', async () => {
    for (const _ of [1, 2]) await tell(await disable(await looked(to)));
    const [refused, late] = await mails();
    smtp.next({ at: 'RCPT', code: 550 });
    const database = await open('sallyport_email_worker');
    await new Deliverer({ database, sealer, routes: new RouteTable([mailChannel()]), logger }).deliver(
      refused?.id ?? '',
    );
    await sql(`update delivery set expires_at = now() - interval '1 second' where id = $1`, [late?.id]);
    await reconcile(await open('sallyport_relay'));
    expect((await mails()).map((mail) => [mail.status, mail.payload_sealed])).toEqual([
      ['failed', null],
      ['expired', null],
    ]);
    const told = await sql(
      `select type, tenant_id, account_id, user_id, user_ref, data ->> 'deliveryId' as about from event where type like 'notice.%' order by type`,
    );
    const nobody = { tenant_id: 'tnt_1', account_id: null, user_id: null, user_ref: null };
    expect(told).toEqual([
      { type: 'notice.expired', ...nobody, about: late?.id },
      { type: 'notice.failed', ...nobody, about: refused?.id },
    ]);
  });
});
