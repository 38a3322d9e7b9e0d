import { afterEach, expect, jest } from '@jest/globals';
import { call, panel } from './described-panel.js';

/** Calls with an Idempotency-Key at one gateway, for each file that imports this. */

export { call, panel };
afterEach(() => {
  jest.restoreAllMocks();
});

let keys = 0;
export const freshKey = () => ({ 'idempotency-key': `key-${(keys += 1)}` });
let numbers = 0;
export const sms = () => ({ method: 'sms', name: 'Phone', phone: `+316${String(22_000_000 + (numbers += 1))}` });

async function count(table: string): Promise<number> {
  const [row] = await panel.sql<{ n: number }>(`select count(*)::int as n from ${table}`);
  return row?.n ?? 0;
}

/** Rows that came while something was done. */
export async function added<T>(
  tables: readonly string[],
  work: () => Promise<T>,
): Promise<{ result: T; rows: Record<string, number> }> {
  const before = await Promise.all(tables.map(count));
  const result = await work();
  const after = await Promise.all(tables.map(count));
  return {
    result,
    rows: Object.fromEntries(tables.map((table, index) => [table, (after[index] ?? 0) - (before[index] ?? 0)])),
  };
}

export async function smsUser(): Promise<{ accountId: string; userId: string; path: string; deviceId: string }> {
  const user = await panel.user();
  const { id } = (await call('POST', `${user.path}/devices`, sms())).body;
  expect((await call('POST', `/v1/devices/${id}/verify`, { code: await panel.sentCode(id) })).status).toBe(200);
  return { ...user, deviceId: id };
}
