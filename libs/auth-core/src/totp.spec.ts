import { spawnSync } from 'node:child_process';
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { createGuardrails, generateSync, ScureBase32Plugin } from 'otplib';
import { systemRandom } from './ports.js';
import {
  matchTotp,
  newTotpSecret,
  parseTotpSecret,
  totpDefaults,
  totpSecretText,
  totpUri,
  type TotpAlgorithm,
  type TotpParameters,
} from './totp.js';

const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'ascii'));
const digits = '1234567890';

/** The seeds of RFC 6238 appendix B: its erratum 2866 gives SHA-256 32 bytes and SHA-512 64. */
const seeds: Record<TotpAlgorithm, Uint8Array> = {
  sha1: ascii(digits.repeat(2)),
  sha256: ascii(digits.repeat(4).slice(0, 32)),
  sha512: ascii(digits.repeat(7).slice(0, 64)),
};

/** RFC 6238 appendix B: Unix time and the code for each algorithm. The last two are beyond 2³¹ and 2³² seconds. */
const table: [number, Record<TotpAlgorithm, string>][] = [
  [59, { sha1: '94287082', sha256: '46119246', sha512: '90693936' }],
  [1_111_111_109, { sha1: '07081804', sha256: '68084774', sha512: '25091201' }],
  [1_111_111_111, { sha1: '14050471', sha256: '67062674', sha512: '99943326' }],
  [1_234_567_890, { sha1: '89005924', sha256: '91819424', sha512: '93441116' }],
  [2_000_000_000, { sha1: '69279037', sha256: '90698825', sha512: '38618901' }],
  [20_000_000_000, { sha1: '65353130', sha256: '77737706', sha512: '47863826' }],
];

/** RFC 4226 appendix D: codes of the counters 0 … 9. */
const hotp = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');

const six: TotpParameters = { secret: seeds.sha1, ...totpDefaults };
const eight = (algorithm: TotpAlgorithm): TotpParameters => ({
  secret: seeds[algorithm],
  algorithm,
  digits: 8,
  period: 30,
});

describe('T33 the vectors of the RFCs', () => {
  test.each(hotp.map((code, counter) => [counter, code]))('T33 RFC 4226 appendix D: counter %d', (counter, code) => {
    expect(matchTotp(six, String(code), Number(counter) * 30, 0, null)).toEqual({ result: 'match', step: counter });
  });

  const rows = table.flatMap(([time, codes]) =>
    (Object.entries(codes) as [TotpAlgorithm, string][]).map(([algorithm, code]) => [algorithm, time, code] as const),
  );
  test.each(rows)('T33 RFC 6238 appendix B: %s at %d s', (algorithm, time, code) => {
    const totp = eight(algorithm);
    expect(matchTotp(totp, code, time, 0, null)).toEqual({ result: 'match', step: Math.floor(time / 30) });
    // The six digits that people see are the last six of the eight.
    expect(matchTotp({ ...totp, digits: 6 }, code.slice(2), time, 0, null).result).toBe('match');
    const changed = code.slice(0, 7) + ((Number(code[7]) + 1) % 10);
    expect(matchTotp(totp, changed, time, 0, null).result).toBe('wrong');
  });

  it('T33 agrees with the vectors over the whole step, and in no step beside it', () => {
    const time = 20_000_000_000;
    const start = Math.floor(time / 30) * 30;
    for (const second of [start, start + 29, start + 29.999]) {
      expect(matchTotp(eight('sha1'), '65353130', second, 0, null).result).toBe('match');
    }
    expect(matchTotp(eight('sha1'), '65353130', start - 1, 0, null)).toEqual({ result: 'wrong' });
    expect(matchTotp(eight('sha1'), '65353130', start + 30, 0, null)).toEqual({ result: 'late' });
  });
});

