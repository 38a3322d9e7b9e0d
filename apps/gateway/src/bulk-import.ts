import 'reflect-metadata';
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { invalidRequest, Problem } from '#contracts';
import { Database, Finder, Sealer } from '#persistence';
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
import { shellCaller } from './shell-caller.js';
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

interface BulkImportParts {
  readonly database: Database;
  readonly keys: Pick<Keys, 'sealing' | 'pepper'>;
}

/** Import from the shell, by the same use cases as through the API: the same rules, the same events. */
export async function openBulkImport(parts: BulkImportParts & { readonly tenantId: string }): Promise<BulkImport> {
  const context = await NestFactory.createApplicationContext(BulkImportModule.with(parts), {
    logger: false,
    abortOnError: false,
  });
  const importLine = context.get(ImportLine);
  const caller = shellCaller(parts.tenantId);
  return { take: (line) => importLine.run(caller, line), lineLimit: bodyLimit };
}

@Injectable()
class ImportLine {
  constructor(
    private readonly database: Database,
    private readonly context: UserContext,
    private readonly accounts: Accounts,
    private readonly users: Users,
    private readonly imports: ImportDevice,
    private readonly pipe: ValidationPipe,
  ) {}

  async run(caller: Caller, line: Uint8Array): Promise<'imported' | 'known'> {
    if (line.length > bodyLimit) throw invalidRequest('', `The line is longer than ${bodyLimit / 1024} KiB.`);
    const value = this.pipe.transform(readJson(line, 'The line'), { type: 'body', schema: lineSchema });
    const { accountId, userId, name, secret, algorithm, digits, period, ...profile } = value as z.infer<
      typeof lineSchema
    >;
    const seed = { name, secret, algorithm, digits, period };
    const { displayName, email, phone, locale: language } = profile;
    const told = { displayName, email, phone, locale: language };
    const differences = await this.imports.differences(caller.tenantId, accountId, userId, seed, told);
    if (differences?.length === 0) return 'known';
    if (differences) throw importedBefore(null, differences);
    try {
      await this.database.transaction(async () => {
        if (!(await isThere(this.context.find(caller, accountId, userId)))) {
          await this.accounts.put(caller, accountId, {});
          await this.users.put(caller, accountId, userId, profile);
        }
        await this.imports.run(caller, accountId, userId, seed, told);
      });
    } catch (error) {
      // Another import of the same file was faster.
      if (error instanceof Problem && error.code === 'device_already_verified') return 'known';
      throw error;
    }
    return 'imported';
  }
}

@Module({})
class BulkImportModule {
  static with({ database, keys }: BulkImportParts): DynamicModule {
    return {
      module: BulkImportModule,
      providers: [
        { provide: Database, useValue: database },
        { provide: Sealer, useValue: new Sealer(keys.sealing) },
        { provide: Finder, useValue: new Finder(keys.pepper.lookups) },
        UserContext,
        Accounts,
        Users,
        FindDevices,
        ImportDevice,
        ValidationPipe,
        ImportLine,
      ],
    };
  }
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
