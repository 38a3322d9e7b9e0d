import { beforeAll, describe, expect, test } from '@jest/globals';
import { call, panel } from '../../support/described-panel.js';
import type { EnrolledTotp } from '../../support/gateway-harness.js';
import { readRows } from '../../support/table-rows.js';

/** What people paste and programs pass on: taken where it is clear what is meant, else refused before it costs anything. */
let user: EnrolledTotp;

beforeAll(async () => {
  user = await panel.totpUser();
});

describe('of a user', () => {
  test.each([
    '\u202a+31 6 12345678\u202c',
    '\u200e+31612345678',
    '+31\ufe0f612345678',
    '+३१६१२३४५६७८',
    'tel:+31-6-1234-5678',
    '+31‑6‑1234−5678',
    `${'\u200e'.repeat(60)}+31612345678`,
  ])('the number %j is taken for what it says', async (phone) => {
    expect(await call('PUT', user.path, { phone })).toMatchObject({ status: 200, body: { phone: '+31612345678' } });
  });

  test.each([
    ['jane@example.xn--p1ai', 'jane@example.xn--p1ai'],
    ['jane@пример.рф', 'jane@xn--e1afmkfd.xn--p1ai'],
    ['r&d@panel.example', 'r&d@panel.example'],
    [' jane@panel.example ', 'jane@panel.example'],
    [`${'x'.repeat(64)}@panel.example`, `${'x'.repeat(64)}@panel.example`],
  ])('the address %j is kept as %j', async (text, email) => {
    expect(await call('PUT', user.path, { email: text })).toMatchObject({ status: 200, body: { email } });
  });

  test.each([`${'x'.repeat(65)}@panel.example`, 'jane@panel..example', `jane@${'x'.repeat(64)}.example`, 'a@1.2.3.4'])(
    'the address %j is none',
    async (email) => {
      expect(await call('PUT', user.path, { email })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/email' }] },
      });
    },
  );

  test.each([
    'nl-NL-u-rg-bezzzz',
    'en-US-u-ca-gregory-hc-h12-nu-latn-rg-nlzzzz-tz-nlams',
    'zh-Hant-TW',
    'zh-yue-HK',
    'sl-rozaj-biske-1994',
    'de-CH-1996',
    'es-419',
    'en-t-jp-m0-true',
    'de-DE-x-formal',
    'x-klingon',
    'i-klingon',
  ])('the locale %s is taken as it is', async (locale) => {
    expect(await call('PUT', user.path, { locale })).toMatchObject({ status: 200, body: { locale } });
    expect((await call('PUT', `/v1/accounts/${user.accountId}`, { locale })).body.locale).toBe(locale);
  });

  test.each(['', 'n', 'nl_NL', 'nl-', '-nl', 'nl--NL', 'nl-u', 'nl-x', 'nl NL', 'nl-NL-é', 'nl-abcdefghi', '1nl'])(
    'the locale %j is none',
    async (locale) => {
      expect(await call('PUT', user.path, { locale })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: '/locale' }] },
      });
    },
  );
});