describe('the window', () => {
  const now = 1_800_000_015;
  const step = Math.floor(now / 30);
  const code = (steps: number) => generateSync({ ...six, epoch: now + steps * 30 });

  it('takes one step either way, and with 0 none', () => {
    const results = (window: number) =>
      [-2, -1, 0, 1, 2].map((steps) => matchTotp(six, code(steps), now, window, null).result);
    expect(results(1)).toEqual(['late', 'match', 'match', 'match', 'wrong']);
    expect(results(0)).toEqual(['late', 'late', 'match', 'wrong', 'wrong']);
  });

  it('hints at a late clock for ten minutes, never at a code still to come', () => {
    expect(matchTotp(six, code(-20), now, 1, null)).toEqual({ result: 'late' });
    expect(matchTotp(six, code(-22), now, 1, null)).toEqual({ result: 'wrong' });
    for (let steps = 2; steps <= 30; steps += 1) {
      expect(matchTotp(six, code(steps), now, 1, null)).toEqual({ result: 'wrong' });
    }
  });

  it('takes no step at or below the last used one', () => {
    const results = (lastUsed: number) =>
      [-1, 0, 1].map((steps) => matchTotp(six, code(steps), now, 1, step + lastUsed).result);
    expect(results(-2)).toEqual(['match', 'match', 'match']);
    expect(results(-1)).toEqual(['replayed', 'match', 'match']);
    expect(results(0)).toEqual(['replayed', 'replayed', 'match']);
    expect(results(1)).toEqual(['replayed', 'replayed', 'replayed']);
    // After a clock was set back, the last used step may be far ahead.
    expect(results(1000)).toEqual(['replayed', 'replayed', 'replayed']);
  });

  it('tells the step that matched, for whatever seed and time', () => {
    const any = fc.record({
      secret: fc.uint8Array({ minLength: 16, maxLength: 64 }),
      algorithm: fc.constantFrom<TotpAlgorithm>('sha1', 'sha256', 'sha512'),
      digits: fc.constantFrom<6 | 8>(6, 8),
      period: fc.constantFrom(30, 60),
    });
    const check = (totp: TotpParameters, time: number) => {
      const token = generateSync({ ...totp, epoch: time });
      const found = matchTotp(totp, token, time, 0, null);
      expect(found).toEqual({ result: 'match', step: Math.floor(time / totp.period) });
    };
    fc.assert(fc.property(any, fc.integer({ min: 0, max: 2 ** 36 }), check), { numRuns: 200 });
  });
});

/** What an authenticator app reads from the address (Google key-URI format). */
function read(uri: string) {
  const url = new URL(uri);
  const label = decodeURIComponent(url.pathname.slice(1));
  const colon = label.indexOf(':');
  return {
    protocol: url.protocol,
    type: url.host,
    labelIssuer: label.slice(0, colon),
    account: label.slice(colon + 1).trim(),
    parameters: Object.fromEntries(url.searchParams),
  };
}

describe('T33 the otpauth address', () => {
  const names = [
    ['Sallyport', 'alice@example.com'],
    ['Café & Söhne GmbH', 'jürgen+panel@exämple.de'],
    ['50% off?', 'a/b\\c#d'],
    ['株式会社', '田中 太郎'],
    ['👩‍💻 Panel', 'o\'neil "the" <admin>'],
    ['a=b&secret=AAAA', 'x&issuer=evil'],
    ['%41', '%3A'],
  ];
  test.each(names)('T33 reads back as it was written: %s, %s', (issuer, account) => {
    const secret = newTotpSecret(systemRandom);
    const { parameters, ...rest } = read(totpUri({ secret, ...totpDefaults }, issuer ?? '', account ?? ''));
    expect(rest).toEqual({ protocol: 'otpauth:', type: 'totp', labelIssuer: issuer, account });
    expect(parameters['issuer']).toBe(issuer);
    expect(new ScureBase32Plugin().decode(parameters['secret'] ?? '')).toEqual(new Uint8Array(secret));
    // What is left out is the default of the format: SHA1, 6, 30.
    expect([parameters['algorithm'] ?? 'SHA1', parameters['digits'] ?? '6', parameters['period'] ?? '30']).toEqual([
      'SHA1',
      '6',
      '30',
    ]);
  });

  it('T33 keeps colons out of both parts of the label', () => {
    const uri = totpUri({ secret: seeds.sha1, ...totpDefaults }, 'Acme: Panel', 'user:7: a');
    expect(read(uri)).toMatchObject({
      labelIssuer: 'Acme Panel',
      account: 'user 7 a',
      parameters: { issuer: 'Acme Panel' },
    });
    const bare = totpUri({ secret: seeds.sha1, ...totpDefaults }, ':Acme:', ' user:');
    expect(read(bare)).toMatchObject({ labelIssuer: 'Acme', account: 'user', parameters: { issuer: 'Acme' } });
  });

  it('T33 says what differs from the defaults', () => {
    const uri = totpUri({ secret: seeds.sha512, algorithm: 'sha512', digits: 8, period: 60 }, 'Panel', 'a');
    expect(read(uri).parameters).toMatchObject({ algorithm: 'SHA512', digits: '8', period: '60' });
  });

  it('T33 writes the seed in base 32 without padding', () => {
    expect(totpSecretText(seeds.sha1)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(totpSecretText(seeds.sha256)).not.toContain('=');
    expect(newTotpSecret(systemRandom)).toHaveLength(20);
  });
});

describe('T33 an independent generator', () => {
  const found = spawnSync('oathtool', ['--version']).status === 0;
  // CI installs it; elsewhere the vectors of the RFCs have to do.
  const orSkip = found ? test : test.skip;
  const reason = found ? '' : ' (skipped: there is no oathtool on the PATH; install the package "oathtool")';

  orSkip(`T33 oathtool makes the same codes${reason}`, () => {
    const times = [0, 59, 1_111_111_109, 1_800_000_000, 2 ** 31, 2 ** 32 + 7, 20_000_000_000];
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      for (const length of [16, 20, 32, 64]) {
        const totp: TotpParameters = {
          secret: systemRandom.bytes(length),
          algorithm,
          digits: length === 20 ? 6 : 8,
          period: 30,
        };
        const time = times[length % times.length] ?? 0;
        const result = spawnSync('oathtool', [
          `--totp=${algorithm}`,
          `--digits=${totp.digits}`,
          '--base32',
          `--now=@${time}`,
          totpSecretText(totp.secret),
        ]);
        const code = result.stdout.toString().trim();
        expect(matchTotp(totp, code, time, 0, null)).toEqual({ result: 'match', step: Math.floor(time / 30) });
      }
    }
  });
});

