import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EventStream } from '../../support/event-stream.js';
import { startPanel, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { startOther } from '../../support/parallel.js';

const total = 100_000;
/** Events after which a consumer is killed, at most. */
const most = 30_000;

let panel: TestPanel;
let other: Awaited<ReturnType<typeof startOther>>;
let tenant: TestTenant;
let ids: readonly string[];

beforeAll(async () => {
  panel = await startPanel();
  other = await startOther(panel, 4);
  tenant = await panel.tenant();
  const { tenantId } = tenant;
  // As if they had been sealed: nobody verifies them here, and no worker adds to them.
  const entries = `select n, 'evt_' || md5(n::text) as id from generate_series(1, ${total}) n`;
  await panel.sql(
    `insert into event (id, tenant_id, type, account_id, user_id, data)
     select id, $1, 'challenge.approved', 'acme', 'user-' || n, jsonb_build_object('n', n) from (${entries}) e`,
    [tenantId],
  );
  await panel.sql(
    `insert into audit_entry (tenant_id, sequence, event_id, leaf_hash) select $1, n, id, sha256(id::bytea) from (${entries}) e`,
    [tenantId],
  );
  await panel.sql(`insert into audit_log (tenant_id, size, edge) values ($1, ${total}, '{}')`, [tenantId]);
  await panel.sql('analyze event');
  await panel.sql('analyze audit_entry');
  ids = (await panel.sql<{ id: string }>(`select id from (${entries}) e order by n`)).map(({ id }) => id);
});
afterAll(async () => {
  await other.stop();
  await panel.stop();
});

const gateway = (turn: number) => (turn % 2 === 0 ? panel.url : other.url);

/** Reads an export until it is killed, at any byte. @returns ids of the lines that are whole */
async function exportUntilKilled(url: string, cursor: string | undefined, events: number): Promise<string[]> {
  const abort = new AbortController();
  const query = `format=cloudevents${cursor === undefined ? '' : `&cursor=${cursor}`}`;
  const response = await fetch(`${url}/v1/audit/export?${query}`, {
    headers: { authorization: `Bearer ${tenant.apiKey}` },
    signal: abort.signal,
  });
  let text = '';
  const found: string[] = [];
  try {
    for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) found.push((JSON.parse(line) as { id: string }).id);
      if (found.length >= events) abort.abort();
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  return found;
}

describe(`a consumer of ${total.toLocaleString('en')} events that is killed, goes on and changes gateways`, () => {
  test('has no gap and no repeat by exports', async () => {
    const have: string[] = [];
    for (let turn = 0; have.length < total; turn += 1)
      have.push(...(await exportUntilKilled(gateway(turn), have.at(-1), randomInt(1, most))));
    expect(have.length).toBe(total);
    expect(have.findIndex((id, n) => id !== ids[n])).toBe(-1);
  });

  test('has no gap and no repeat by the stream', async () => {
    // A stream begins after an event.
    const have = ids.slice(0, 1);
    for (let turn = 0; have.length < total; turn += 1) {
      const stream = await EventStream.open(gateway(turn), tenant.apiKey, '', have.at(-1));
      await stream.until(Math.min(randomInt(1, most), total - have.length));
      stream.close();
      await stream.ended;
      have.push(...stream.ids);
    }
    expect(have.length).toBe(total);
    expect(have.findIndex((id, n) => id !== ids[n])).toBe(-1);
  });
});
