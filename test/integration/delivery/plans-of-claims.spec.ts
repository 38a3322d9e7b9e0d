import { expect, test } from '@jest/globals';
import pg from 'pg';
import { declaredStatements } from '#persistence';
import { newDelivery, store } from '../../support/sent-deliveries.js';

const together = ['delivery-claim-together', 'delivery-settle-together'] as const;

/**
 * A plan is made once for a connection, whatever the tables hold by then. While claims were found by the indexes of what is open and
 * of what was sent, each of them read all of both: 3 ms for two messages beside 500 that waited.
 */
test('claims and outcomes are found by their deliveries, whatever the tables held when they were planned', async () => {
  const { id } = await newDelivery();
  const client = new pg.Client(store.url);
  await client.connect();
  try {
    const planOf = async (name: string) => {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (generic_plan) ${declaredStatements.get(name)?.text}`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const copies = (count: number, status: string) =>
      client.query(
        `insert into delivery (id, tenant_id, user_id, device_id, challenge_id, channel, kind, status, expires_at)
         select 'dlv_' || $2 || n, tenant_id, user_id, device_id, challenge_id, channel, kind, $2, expires_at
         from delivery, generate_series(1, $3::int) n where id = $1`,
        [id, status, count],
      );
    const states = [
      () => client.query('analyze delivery'),
      () => copies(500, 'sent'),
      () => client.query('analyze delivery'),
      () => copies(800, 'queued'),
      () => client.query('analyze delivery'),
    ];
    for (const change of states) {
      await change();
      for (const name of together) expect(await planOf(name)).not.toMatch(/delivery_open|delivery_tenant_id/);
    }
  } finally {
    await client.end();
  }
});