describe('phone numbers by the policy', () => {
  const device = (phone: string) => ({ method: 'sms', name: 'Phone', phone });

  test('national ones are those of phone.defaultCountry', async () => {
    const tenant = await panel.tenant();
    const owner = await panel.user(tenant);
    const put = (phone: string) => tenant.call('PUT', owner.path, { phone });
    expect(await put('0612345678')).toMatchObject({ status: 422, body: { code: 'phone_invalid' } });
    await tenant.call('PUT', '/v1/policy', { phone: { defaultCountry: 'NL' } });
    expect(await put('0612345678')).toMatchObject({ status: 200, body: { phone: '+31612345678' } });
    expect(await put('+32 470 12 34 56')).toMatchObject({ body: { phone: '+32470123456' } });
    // An account has a country of its own; with the user comes the account's.
    await tenant.call('PUT', `/v1/accounts/${owner.accountId}/policy`, { phone: { defaultCountry: 'BE' } });
    expect(await put('0470 12 34 56')).toMatchObject({ body: { phone: '+32470123456' } });
    const added = await tenant.call('POST', `${owner.path}/devices`, device('0470 12 34 57'));
    expect(added).toMatchObject({ status: 201, body: { maskedAddress: '+32*****57' } });
    await tenant.call('PUT', `/v1/accounts/${owner.accountId}/policy`, { phone: { defaultCountry: null } });
    expect(await put('0612345678')).toMatchObject({ status: 422, body: { code: 'phone_invalid' } });
  });

  test.each([
    ['/phone/defaultCountry', { defaultCountry: 'UK' }],
    ['/phone/defaultCountry', { defaultCountry: 'nl' }],
    ['/phone/defaultCountry', { defaultCountry: 'XX' }],
    ['/phone/defaultCountry', { defaultCountry: 'AQ' }],
    ['/phone/defaultCountry', { defaultCountry: '*' }],
    ['/phone/allowedCountries/1', { allowedCountries: ['NL', 'UK'] }],
    ['/phone/timeZone', { timeZone: 'Mars/Olympus' }],
    ['/phone/timeZone', { timeZone: 'Etc/Unknown' }],
    ['/phone/timeZone', { timeZone: 'posixrules/x' }],
  ])('%s is judged when it is written: %j', async (pointer, phone) => {
    const before = await readRows(panel);
    for (const path of ['/v1/policy', `/v1/accounts/${user.accountId}/policy`])
      expect(await call('PUT', path, { phone })).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await readRows(panel)).toEqual(before);
  });

  test('a time zone is any that PostgreSQL knows, whatever this program knows', async () => {
    const names = await panel.sql<{ name: string }>(
      `select name from pg_timezone_names where name ~ '^(Asia|America|Pacific)/' order by random() limit 20`,
    );
    expect(names).toHaveLength(20);
    for (const { name } of names)
      expect((await call('PUT', `/v1/accounts/${user.accountId}/policy`, { phone: { timeZone: name } })).status).toBe(
        200,
      );
    expect((await call('PUT', `/v1/accounts/${user.accountId}/policy`, {})).status).toBe(200);
  });

  test.each([
    ['Argentina', '+54 9 11 2345-6789', '+54 11 15 2345-6789', '+54 11 2345-6789'],
    ['Brazil', '+55 11 97123-4567', '+55 11 7123-4567', '+55 (011) 97123 4567'],
    ['Brazil, where the old one is valid no more', '+55 11 98123-4567', '+55 11 8123-4567', '+5511 9 8123 4567'],
    ['Mexico', '+52 55 1234 5678', '+52 1 55 1234 5678', '+5215512345678'],
  ])('one phone has one quota in all its spellings: %s', async (_, ...spellings) => {
    const tenant = await panel.tenant();
    await tenant.call('PUT', '/v1/policy', { phone: { allowedCountries: ['*'], smsPerDevicePerDay: 2 } });
    const owner = await panel.user(tenant);
    const codes = [];
    for (const phone of spellings)
      codes.push((await tenant.call('POST', `${owner.path}/devices`, device(phone))).body.code);
    expect(codes).toEqual([undefined, undefined, 'sms_quota_exceeded']);
  });

  test.each([
    ['+449098790000', ['*'], 'sms_blocked'],
    ['+449098790000', ['GB'], 'sms_blocked'],
    ['+18005550199', ['*'], 'sms_blocked'],
    ['+18005550199', ['US'], 'country_not_allowed'],
    ['+18885551234', ['DO'], 'country_not_allowed'],
    ['+18001646460', ['DO'], 'phone_invalid'],
    ['+49700123456', ['*'], 'phone_invalid'],
  ])('no SMS is paid for %s where %j are allowed', async (phone, allowedCountries, code) => {
    const tenant = await panel.tenant();
    await tenant.call('PUT', '/v1/policy', { phone: { allowedCountries } });
    const owner = await panel.user(tenant);
    expect(await tenant.call('POST', `${owner.path}/devices`, device(phone))).toMatchObject({
      status: 422,
      body: { code },
    });
    expect(await panel.sql('select from delivery where tenant_id = $1', [tenant.tenantId])).toEqual([]);
  });
});
