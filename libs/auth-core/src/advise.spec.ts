import { describe, expect, test } from '@jest/globals';
import { advise, type AdviceInput } from './advise.js';

const input = (change: Partial<AdviceInput>): AdviceInput => ({
  devices: [{ method: 'totp' }],
  recoveryCodes: { left: 10, acknowledged: true },
  setSize: 10,
  totp: null,
  ...change,
});

describe('advice', () => {
  test('is not needed by whoever has an app and saved codes', () => expect(advise(input({}))).toEqual([]));

  test.each([
    ['one passkey that nothing backs up', [{ method: 'webauthn', backedUp: false }], ['passkey_only']],
    ['one passkey of which that is not known', [{ method: 'webauthn' }], ['passkey_only']],
    ['one passkey that is backed up', [{ method: 'webauthn', backedUp: true }], []],
    ['two passkeys', [{ method: 'webauthn' }, { method: 'webauthn' }], []],
    ['one SMS device', [{ method: 'sms' }], ['sms_only']],
    ['two SMS devices', [{ method: 'sms' }, { method: 'sms' }], ['sms_only']],
    ['SMS beside an app', [{ method: 'sms' }, { method: 'totp' }], []],
    ['no device', [], []],
  ] as const)('of devices: %s', (_, devices, expected) => expect(advise(input({ devices }))).toEqual(expected));

  test.each([
    [10, { left: 4, acknowledged: true }, []],
    [10, { left: 3, acknowledged: true }, ['recovery_codes_low']],
    [10, { left: 0, acknowledged: true }, ['recovery_codes_low']],
    [10, { left: 10, acknowledged: false }, ['recovery_codes_not_acknowledged']],
    // One of the two is enough: both end by making a new set.
    [10, { left: 2, acknowledged: false }, ['recovery_codes_low']],
    [3, { left: 3, acknowledged: true }, []],
    [3, { left: 2, acknowledged: true }, ['recovery_codes_low']],
    [1, { left: 0, acknowledged: true }, ['recovery_codes_low']],
    // Imported with the device, or never made.
    [10, null, ['recovery_codes_missing']],
    [0, null, []],
    [0, { left: 0, acknowledged: false }, []],
  ])('of recovery codes: of a set of %i, %j', (setSize, recoveryCodes, expected) =>
    expect(advise(input({ setSize, recoveryCodes }))).toEqual(expected),
  );

  test('is nothing without a device, whatever else', () =>
    expect(advise(input({ devices: [], recoveryCodes: { left: 1, acknowledged: false } }))).toEqual([]));

  // Step 100 of 30 s lasts from 3000 to 3030.
  test.each([
    ['the present step', 100, 3029, []],
    ['the present step, at its very beginning', 100, 3000, []],
    ['the step before, typed over its end', 99, 3005, []],
    ['the step before, typed slowly', 99, 3019, []],
    ['the step before, most of a period late', 99, 3020, ['clock_drift']],
    ['the next step, most of a period early', 101, 3005, ['clock_drift']],
    ['the next step, early by more than our clocks differ', 101, 3019, ['clock_drift']],
    ['the next step, as our clocks may differ', 101, 3020, []],
  ])('of the clock: %s', (_, step, seconds, expected) => {
    const at = new Date(seconds * 1000);
    expect(advise(input({ totp: { step, period: 30, at } }))).toEqual(expected);
  });
});
