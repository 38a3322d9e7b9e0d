import { expect } from '@jest/globals';
import type { Call } from './gateway-harness.js';

/** Every page of a list, one after the other. */
export async function pages(at: Call, path: string, limit: number): Promise<{ id: string }[][]> {
  const found: { id: string }[][] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&${path.includes('audit') ? 'after' : 'cursor'}=${cursor}`;
    const { status, body } = await at('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${query}`);
    expect(status).toBe(200);
    found.push(body.data);
    cursor = body.nextCursor;
  } while (cursor !== null && found.length < 100 && found.at(-1)?.length !== 0);
  return found;
}