describe('a seed of another system', () => {
  const written = totpSecretText(seeds.sha1);

  it.each([
    written,
    written.toLowerCase(),
    written.replaceAll(/(.{4})/g, '$1 '),
    written.replaceAll(/(.{4})/g, '$1-').slice(0, -1),
    ` ${written}\n`,
  ])('is read as written: %j', (text) => {
    expect(parseTotpSecret(text)).toEqual(seeds.sha1);
  });

  it('is read whatever its length from 128 bits on, with and without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 128 }), (secret) => {
        const text = totpSecretText(secret);
        expect(parseTotpSecret(text)).toEqual(secret);
        expect(parseTotpSecret(text.padEnd(Math.ceil(text.length / 8) * 8, '='))).toEqual(secret);
      }),
    );
  });

  it.each([
    // The last letter has two bits more than the sixteenth byte: A, B, C, D.
    ['JBSWY3DPEHPK3PXPJBSWY3DPEB', 'JBSWY3DPEHPK3PXPJBSWY3DPEA'],
    ['JBSWY3DPEHPK3PXPJBSWY3DPED', 'JBSWY3DPEHPK3PXPJBSWY3DPEA'],
    ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK7======', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK6'],
    ['JBSWY3DPEHPK3PXPJBSWY3DPEHPX7', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPX6'],
    ['jbsw\u2011y3dp\u00a0ehpk 3pxp\u200b jbsw y3dp ehpk 3pxp', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
    ['ＪＢＳＷY3DPEHPK3PXPJBSWY3DPEHPK3PXP', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
  ])('is read whatever its last bits are, and its letters: %s', (text, plain) => {
    const secret = parseTotpSecret(plain);
    expect(secret?.length).toBeGreaterThanOrEqual(16);
    expect(parseTotpSecret(text)).toEqual(secret);
  });

  it('is short only where short ones are asked for', () => {
    expect(parseTotpSecret('JBSWY3DPEHPK3PXP')).toBeUndefined();
    expect(parseTotpSecret('JBSWY3DPEHPK3PXP', 10)).toHaveLength(10);
    expect(parseTotpSecret('JBSWY3DPEHPK3PX', 10)).toBeUndefined();
  });

  it.each([10, 15, 16, 64, 65, 128])('is good for codes with %d bytes', (length) => {
    const secret = new Uint8Array(length).fill(7);
    const guardrails = createGuardrails({ MIN_SECRET_BYTES: 1, MAX_SECRET_BYTES: 200 });
    for (const period of [15, 30, 120]) {
      const token = generateSync({ secret, epoch: 1_000_000_000, period, guardrails });
      const found = matchTotp({ ...six, secret, period }, token, 1_000_000_000, 1, null);
      expect(found).toEqual({ result: 'match', step: Math.floor(1_000_000_000 / period) });
    }
  });

  it('is read up to 1,024 bits', () => {
    const longest = new Uint8Array(128).fill(7);
    expect(parseTotpSecret(totpSecretText(longest))).toEqual(longest);
    expect(parseTotpSecret(totpSecretText(new Uint8Array(129).fill(7)))).toBeUndefined();
  });

  it.each([
    '',
    '====',
    'A'.repeat(25),
    'A'.repeat(24),
    'A'.repeat(31) + '1',
    'A'.repeat(31) + '0',
    'A'.repeat(400),
    'ä'.repeat(32),
    `A=${'A'.repeat(30)}`,
  ])('is refused where it is none or too short: %j', (text) => {
    expect(parseTotpSecret(text)).toBeUndefined();
  });
});
