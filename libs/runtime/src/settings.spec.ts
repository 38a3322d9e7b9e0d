import { describe, expect, it } from '@jest/globals';
import { assertSettings, optionalSetting } from './read-settings.js';
import type { SettingName } from './settings.js';

const isTaken = (name: SettingName, value: string): boolean => {
  try {
    return optionalSetting(name, { [name]: value }) !== undefined;
  } catch {
    return false;
  }
};

describe('a setting', () => {
  it.each<[SettingName, string[], string[]]>([
    ['PORT', ['0', '80', '65535'], ['abc', '-1', '65536', '1e3', '0x50', '80.5', 'true']],
    [
      'MAIL_FROM',
      ['2fa@panel.example', 'Panel <2fa@panel.example>', '"Panel, Inc." <2fa@panel.example>', 'Žofie <p@localhost>'],
      ['Panel', 'Panel <2fa>', 'Panel <>', 'a@panel.example, b@panel.example', 'Team: a@panel.example;', 'x@'],
    ],
    ['VONAGE_FROM', ['31612345678', '+31612345678', 'My Panel'], ['My own control panel', '12', 'Bücher']],
    ['LOG_LEVEL', ['debug'], ['loud', 'INFO']],
    ['OTEL_TRACES_EXPORTER', ['otlp', 'none'], ['zipkin', 'otlp,console', 'OTLP']],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      ['http://collector:4318', 'https://h/otlp'],
      ['collector:4318', 'grpc://h', 'http://'],
    ],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', ['http/protobuf'], ['grpc', 'http/json']],
    ['OTEL_TRACES_SAMPLER_ARG', ['0', '1', '0.01', '.5', '1.0'], ['2', '1.5', '-0.1', '1e-2', 'half', '50%']],
    [
      'DATABASE_URL',
      ['postgres://u:p@h/d', 'postgresql://h', 'postgres:///d?host=/run/postgresql', 'postgres://h/d?sslmode=disable'],
      ['mysql://h/d', 'postgres://u:p#w@h/d', 'postgres://h:99999/d', 'postgres://h/d?sslmode=on', 'h/d', 'postgres:h'],
    ],
    [
      'QUEUE_URL',
      ['redis://h', 'rediss://h:1,i:2?cluster=true', 'postgres://h/d'],
      ['amqp://h', 'redis://', 'postgres://h/d?sslmode=on'],
    ],
    [
      'SMTP_URL',
      ['smtp://h', 'smtps://u:p@h:465', 'smtp://h smtps://i', 'smtp://h, smtp://i:2'],
      ['h', 'smtp://', 'http://h', 'smtp:///', 'smtp://h, i', ',', 'smtp://h http://i'],
    ],
    [
      'SMS_ROUTES',
      ['vonage', 'vonage,twilio', '*=http', 'NL,BE=http,vonage; *=vonage,twilio', ' NL = http ; * = vonage ; '],
      [
        'nexmo',
        'NL=http',
        'vonage,vonage',
        'nl=http;*=vonage',
        'UK=http;*=vonage',
        'ZZ=http;*=http',
        'XX=http;*=http',
      ].concat([
        'NL=http;NL=vonage;*=http',
        '*=http;vonage',
        '*=',
        '=http',
        ';',
        'NL=http=vonage;*=http',
        'NL,=http;*=http',
      ]),
    ],
    [
      'PUBLIC_URL',
      ['https://2fa.panel.example', 'http://localhost:3000/sallyport/'],
      ['2fa.panel.example', 'ftp://h', 'https://h?a=b', 'https://h/#a', 'https://h/?'],
    ],
    [
      'SMS_HTTP_URL',
      [
        'https://sms.example/send',
        'http://127.0.0.1:8080',
        'http://sms-gateway:8080/',
        'http://10.0.0.7/',
        'http://[::1]:80',
      ],
      ['http://sms.example/send', 'http://8.8.8.8', 'http://[2606:4700::1]/', 'sms.example', 'ftp://h'],
    ],
    [
      'SMS_HTTP_SECRET',
      [`whsec_${Buffer.alloc(24, 7).toString('base64')}`, `whsec_${Buffer.alloc(64, 7).toString('base64')}`],
      [
        'secret',
        `whsec_${Buffer.alloc(23, 7).toString('base64')}`,
        `whsec_${Buffer.alloc(65, 7).toString('base64')}`,
        'whsec_',
      ],
    ],
    [
      'TWILIO_FROM',
      ['+15005550006', '72345', 'My Panel', `MG${'0a'.repeat(16)}`],
      ['15005550006', 'My own control panel', 'Bücher', ''.padEnd(12, 'x')],
    ],
    ['TWILIO_ACCOUNT_SID', [`AC${'0a'.repeat(16)}`], ['AC12', `SK${'0a'.repeat(16)}`]],
    ['SALLYPORT_URL', ['http://h', 'https://h:1/base'], ['h', 'https://', 'ftp://h']],
  ])('%s is judged by who uses it', (name, right, wrong) => {
    expect(right.filter((value) => !isTaken(name, value))).toEqual([]);
    expect(wrong.filter((value) => isTaken(name, value))).toEqual([]);
  });

  it('is said in words of ours, with what it is for', () => {
    for (const [name, value] of [
      ['PORT', 'abc'],
      ['LOG_LEVEL', 'loud'],
      ['MAIL_FROM', 'x'],
      ['VONAGE_FROM', ''.padEnd(20, 'x')],
      ['DATABASE_URL', 'x'],
      ['QUEUE_URL', 'x'],
      ['QUEUE_URL', 'postgres://h/d?sslmode=on'],
    ] as const) {
      expect(() => optionalSetting(name, { [name]: value })).toThrow(
        new RegExp(`^${name} (must be|has) .*\\(.+\\)\\.$`),
      );
    }
  });

  it('says no word of what it holds', () => {
    for (const name of ['DATABASE_URL', 'QUEUE_URL', 'SMTP_URL'] as const) {
      expect(() => optionalSetting(name, { [name]: 'x://user:hidden#word@h' })).not.toThrow('hidden');
    }
  });

  it('has paths put behind it, with or without a slash at its end', () => {
    for (const address of ['https://2fa.example/base', 'https://2fa.example/base/', 'https://2fa.example/base//']) {
      expect(optionalSetting('PUBLIC_URL', { PUBLIC_URL: address })).toBe('https://2fa.example/base');
    }
  });

  it('has TLS checked in full wherever PostgreSQL is asked for it: node-postgres does, with a warning', () => {
    const url = (mode: string) =>
      optionalSetting('DATABASE_URL', { DATABASE_URL: `postgres://h/d?a=b&sslmode=${mode}` });
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full'])
      expect(url(mode)).toMatch(/&sslmode=verify-full$/);
    for (const mode of ['disable', 'no-verify']) expect(url(mode)).toMatch(new RegExp(`&sslmode=${mode}$`));
    expect(url('require&uselibpqcompat=true')).toContain('sslmode=require');
  });
});

describe('the settings of a process', () => {
  const names = ['DATABASE_URL', 'QUEUE_URL', 'SALLYPORT_KEYS', 'PORT', 'HOST'] as const;

  it('are named all at once, in one line', () => {
    const told = () => assertSettings(names, undefined, { PORT: 'abc', QUEUE_URL: 'amqp://h' });
    expect(told).toThrow(
      /^DATABASE_URL is missing [^\n]* QUEUE_URL must be [^\n]* SALLYPORT_KEYS is missing [^\n]* PORT must be [^\n]*$/,
    );
  });

  it('are enough without those that may be left out', () => {
    assertSettings(names, undefined, { DATABASE_URL: 'postgres://h', SALLYPORT_KEYS: '/keys' });
    assertSettings(names, () => false, {});
  });
});
