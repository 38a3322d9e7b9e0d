import { Injectable } from '@nestjs/common';
import { invalidRequest, newId, Problem } from '#contracts';
import { parseTotpSecret, seedLengths, totpDefaults } from '#auth-core';
import { Database, deviceSeal, event, eventsParameter, Finder, Sealer } from '#persistence';
import { adviceOnSeed, isShortSeed } from '../advice/advice.js';
import type { Caller } from '../http/caller.js';
import { refusal } from '../refusals/refusals.js';
import { effectivePolicy, UserContext, type PolicyInForce } from '../rows/user-row.js';
import { viewDevice } from './device-view.js';
import { FindDevices } from './find-devices.js';
import type { ImportDeviceAnswer, ImportDeviceBody } from './import-device.schema.js';
import { importSeed, knownSeed } from './import-device.sql.js';
import { assertFits, assertPerson, fitsValues, provedEvents } from './proved-device.js';

/** Takes over authenticator apps from another system, so that nobody has to enrol again. No call gives a seed out. */
@Injectable()
export class ImportDevice {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly finder: Finder,
    private readonly users: UserContext,
    private readonly findDevices: FindDevices,
  ) {}

  /** @param told what else came with it, to be recognised when it comes again */
  async run(
    caller: Caller,
    accountId: string,
    userId: string,
    body: ImportDeviceBody,
    told: ImportedFields = {},
  ): Promise<ImportDeviceAnswer> {
    const secret = seedOf(body);
    // Twice, where the user's devices have changed since they were read.
    for (let again = true; ; again = false) {
      const row = await this.findDevices.owner(caller, accountId, userId);
      const policy = effectivePolicy(row);
      assertPerson(policy, row);
      if (isShortSeed(secret) && !policy.totp.allowShortImport) throw tooShort(secret);
      assertFits(policy, row.others, 'totp', null);
      const deviceId = newId('device');
      const { algorithm, digits, period } = { ...totpDefaults, ...defined(body) };
      const device = {
        id: deviceId,
        tenant_id: row.tenantId,
        method: 'totp',
        name: body.name,
        secret: this.sealer.seal('seed', deviceSeal(row.tenantId, deviceId), secret).toString('base64'),
        algorithm,
        digits,
        period,
      };
      const facts = { deviceId, method: 'totp' as const };
      const done = await this.database.one(importSeed, {
        device: JSON.stringify(device),
        userRef: row.userRef,
        mac: this.seedMac(caller.tenantId, accountId, userId, secret),
        events: eventsParameter(this.users.events(caller, row), [
          event('device.imported', facts, { when: 'verified', personal: { deviceName: body.name } }),
          ...provedEvents(0, null),
        ]),
        ...fitsValues(policy),
        codeMacs: [],
        setId: newId('recoverySet'),
        fields: JSON.stringify(this.fieldMacs(row.tenantId, accountId, userId, { ...seedFields(body), ...told })),
      });
      if (done?.imported) {
        const imported = await this.findDevices.one(caller, deviceId);
        return {
          ...viewDevice(this.sealer, imported, policy, imported),
          advice: adviceOnSeed(secret, policy, caller.language),
        };
      }
      if (done?.fitting) {
        throw importedBefore(policy, (await this.differences(row.tenantId, accountId, userId, body, told)) ?? []);
      }
      if (!again) throw refusal(policy, 'method_conflict');
    }
  }

  /**
   * Whether this seed was imported for this user before.
   * @returns the names of what was told otherwise then; undefined where it is new
   * @throws {Problem} `invalid_request` where it is no seed
   */
  async differences(
    tenantId: string,
    accountId: string,
    userId: string,
    body: ImportDeviceBody,
    told: ImportedFields,
  ): Promise<string[] | undefined> {
    const mac = this.seedMac(tenantId, accountId, userId, seedOf(body));
    const known = await this.database.one(knownSeed, { mac });
    if (!known) return undefined;
    const then = known.fields ?? {};
    const now = this.fieldMacs(tenantId, accountId, userId, { ...seedFields(body), ...told });
    return Object.keys(now).filter((name) => then[name] !== undefined && then[name] !== now[name]);
  }

  /** What was told with a seed, in a form that can only be compared: it outlives the user. */
  private fieldMacs(tenantId: string, accountId: string, userId: string, fields: ImportedFields) {
    const mac = (name: string, value: unknown) =>
      this.finder.mac('imported-seed', tenantId, accountId, userId, name, JSON.stringify(value ?? null));
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, mac(name, value).subarray(0, 8).toString('base64')]),
    );
  }

  private seedMac(tenantId: string, accountId: string, userId: string, secret: Uint8Array): Buffer {
    return this.finder.mac('imported-seed', tenantId, accountId, userId, Buffer.from(secret).toString('base64'));
  }
}

function seedOf({ secret }: ImportDeviceBody): Uint8Array {
  const seed = parseTotpSecret(secret, seedLengths.shortest);
  if (!seed) throw invalidRequest('/secret', 'must be base 32 (letters and the digits 2 to 7) with 128 to 1,024 bits');
  return seed;
}

/**
 * Of a seed that comes again. One that comes with other values was corrected since: nobody should believe that this was
 * heeded.
 * @param differing names of the values that were others then
 */
export function importedBefore(policy: PolicyInForce | null, differing: readonly string[]): Problem {
  const detail =
    differing.length === 0
      ? 'This seed was imported for this user before. One that was removed since does not come back.'
      : `This seed was imported for this user before, with another ${differing.join(', ')}. Nothing was changed: let the user enrol a new device.`;
  const errors = differing.map((name) => ({ pointer: `/${name}`, detail: 'differs from what was imported before' }));
  const details = { detail, ...(errors.length > 0 ? { errors } : {}) };
  return policy ? refusal(policy, 'device_already_verified', details) : new Problem('device_already_verified', details);
}

function tooShort(seed: Uint8Array): Problem {
  const detail = `has ${seed.length * 8} bits, and 128 are safe: 26 characters. The policy may allow shorter ones (totp.allowShortImport)`;
  return invalidRequest('/secret', detail);
}

/** What an import tells besides the seed, by the names of its fields. */
export type ImportedFields = Readonly<Record<string, string | number | null | undefined>>;

function seedFields(body: ImportDeviceBody): ImportedFields {
  return { name: body.name, ...totpDefaults, ...defined(body) };
}

function defined({ algorithm, digits, period }: ImportDeviceBody) {
  return {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(digits === undefined ? {} : { digits }),
    ...(period === undefined ? {} : { period }),
  };
}
