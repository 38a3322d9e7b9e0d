import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JsonSchema } from '../../support/api-description.js';
import { readRows } from '../../support/table-rows.js';
import {
  api,
  call,
  expectInvalid,
  ids,
  panel,
  pathOf,
  refuseEach,
  send,
  typesOf,
  user,
  wrongValues,
} from '../../support/bad-input.js';

describe('a body is refused', () => {
  test('for a field that is not known', () =>
    refuseEach(async ({ method }, path, good) => {
      for (const name of ['unknown', 'tenantId', 'a/b~c', 'toString', '', 'é']) {
        const pointer = `/${name.replace('~', '~0').replace('/', '~1')}`;
        expectInvalid(await call(method, path, { ...good, [name]: 1 }), pointer);
      }
      for (const name of ['__proto__', 'constructor']) {
        const text = JSON.stringify(good).replace(/^\{/, `{"${name}":{"isAdmin":true},`);
        expectInvalid(await send(method, path, text), `/${name}`);
      }
    }));

  test('for a field of another type', () =>
    refuseEach(async ({ method, body }, path, good) => {
      for (const [name, schema] of Object.entries(body?.properties ?? {})) {
        for (const wrong of wrongValues(schema)) {
          expectInvalid(await call(method, path, { ...good, [name]: wrong }), `/${name}`);
        }
      }
    }));

  test('for a field that is missing', () =>
    refuseEach(async ({ method, body }, path, good) => {
      for (const name of body?.required ?? []) {
        const { [name]: _, ...rest } = good;
        const answer = await call(method, path, rest);
        expectInvalid(answer, `/${name}`);
        expect(answer.body.detail).toBe(`/${name}: is missing.`);
      }
    }));

  test('where it is not one JSON object', () =>
    refuseEach(async ({ method }, path) => {
      for (const text of [
        '{',
        '{"a":1,}',
        "{'a':1}",
        '[]',
        '[{}]',
        'null',
        'true',
        '1',
        '"text"',
        'x',
        '\u{feff}',
        '{}{}',
      ]) {
        expectInvalid(await send(method, path, text), '');
      }
    }));

  test('where it is too large, or nested too deeply', () =>
    refuseEach(async ({ method }, path, good) => {
      expectInvalid(await send(method, path, JSON.stringify({ ...good, name: 'x'.repeat(65_536) })), '');
      for (const text of [
        `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
        `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`,
      ]) {
        const answer = await send(method, path, text);
        expectInvalid(answer, '');
        expect(answer.body.detail).toMatch(/levels deep/);
      }
    }));

  test('where it is a megabyte', async () => {
    const answer = await send('PUT', '/v1/accounts/large', JSON.stringify({ name: 'x'.repeat(1_048_576) }));
    expectInvalid(answer, '');
    expect(answer.body.detail).toMatch(/64 KiB/);
  });

  test('for text that is no UTF-8, or that cannot be stored', () =>
    refuseEach(async ({ method, body }, path, good) => {
      expectInvalid(await send(method, path, Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)), '');
      // An overlong NUL.
      expectInvalid(await send(method, path, Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d)), '');
      for (const [name, schema] of Object.entries(body?.properties ?? {})) {
        // A cookie that is damaged is as good as none.
        if (!typesOf(schema).includes('string') || name === 'trustedBrowser') continue;
        for (const text of ['a\\u0000b', '\\ud800', 'a\\udc00\\ud800']) {
          const whole = JSON.stringify({ ...good, [name]: 'PLACE' }).replace('PLACE', text);
          expectInvalid(await send(method, path, whole), `/${name}`);
        }
      }
      expectInvalid(await send(method, path, '{"a\\u0000":1}'));
      expectInvalid(await send(method, path, '{"\\ud800":1}'));
    }));

  test('for another content type', () =>
    refuseEach(async ({ method }, path, good) => {
      const text = JSON.stringify(good);
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
        'json',
        null,
      ]) {
        expectInvalid(await send(method, path, text, type), '/headers/content-type');
      }
    }));

  test('for lines that would break out of a mail header or an SMS', () =>
    refuseEach(async ({ method }, path, good) => {
      for (const name of Object.keys(good).filter((field) =>
        ['name', 'displayName', 'detail', 'application', 'actor', 'reason'].includes(field),
      )) {
        for (const text of ['a\r\nBcc: x@y.example', 'a\nb', '\u001b[2J', '\u2028']) {
          expectInvalid(await call(method, path, { ...good, [name]: `a${text}b` }), `/${name}`);
        }
        expectInvalid(await call(method, path, { ...good, [name]: '   ' }), `/${name}`);
        expectInvalid(await call(method, path, { ...good, [name]: 'x'.repeat(1001) }), `/${name}`);
      }
    }));

  test('for a code that is none, before anything is charged', async () => {
    const path = `/v1/challenges/${ids['challengeId']}/verify`;
    const before = await readRows(panel);
    expectInvalid(await call('POST', path, {}), '/code');
    expectInvalid(await call('POST', path, { code: '' }), '/code');
    expectInvalid(await call('POST', path, { code: '1'.repeat(65) }), '/code');
    expectInvalid(await call('POST', path, { code: 123_456 }), '/code');
    expectInvalid(await call('POST', path, { code: '123456', recoveryCode: 'x' }), '/recoveryCode');
    expectInvalid(await call('POST', path, { recoveryCode: 'x', deviceId: user.deviceId }), '/deviceId');
    expect(await readRows(panel)).toEqual(before);
  });
});

describe('T21: generated input', () => {
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom<unknown>(
      '',
      ' ',
      '\0',
      '\ud800',
      -1,
      1e300,
      0,
      '2027-01-01T00:00:00Z',
      '0000-00-00',
      [],
      {},
      null,
      true,
    ),
  );

  /** What fits a schema, or nearly. */
  function near(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map(near));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.const !== undefined) return fc.constant(schema.const);
    const [type = 'string'] = [schema.type ?? []].flat();
    switch (type) {
      case 'object':
        return fc.record(
          Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, either(each)])),
          { requiredKeys: [] },
        );
      case 'array':
        return fc.array(either(schema.items ?? {}), { maxLength: 5 });
      case 'integer':
      case 'number':
        return fc.integer({ min: -1, max: 1000 });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      default:
        return fc.oneof(
          fc.constantFrom('+31612345678', 'name@panel.example', 'nl', 'UTC', '123456', 'NL', '*', 'localhost'),
          fc.string({ unit: 'grapheme', maxLength: 30 }),
          fc.constantFrom(...Object.values(ids)),
        );
    }
  }
  const either = (schema: JsonSchema) =>
    fc.oneof({ weight: 4, arbitrary: near(schema) }, { weight: 1, arbitrary: junk });

  test('never brings an operation to a 5xx, nor to an answer that is not described', async () => {
    const id = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    );
    // An answer without an end is no answer to wait for.
    for (const operation of api.operations.filter(({ key }) => key !== 'GET /v1/audit/stream')) {
      const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
      const values = fc.record(
        Object.fromEntries(
          names.map((name) => [
            name,
            fc.oneof({ weight: 2, arbitrary: fc.constant(ids[name] ?? 'x') }, { weight: 1, arbitrary: id }),
          ]),
        ),
      );
      const query = fc.record(
        Object.fromEntries(
          operation.parameters.filter((each) => each.in === 'query').map((each) => [each.name, either(each.schema)]),
        ),
        { requiredKeys: [] },
      );
      const body = operation.body
        ? fc.oneof({ weight: 6, arbitrary: near(operation.body) }, { weight: 1, arbitrary: junk })
        : fc.constant(undefined);
      const property = fc.asyncProperty(values, query, body, async (params, asked, content) => {
        const wellFormed = Object.fromEntries(
          Object.entries(params).map(([name, text]) => [name, text.toWellFormed()]),
        );
        const search = new URLSearchParams();
        for (const [name, value] of Object.entries(asked))
          search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
        const path = `${pathOf(operation, wellFormed)}${search.size > 0 ? `?${search}` : ''}`;
        const answer = await panel.call(
          operation.method,
          path,
          content === undefined ? undefined : JSON.stringify(content),
        );
        if (answer.status >= 500) throw new Error(`${operation.key} answered ${answer.status}`);
        // `.` and `..` are ways in a tree of folders to every HTTP client: another call then.
        if (names.some((name) => /^\.{1,2}$/.test(wellFormed[name] ?? ''))) return;
        expect(api.faults(operation.method, path, answer)).toEqual([]);
      });
      // A fixed seed: a run that fails can be run again.
      await fc.assert(property, { numRuns: operation.body ? 60 : 20, seed: 20_261_122, endOnFailure: true });
    }
    // Thousands of calls.
  }, 240_000);
});
