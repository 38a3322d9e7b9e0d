import { deliveryRow, newId, type DeliveryPayload } from '#contracts';
import type { Rig } from '../rig.ts';
import type { Program, Provider } from '../system.ts';

/** Lays out the work of relay and SMS workers, and sees when it is done. */
export class Deliveries {
  private readonly rig: Rig;
  private readonly providers = new Map<number, Provider>();

  constructor(rig: Rig) {
    this.rig = rig;
  }

  async fillOutbox(count: number): Promise<void> {
    await this.rig.sql.query(
      `insert into outbox (id, job, line, payload)
       select id, 'deliver-sms', '', jsonb_build_object('deliveryId', delivery, 'requestId', request)
       from unnest($1::text[], $2::text[], $3::text[]) as o(id, delivery, request)`,
      (['event', 'delivery', 'request'] as const).map((kind) => Array.from({ length: count }, () => newId(kind))),
    );
  }

  allPublished(): Promise<void> {
    return this.rig.until(
      'everything is published',
      async () => (await this.rig.number(`select count(*) from outbox where published_at is null`)) === 0,
    );
  }

  /** Deliveries as an accepted challenge leaves them, with their outbox rows. */
  async fill(count: number): Promise<void> {
    const { tenantId, sealer, sms } = this.rig.seeded;
    const rows = Array.from({ length: count }, (_, index) => {
      const user = sms[index % sms.length];
      if (!user) throw new Error('There are no users with SMS.');
      const id = newId('delivery');
      const payload: DeliveryPayload = {
        kind: 'code',
        to: user.phone,
        code: String(index % 1_000_000).padStart(6, '0'),
        brand: 'Sallyport',
        host: null,
        locale: 'en',
        purpose: 'login',
        detail: null,
        minutes: 5,
      };
      const sealed = sealer.seal('delivery', deliveryRow(tenantId, user.deviceId, id), JSON.stringify(payload));
      return { id, user, sealed, event: newId('event'), request: newId('request') };
    });
    await this.rig.sql.query(
      `with d as (
         select * from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[])
           as d(id, owner, device, sealed, event, request)
       ), delivery_row as (
         insert into delivery
           (id, tenant_id, user_id, device_id, channel, kind, payload_sealed, request_id, expires_at)
         select id, $1, owner, device, 'sms', 'code', sealed, request, now() + interval '5 minutes' from d
       )
       insert into outbox (id, job, line, payload)
       select event, 'deliver-sms', $1, jsonb_build_object('deliveryId', id, 'requestId', request) from d`,
      [
        tenantId,
        rows.map(({ id }) => id),
        rows.map(({ user }) => user.userRef),
        rows.map(({ user }) => user.deviceId),
        rows.map(({ sealed }) => sealed),
        rows.map(({ event }) => event),
        rows.map(({ request }) => request),
      ],
    );
  }

  async allSent(): Promise<void> {
    // By the index of those that wait: to count all of them, each 25 ms, took a fifth of the database's time.
    const open = `select count(*) from (select from delivery where status in ('queued', 'sending') limit 1) open`;
    await this.rig.until('nothing waits', async () => (await this.rig.number(open)) === 0);
    await this.rig.until('everything is sent', async () => {
      const failed = await this.rig.number(`select count(*) from delivery where status in ('failed', 'expired')`);
      if (failed > 0) throw new Error(`${failed} deliveries failed.`);
      return (await this.rig.number(`select count(*) from delivery where status <> 'sent'`)) === 0;
    });
  }

  /**
   * @param delayMs that the provider takes for its answer
   * @param inHand messages at a time; its usual number where left out
   */
  async startSmsWorker(delayMs = 0, inHand?: number): Promise<Program> {
    const provider = this.providers.get(delayMs) ?? (await this.rig.system.provider(delayMs));
    this.providers.set(delayMs, provider);
    return this.rig.system.start('sms-worker', {
      VONAGE_API_KEY: provider.apiKey,
      VONAGE_API_SECRET: provider.apiSecret,
      VONAGE_API_HOST: provider.host,
      VONAGE_FROM: 'Bench',
      ...(inHand !== undefined && { SMS_CONCURRENCY: String(inHand) }),
    });
  }
}
