import { setTimeout as sleep } from 'node:timers/promises';
import { deliveryRow, newId, type DeliveryPayload } from '#contracts';
import { createTenant, Database, type Sealer } from '#persistence';
import type { System } from './system.ts';

/** Codes added at once at most. */
const batch = 250;

export interface Tenant {
  readonly tenantId: string;
  readonly userRef: string;
}

export async function addTenant({ sql, databaseUrl }: System, name: string): Promise<Tenant> {
  const database = Database.open({ url: databaseUrl, poolSize: 1, onError: () => undefined });
  const { tenantId } = await createTenant(database, { name });
  await database.close();
  const [account, userRef] = [newId('account'), newId('user')];
  await sql.query('insert into account (id, tenant_id, external_id) values ($1, $2, $1)', [account, tenantId]);
  await sql.query(
    `insert into app_user (id, tenant_id, account_id, external_id, kind, profile_sealed, event_key_sealed)
     values ($1, $2, $3, $1, 'person', '', '')`,
    [userRef, tenantId, account],
  );
  return { tenantId, userRef };
}

/** Codes as an accepted challenge leaves them. */
export async function addCodes(
  { sql }: System,
  sealer: Sealer,
  { tenantId, userRef }: Tenant,
  count: number,
): Promise<void> {
  const ids = Array.from({ length: count }, () => newId('delivery'));
  const device = newId('device');
  const payload: DeliveryPayload = {
    kind: 'code',
    to: '+31610000000',
    code: '123456',
    brand: 'Sallyport',
    host: null,
    locale: 'en',
    purpose: 'login',
    detail: null,
    minutes: 5,
  };
  const sealed = ids.map((id) => sealer.seal('delivery', deliveryRow(tenantId, device, id), JSON.stringify(payload)));
  await sql.query({
    name: 'add-codes',
    text: `with d as (select * from unnest($4::text[], $5::bytea[]) as d(id, sealed)),
     delivery_row as (
       insert into delivery (id, tenant_id, user_id, device_id, channel, kind, payload_sealed, expires_at)
       select id, $1, $2, $3, 'sms', 'code', sealed, now() + interval '5 minutes' from d
     )
     insert into outbox (id, job, line, payload)
     select id, 'deliver-sms', $1, jsonb_build_object('deliveryId', id) from d`,
    values: [tenantId, userRef, device, ids, sealed],
  });
}

/** Adds codes at a rate until there are so many, or until it is told to stop. */
export function addEvenly(add: (count: number) => Promise<void>, perSecond: number, most: number) {
  let running = true;
  const step = Math.max(1, Math.min(batch, Math.floor(perSecond / 4)));
  const work = (async () => {
    const start = performance.now();
    for (let count = 0; running && count < most; count += step) {
      await sleep(Math.max(0, start + (count / perSecond) * 1000 - performance.now()));
      await add(Math.min(step, most - count));
    }
  })();
  return {
    done: work,
    stop: () => {
      running = false;
      return work;
    },
  };
}
