import { readFile, rename, writeFile } from 'node:fs/promises';
import { hashPassword, isPassword } from './passwords.js';

/** A customer of the panel. */
export interface Account {
  readonly id: string;
  readonly name: string;
}

/** Someone, or something, with a password of the panel. */
export interface Person {
  /** The panel's own id and login name at once. */
  readonly id: string;
  readonly accountId: string;
  readonly displayName: string;
  /** A service user signs in by the panel's API only. */
  readonly kind: 'person' | 'service';
  readonly email: string | null;
  /** E.164 */
  readonly phone: string | null;
  /** Whether the administration is open to them. */
  readonly administrator: boolean;
  readonly passwordHash: string;
}

/** A person in the paths of Sallyport. */
export const ofPerson = ({ accountId, id }: Person) => ({ accountId, userId: id });

interface Directory {
  /** Shown beside the sign-in form; left out where the people are real. */
  readonly demoPassword?: string | undefined;
  readonly accounts: readonly Account[];
  readonly people: readonly Person[];
}

/** What everyone in the demo has for a password. */
const demoPassword = 'correct horse battery staple';

/** Companies and people to try things with. Numbers are of ranges that are kept free for examples. */
async function demoDirectory(): Promise<Directory> {
  const passwordHash = await hashPassword(demoPassword);
  const person = (accountId: string, id: string, displayName: string, more: Partial<Person> = {}): Person => ({
    id,
    accountId,
    displayName,
    kind: 'person',
    email: `${id}@${accountId}.example`,
    phone: null,
    administrator: false,
    passwordHash,
    ...more,
  });
  return {
    demoPassword,
    accounts: [
      { id: 'harbour', name: 'Harbour Supplies' },
      { id: 'lighthouse', name: 'Lighthouse Inn' },
      { id: 'office', name: 'The people who run this panel' },
    ],
    people: [
      person('harbour', 'anna', 'Anna Visser', { phone: '+31612345601' }),
      person('harbour', 'bob', 'Bob de Wit', { phone: '+31612345602' }),
      person('lighthouse', 'dora', 'Dora Novák', { phone: '+420601123456' }),
      person('office', 'admin', 'Administrator', { administrator: true }),
      person('office', 'backup', 'Nightly backup', { kind: 'service', email: null }),
    ],
  };
}

/** Those who may sign in with a password. */
export class People {
  private constructor(private readonly directory: Directory) {}

  /**
   * Reads them from a file. Where there is none, it is made, with people to try things with.
   * @throws {Error} where it is not JSON, in words for the operator; or the error of the file system
   */
  static async open(file: string): Promise<People> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (text === undefined) {
      const directory = await demoDirectory();
      await writeFile(`${file}.new`, `${JSON.stringify(directory, null, 2)}\n`, { mode: 0o600 });
      await rename(`${file}.new`, file);
      return new People(directory);
    }
    try {
      return new People(JSON.parse(text) as Directory);
    } catch {
      const words = `the people of the panel in ${file} are no JSON. Mend the file, or remove it to begin anew.`;
      throw Object.assign(new Error(words), { saysAll: true });
    }
  }

  get demoPassword(): string | undefined {
    return this.directory.demoPassword;
  }

  get accounts(): readonly Account[] {
    return this.directory.accounts;
  }

  get all(): readonly Person[] {
    return this.directory.people;
  }

  /** The person, if the password is right; an unknown name takes as long. */
  async signIn(name: string, password: string): Promise<Person | undefined> {
    const person = this.all.find(({ id }) => id === name.trim().toLowerCase());
    return (await isPassword(password, person?.passwordHash)) ? person : undefined;
  }
}
