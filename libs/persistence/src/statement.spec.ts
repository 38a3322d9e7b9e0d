import { describe, expect, it } from '@jest/globals';
import { sql, statement } from './statement.js';

type Values = { tenantId: string; id: string; limit: number };

describe('a statement', () => {
  it('numbers its values in the order of their first use, each once', () => {
    const ofTenant = (by: { tenantId: string }) => sql`tenant_id = ${by.tenantId}`;
    const made = statement<object, Values>(
      'spec.numbers',
      ($) => sql`select from device where id = ${$.id} and ${ofTenant($)} and ${$.id} <> '' limit ${$.limit} + ${1}`,
    );
    expect(made).toEqual({
      name: 'spec.numbers',
      text: `select from device where id = $1 and tenant_id = $2 and $1 <> '' limit $3 + 1`,
      names: ['id', 'tenantId', 'limit'],
    });
  });

  it('leaves alone what is no value, as casts, quotes of PostgreSQL and backslashes', () => {
    const text = sql`do $$ begin perform '\x00'::bytea, 'a:b'; end $$`;
    expect(statement('spec.quotes', text)).toMatchObject({ text, names: [] });
    expect(text).toContain(String.raw`'\x00'`);
  });

  it('takes no number, and no name twice', () => {
    expect(() => statement('spec.number', sql`select $1::text`)).toThrow('no numbers');
    statement('spec.twice', sql`select 1`);
    expect(() => statement('spec.twice', sql`select 2`)).toThrow('Two statements');
  });
});
