import { beforeAll, describe, expect, test } from '@jest/globals';
import { call, panel } from '../../support/described-panel.js';
import { totp, wrongTotp, type EnrolledTotp } from '../../support/gateway-harness.js';
import { runProgram } from '../../support/system.js';
import { readRows } from '../../support/table-rows.js';

/** What people paste and programs pass on: taken where it is clear what is meant, else refused before it costs anything. */
let user: EnrolledTotp;

beforeAll(async () => {
  user = await panel.totpUser();
});

const ask = (more: object) =>
  call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId, ...more });
const challenge = () => panel.challenge(user);

describe('a code of another form is refused before it is charged', () => {
  const forms = [
    '',
    '1',
    '12 34',
    '12345',
    '1234567',
    '123456789',
    '123 456',
    '123-456',
    ' 123456',
    '123456\n',
    '123456\u00a0',
    '１２３４５６',
    '١٢٣٤٥٦',
    '12345a',
    '+12345',
    '-12345',
    '1e5000',
    '123456\u0000',
    '\ud800',
    'x'.repeat(1000),
  ];

  test.each(forms)('%j', async (code) => {
    const id = await challenge();
    const first = await panel.user();
    const app = await call('POST', `${first.path}/devices`, { method: 'totp', name: 'App' });
    const phone = await call('POST', `${(await panel.user()).path}/devices`, {
      method: 'sms',
      name: 'Phone',
      phone: '+31612345678',
    });
    const before = await readRows(panel);
    for (const [path, more] of [
      [`/v1/challenges/${id}/verify`, { deviceId: user.deviceId }],
      [`/v1/challenges/${id}/verify`, {}],
      [`/v1/devices/${app.body.id}/verify`, {}],
      [`/v1/devices/${phone.body.id}/verify`, {}],
    ] as const) {
      const answer = await call('POST', path, { ...more, code });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ pointer: '/code' }] } });
    }
    expect(await readRows(panel)).toEqual(before);
  });

  test('eight digits at an app that shows six, and six at one that shows eight', async () => {
    const owner = await panel.user();
    const seed = { name: 'App', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', digits: 8 };
    const eight = (await call('POST', `${owner.path}/devices/import`, seed)).body.id;
    const of = { accountId: owner.accountId, userId: owner.userId };
    const theirs = (await call('POST', '/v1/challenges', of)).body.challenge.id;
    const id = await challenge();
    const before = await readRows(panel);
    for (const [path, body] of [
      [`/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code: '12345678' }],
      [`/v1/challenges/${theirs}/verify`, { deviceId: eight, code: '123456' }],
    ] as const) {
      expect(await call('POST', path, body)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/code' }] } });
    }
    expect(await readRows(panel)).toEqual(before);
    // A wrong code of the right form is charged.
    const wrong = { deviceId: user.deviceId, code: wrongTotp(user.secret) };
    expect(await call('POST', `/v1/challenges/${id}/verify`, wrong)).toMatchObject({
      status: 422,
      body: { code: 'code_invalid', attemptsLeft: 4 },
    });
  });

  test('while a new number waits to be proved', async () => {
    await panel.sql('update device set last_used_step = null, wrong_codes = 0 where id = $1', [user.deviceId]);
    const owner = await panel.totpUser();
    const proof = await panel.proof(owner, 'add_device');
    const body = { method: 'sms', name: 'Phone', phone: '+31687654321' };
    const phone = (await call('POST', `${owner.path}/devices`, body, { 'sallyport-proof': proof })).body.id;
    await call('POST', `/v1/devices/${phone}/verify`, { code: await panel.sentCode(phone) });
    await panel.passMinute();
    const change = { 'sallyport-proof': await panel.proof(owner, 'change_phone') };
    expect((await call('PUT', `/v1/devices/${phone}/phone`, { phone: '+31611111111' }, change)).status).toBe(200);
    const before = await readRows(panel);
    for (const code of ['12 34', '12345678'])
      expect((await call('POST', `/v1/devices/${phone}/verify`, { code })).status).toBe(400);
    expect(await readRows(panel)).toEqual(before);
  });
});

describe('what is only noted decides no login', () => {
  test.each([
    ['a browser that calls itself in Cyrillic', { userAgent: 'Обозреватель/1.0' }],
    ['the same as HTTP libraries read it', { userAgent: Buffer.from('Обозреватель').toString('latin1') }],
    ['one of 5,000 characters', { userAgent: 'x🙂'.repeat(2500) }],
    ['an empty one', { userAgent: '' }],
    ['one with line breaks', { userAgent: 'a\r\nX: b\u2028c' }],
    ['one with NUL', { userAgent: 'a\0b' }],
    ['one with half a surrogate pair', { userAgent: 'cut \ud83d' }],
    ['none', { userAgent: null, ip: null }],
    ['one that is a list', { userAgent: ['a', 'b'], ip: ['192.0.2.1'] }],
    ['an address with a port', { ip: '192.0.2.1:443' }],
    ['a list of them', { ip: '192.0.2.1, 10.0.0.1' }],
    ['one with a zone', { ip: 'fe80::1%eth0' }],
    ['one in brackets', { ip: '[2001:db8::1]:443' }],
    ['none that can be read', { ip: 'unknown\0' }],
    ['an empty one', { ip: '' }],
  ])('%s', async (_, context) => {
    const answer = await ask({ context });
    expect(answer).toMatchObject({ status: 201, body: { decision: 'challenge' } });
  });

  test('nor does no context at all, or a cookie that is damaged', async () => {
    for (const more of [{ context: null }, { trustedBrowser: '' }, { trustedBrowser: `a\0${'x'.repeat(500)}` }])
      expect(await ask(more)).toMatchObject({ status: 201, body: { decision: 'challenge' } });
  });

  test('an address is the same place in each of its spellings', async () => {
    await panel.passMinute();
    await panel.sql('update device set wrong_codes = 0 where id = $1', [user.deviceId]);
    const opened = await ask({ context: { ip: '198.51.100.7' } });
    const code = { deviceId: user.deviceId, code: totp(user.secret) };
    expect((await call('POST', `/v1/challenges/${opened.body.challenge.id}/verify`, code)).status).toBe(200);
    const known = async (ip: string) => {
      const { id } = (await ask({ context: { ip } })).body.challenge;
      return (await panel.sql<{ known: boolean }>('select known from challenge where id = $1', [id]))[0]?.known;
    };
    for (const ip of [
      '198.51.100.7:51234',
      '::ffff:198.51.100.7',
      '[::ffff:c633:6407]:443',
      '198.51.100.9, 10.0.0.1',
      ' 198.51.100.7 ',
    ])
      expect([ip, await known(ip)]).toEqual([ip, true]);
    expect(await known('198.51.101.7')).toBe(false);
  });
});

describe('a name can be seen', () => {
  const unseen = [
    '\u200b',
    '\u200b\u200d',
    '\u00a0\u2003',
    '\u2060',
    '\u3164',
    '\u2800',
    '\u00ad',
    '\u115f',
    '\ufe0f',
    '\u0301',
    '\u{e0020}',
  ];

  test.each(unseen)('unlike %j', async (name) => {
    const before = await readRows(panel);
    for (const [method, path, body, pointer] of [
      ['PUT', `/v1/accounts/${user.accountId}`, { name }, '/name'],
      ['PUT', user.path, { displayName: name }, '/displayName'],
      ['PATCH', `/v1/devices/${user.deviceId}`, { name }, '/name'],
      ['POST', `${user.path}/devices`, { method: 'totp', name }, '/name'],
      ['POST', `${user.path}/devices/import`, { name, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }, '/name'],
      ['POST', '/v1/api-keys', { name, scopes: ['audit'] }, '/name'],
      ['PUT', '/v1/policy', { totp: { issuer: name } }, '/totp/issuer'],
      ['PUT', '/v1/policy', { webauthn: { rpName: name } }, '/webauthn/rpName'],
    ] as const) {
      const answer = await call(method, path, body);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(pointer);
    }
    expect(await readRows(panel)).toEqual(before);
  });

  test.each(['علی\u200cرضا', '👩\u200d💻', 'क्\u200dष', 'é', '日本', '1', '#'])('like %s, as it is', async (name) => {
    expect(await call('PUT', user.path, { displayName: name })).toMatchObject({ body: { displayName: name } });
    expect(await call('PATCH', `/v1/devices/${user.deviceId}`, { name })).toMatchObject({ body: { name } });
  });
});

test.each([
  ['a dash that does not break', (code: string) => code.replaceAll('-', '\u2011')],
  ['a minus sign', (code: string) => code.replaceAll('-', '\u2212')],
  ['a space that does not break', (code: string) => code.replaceAll('-', '\u00a0')],
  ['a long dash and spaces', (code: string) => ` ${code.replaceAll('-', ' — ')} `],
  [
    'full width',
    (code: string) => code.replaceAll(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
  ],
])('a recovery code is right with %s', async (_, written) => {
  const owner = await panel.totpUser();
  const recoveryCode = written(owner.recoveryCodes[0] ?? '');
  const path = `/v1/challenges/${await panel.challenge(owner)}/verify`;
  expect(await call('POST', path, { recoveryCode })).toMatchObject({ status: 200, body: { recoveryCodesLeft: 9 } });
});

test.each([
  ['tenant', 'create', '\u200b'],
  ['key', 'create', '--name', 'x'.repeat(101), '--scopes', 'audit'],
  ['key', 'create', '--name', 'Key', '--scopes', 'audit', '--application', 'a\nb'],
])(
  'the shell takes no names that the API refuses: %s %s',
  async (...args) => {
    const before = await readRows(panel);
    const tenant = args[0] === 'key' ? ['--tenant', panel.tenantId] : [];
    const program = runProgram('standalone/admin', [...args, ...tenant], { DATABASE_URL: panel.databaseUrl });
    expect(await program.ended).toBe(1);
    expect(program.output.stderr).toContain('must be one line of visible text');
    expect(await readRows(panel)).toEqual(before);
  },
  240_000,
);
