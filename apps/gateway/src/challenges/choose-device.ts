import { invalidRequest, Problem, type Method, type Policy } from '#contracts';
import { mayAnswer } from '#auth-core';
import { assertUnlocked, refusal, refuseDisabled, refuseMethod } from '../refusals/refusals.js';
import type { AnsweringDevice, PasskeyRead } from './verify-by-device.sql.js';
import type { VerifyChallengeBody } from './verify-challenge.schema.js';

/**
 * Which of the user's devices answers: the named one, the one whose passkey it is, or the only usable one.
 * @param all devices of the user
 * @throws {Problem} where the device is unknown, unproven, not allowed, locked, disabled, or has to be named
 */
export function chooseDevice(
  all: readonly PasskeyRead[],
  { deviceId, webauthn }: Pick<VerifyChallengeBody, 'deviceId' | 'webauthn'>,
  policy: Policy,
): AnsweringDevice {
  const rows = all.filter((row): row is AnsweringDevice => row.deviceId !== null && row.mayAnswer === true);
  const proved = all.filter(({ verifiedAt }) => verifiedAt !== null).map(({ method }) => method);
  const named = deviceId ?? (webauthn && ownerOf(rows, webauthn.id));
  const row = named === undefined ? onlyUsable(rows, policy, proved) : rows.find((each) => each.deviceId === named);
  if (!row) throw noSuchDevice();
  if (row.deviceStatus === 'unverified') throw refusal(policy, 'device_not_verified');
  if (!mayAnswer(policy.methods, row.method, proved)) throw refuseMethod(policy);
  if (row.deviceStatus === 'disabled') throw refuseDisabled(policy);
  assertUnlocked(policy, row);
  return row;
}

export function noSuchDevice(): Problem {
  return new Problem('not_found', { detail: 'This challenge has no such device.' });
}

/** @returns where none is usable, one that says why */
function onlyUsable(rows: readonly AnsweringDevice[], policy: Policy, proved: readonly Method[]): AnsweringDevice {
  const verified = rows.filter((row) => row.deviceStatus === 'verified');
  const usable = verified.filter((row) => mayAnswer(policy.methods, row.method, proved));
  const row = usable[0] ?? verified[0];
  if (usable.length > 1) throw invalidRequest('/deviceId', 'is required: the user has several devices');
  if (row) return row;
  throw invalidRequest('/code', 'cannot be checked: the user has no usable device. Use a recovery code');
}

/**
 * The device whose passkey answered. Ids of credentials are no secret: the challenge lists them.
 * @throws {Problem} `invalid_request`
 */
function ownerOf(rows: readonly AnsweringDevice[], credentialId: string): string {
  const owner = rows.find((row) => row.credentialId === credentialId)?.deviceId;
  if (!owner) throw invalidRequest('/webauthn/id', 'is not a passkey that can answer this challenge');
  return owner;
}
