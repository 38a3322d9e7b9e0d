import 'reflect-metadata';
import { invalidRequest, newId, Problem } from '#contracts';
import { Finder, Sealer, type Database } from '#persistence';
import type { Keys } from '#runtime';
import { z } from 'zod';
import { Accounts } from './accounts/accounts.js';
import { emailInput, phoneInput } from './codes/addresses.js';
import { FindDevices } from './devices/find-devices.js';
import { importedBefore, ImportDevice } from './devices/import-device.js';
import { importDeviceBody } from './devices/import-device.schema.js';
import type { Caller } from './http/caller.js';
import { bodyLimit, readJson } from './http/read-json.js';
import { externalId, line, locale } from './http/schemas.js';
import { ValidationPipe } from './http/validation.pipe.js';
import { UserContext } from './rows/user-row.js';
import { Users } from './users/users.js';

/** One user with one seed, as a panel writes it out. What is said of the user is for those that are new here. */
const lineSchema = z.strictObject({
  accountId: externalId,
  userId: externalId,
  ...importDeviceBody.shape,
  displayName: line(200).nullable().optional(),
  email: emailInput.nullable().optional(),
  phone: phoneInput.nullable().optional(),
  locale: locale.nullable().optional(),
});

export interface BulkImport {
  /**
   * Takes the bytes of one line: account, user and device in one transaction, or nothing.
   * @returns `known` where this seed was imported for this user before, whatever has become of it
   * @throws {Problem} with words for the report; they never repeat what the line says
   */
  take(line: Uint8Array): Promise<'imported' | 'known'>;
  /** Bytes of the longest line; of a longer one, the first of those and one more will do. */
  readonly lineLimit: number;
}

/** Import from the shell, by the same use cases as through the API: the same rules, the same events. */
export function openBulkImport(parts: {
  readonly database: Database;
  readonly keys: Pick<Keys, 'sealing' | 'pepper'>;
  readonly tenantId: string;
}): BulkImport {
  const { database, keys, tenantId } = parts;
  const sealer = new Sealer(keys.sealing);
  const context = new UserContext(database, sealer);
  const accounts = new Accounts(database);
  const users = new Users(database, sealer, context);
  const devices = new FindDevices(database);
  const imports = new ImportDevice(database, sealer, new Finder(keys.pepper), context, devices);
  const pipe = new ValidationPipe();
  const requestId = newId('request');
  const caller: Caller = {
    // Nobody's: events tell of none.
    apiKeyId: '',
    tenantId,
    application: null,
    scopes: ['admin'],
    expiresAt: null,
    requestId,
    proof: null,
    actor: null,
    language: 'en',
  };

  async function take(line: Uint8Array): Promise<'imported' | 'known'> {
    if (line.length > bodyLimit) throw invalidRequest('', `The line is longer than ${bodyLimit / 1024} KiB.`);
    const value = pipe.transform(readJson(line, 'The line'), { type: 'body', schema: lineSchema });
    const { accountId, userId, name, secret, algorithm, digits, period, ...profile } = value as z.infer<
      typeof lineSchema
    >;
    const seed = { name, secret, algorithm, digits, period };
    const { displayName, email, phone, locale: language } = profile;
    const told = { displayName, email, phone, locale: language };
    const differences = await imports.differences(tenantId, accountId, userId, seed, told);
    if (differences?.length === 0) return 'known';
    if (differences) throw importedBefore(null, differences);
    try {
      await database.transaction(async () => {
        if (!(await isThere(context.find(caller, accountId, userId)))) {
          await accounts.put(caller, accountId, {});
          await users.put(caller, accountId, userId, profile);
        }
        await imports.run(caller, accountId, userId, seed, told);
      });
    } catch (error) {
      // Another import of the same file was faster.
      if (error instanceof Problem && error.code === 'device_already_verified') return 'known';
      throw error;
    }
    return 'imported';
  }
  return { take, lineLimit: bodyLimit };
}

async function isThere(found: Promise<unknown>): Promise<boolean> {
  try {
    await found;
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return false;
    throw error;
  }
}
